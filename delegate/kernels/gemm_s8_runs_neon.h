#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_RUNS_NEON_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_RUNS_NEON_H_

#include <cstddef>
#include <cstdint>

namespace wqlite {

// How the kernels for NEON without dot products pack the weights of int8
// products. They add products in int16 lanes before they add these to int32
// sums. How many products fit int16 depends on the weights w, as |a| <= 128:
//
//   two   as long as no weight is -128:  16 products in 3 instructions
//   four  where |w0| + ... + |w3| <= 255: 32 products in 5 instructions
//
// A block is 16 deep; in lane l of a chain of four, of two blocks, meet the
// weights l, l + 8, l + 16 and l + 24. Packing looks at every two neighbouring
// blocks of a pair of output channels, and writes down runs with chains of four
// and runs with chains of two. Of normally distributed weights whose largest is
// 3.5 standard deviations, nine in ten take fours; of weights truncated at two,
// one in ten. (A layer with a weight of -128 takes another kernel.)
//
// A pair's packed weights: runs, then [blocks][halves][2][8] or, on AArch64,
// [blocks][2][halves][8]. Runs are pairs of uint16: the number of chains of
// four, then of two; they end with the blocks.

inline constexpr int kRunsDepth = 16;
inline constexpr int kRunsPair = 2;  ///< Output channels of a pair.

/// Bytes of a pair's runs, and of all that is packed for it.
size_t RunsBytes(int blocks);
size_t RunsPairBytes(int blocks);

/// See GemmS8Kernel.
uint64_t RunsPackedBytes(int blocks);
void PackRuns(const int8_t* w, int columns, int length, int blocks,
              int8_t* packed);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_RUNS_NEON_H_
