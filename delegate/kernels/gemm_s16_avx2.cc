// AVX2. vpmaddwd multiplies pairs of input channels of 8 output channels and
// adds each pair: 16 products. The pair of v is broadcast to all lanes.
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// sum += pairs of products of u and of a pair of v, broadcast. With intrinsics
// GCC 12 makes all products first and runs out of registers.
inline __attribute__((always_inline)) void MultiplyAdd(__m256i u,
                                                       const int16_t* v,
                                                       __m256i* sum) {
  using Pair = const int32_t __attribute__((may_alias));
  __m256i products;
  asm("vpbroadcastd %3, %1\n"
      "vpmaddwd %2, %1, %1\n"
      "vpaddd %1, %0, %0"
      : "+x"(*sum), "=&x"(products)
      : "x"(u), "m"(*reinterpret_cast<Pair*>(v)));
}

template <int Tiles>
void Run(const GemmS16Args& args) {
  for (int p = 0; p < args.points; ++p) {
    auto* acc = reinterpret_cast<__m256i*>(args.acc) + p * Tiles;
    __m256i sum[Tiles];
#pragma GCC unroll 16
    for (int t = 0; t < Tiles; ++t) {
      sum[t] = args.accumulate ? _mm256_loadu_si256(acc + t)
                               : _mm256_setzero_si256();
    }
    const int16_t* v = args.v + p * args.v_point_stride;
    const auto* u =
        reinterpret_cast<const __m256i*>(args.u + p * args.u_point_stride);
    for (int quad = 0; quad < args.quads; ++quad) {
      const __m256i u_even = _mm256_loadu_si256(u++);
#pragma GCC unroll 16
      for (int t = 0; t < Tiles; ++t) MultiplyAdd(u_even, v + t * 4, &sum[t]);
      const __m256i u_odd = _mm256_loadu_si256(u++);
#pragma GCC unroll 16
      for (int t = 0; t < Tiles; ++t) {
        MultiplyAdd(u_odd, v + t * 4 + 2, &sum[t]);
      }
      v += args.v_quad_stride;
    }
#pragma GCC unroll 16
    for (int t = 0; t < Tiles; ++t) _mm256_storeu_si256(acc + t, sum[t]);
  }
}

// Measured on the layers of Wav2letter (Sapphire Rapids).
GemmS16Cost Cost(CostUnit) {
  return {/*tile_quad=*/1.5, /*quad=*/0.7, /*point=*/15};
}

}  // namespace

const GemmS16Kernel kGemmS16Avx2 = {
    "gemm_s16_8x8__avx2",
    Isa::kAvx2,
    /*max_tiles=*/8,
    /*interleave=*/2,
    {nullptr, Run<1>, Run<2>, Run<3>, Run<4>, Run<5>, Run<6>, Run<7>, Run<8>},
    Cost};

}  // namespace wqlite
