#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_

#include <cstdint>

namespace wqlite {

// The plain packing of gemm_s8's weights, for kernels that compute pairs of
// output channels: [4 pairs][blocks][2][depth], padded with zeros. Compiled for
// any processor, so that it may be shared by kernels for different ones.

uint64_t PairsPackedBytes16(int blocks);
void PackPairs16(const int8_t* w, int columns, int length, int blocks,
                 int8_t* packed);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_PACK_H_
