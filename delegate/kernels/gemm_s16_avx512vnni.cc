// AVX-512 VNNI. vpdpwssd multiplies pairs of input channels of 8 output
// channels and adds each pair to its sum: 16 products, with the pair of v
// broadcast from memory. Both pairs of a quad have sums of their own, because
// an instruction waits long for the one before it on the same sum.
//
// Vectors of 16 output channels would need another layout of all sums, and
// layers are faster with the direct kernel on these machines anyway.
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// sum += pairs of products of u and of the pair of v that is broadcast. The
// intrinsic, but GCC 12 copies its sums around.
inline __attribute__((always_inline)) void MultiplyAdd(__m256i u,
                                                       const int16_t* v,
                                                       __m256i* sum) {
  using Pair = const int32_t __attribute__((may_alias));
  asm("vpdpwssd %2%{1to8%}, %1, %0"
      : "+v"(*sum)
      : "v"(u), "m"(*reinterpret_cast<Pair*>(v)));
}

template <int Tiles>
void Run(const GemmS16Args& args) {
  for (int p = 0; p < args.points; ++p) {
    auto* acc = reinterpret_cast<__m256i*>(args.acc) + p * Tiles;
    __m256i even[Tiles];
    __m256i odd[Tiles];
#pragma GCC unroll 16
    for (int t = 0; t < Tiles; ++t) {
      even[t] = args.accumulate ? _mm256_loadu_si256(acc + t)
                                : _mm256_setzero_si256();
      odd[t] = _mm256_setzero_si256();
    }
    const int16_t* v = args.v + p * args.v_point_stride;
    const auto* u =
        reinterpret_cast<const __m256i*>(args.u + p * args.u_point_stride);
    for (int quad = 0; quad < args.quads; ++quad) {
      const __m256i u_even = _mm256_loadu_si256(u);
      const __m256i u_odd = _mm256_loadu_si256(u + 1);
#pragma GCC unroll 16
      for (int t = 0; t < Tiles; ++t) {
        MultiplyAdd(u_even, v + t * 4, &even[t]);
        MultiplyAdd(u_odd, v + t * 4 + 2, &odd[t]);
      }
      u += 2;
      v += args.v_quad_stride;
    }
#pragma GCC unroll 16
    for (int t = 0; t < Tiles; ++t) {
      _mm256_storeu_si256(acc + t, _mm256_add_epi32(even[t], odd[t]));
    }
  }
}

// Measured on the layers of Wav2letter (Sapphire Rapids).
GemmS16Cost Cost(CostUnit) {
  return {/*tile_quad=*/1, /*quad=*/0.7, /*point=*/15};
}

}  // namespace

const GemmS16Kernel kGemmS16Avx512Vnni = {
    "gemm_s16_15x8__avx512vnni",
    Isa::kAvx512Vnni,
    /*max_tiles=*/15,
    /*interleave=*/2,
    {nullptr, Run<1>, Run<2>, Run<3>, Run<4>, Run<5>, Run<6>, Run<7>, Run<8>,
     Run<9>, Run<10>, Run<11>, Run<12>, Run<13>, Run<14>, Run<15>},
    Cost};

}  // namespace wqlite
