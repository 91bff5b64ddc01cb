#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_

#include <cstdint>

namespace wqlite {

// The plain packings of gemm_s8's weights, padded with zeros. Compiled for any
// processor, so that they may be shared by kernels for different ones.

/// For kernels that compute pairs of output channels, with blocks 16 deep:
/// [4 pairs][blocks][2][16].
uint64_t PairsPackedBytes16(int blocks);
void PackPairs16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed);

/// For dot products of four, with blocks 8 deep: [blocks][2][8 columns][4].
uint64_t FoursPackedBytes8(int blocks);
void PackFours8(const int8_t* w, int columns, int length, int blocks,
                int8_t* packed);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
