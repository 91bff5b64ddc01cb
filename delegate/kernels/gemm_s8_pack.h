#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_

#include <cstdint>

namespace wqlite {

// The plain packings of gemm_s8's weights, padded with zeros. Compiled for any
// processor, so that they may be shared by kernels for different ones.

/// Of all packings of blocks 16 deep.
uint64_t PackedBytes16(int blocks);

/// For kernels that compute pairs of output channels:
/// [4 pairs][blocks][2][16].
void PackPairs16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed);

/// Of all packings of blocks 8 deep.
uint64_t PackedBytes8(int blocks);

/// For products of four values at once: [blocks][2][8 columns][4] and
/// [blocks][4][8 columns][4].
void PackFours8(const int8_t* w, int columns, int length, int blocks,
                int8_t* packed);
void PackFours16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed);
/// For products of eight: [blocks][2][8 columns][8].
void PackEights16(const int8_t* w, int columns, int length, int blocks,
                  int8_t* packed);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
