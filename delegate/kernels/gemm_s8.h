#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_H_

#include <cstdint>

#include "delegate/kernels/isa.h"

namespace wqlite {

/// Elements of depth that lie together in packed operands of gemm_s8.
inline constexpr int kGemmS8Depth = 16;
/// Output channels in one row of the sums.
inline constexpr int kGemmS8Columns = 8;

/// The inner products of a direct convolution: for each row (time step) r and
/// column (output channel) c, modulo 2^32,
///
///   acc[r][c] = sum_k a[r][k] * w[c][k],  c < 8
///
/// a: [blocks][rows][16], w: [8 / columns][blocks][columns][16],
/// acc: [rows][8]. Depth is padded with zero weights to a multiple of 16.
struct GemmS8Kernel {
  const char* name;  ///< gemm_s8_<rows>x<columns>__<isa>
  Isa isa;
  int rows;
  int columns;               ///< Divides 8.
  bool takes_lowest_weight;  ///< Exact for weights of -128, too.
  void (*run)(int blocks, const int8_t* a, const int8_t* w, int32_t* acc);
};

/// The kernel for `isa`, or null when this build has none.
const GemmS8Kernel* FindGemmS8(Isa isa);

/// The kernel for the best instruction set of this processor.
const GemmS8Kernel& BestGemmS8();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_H_
