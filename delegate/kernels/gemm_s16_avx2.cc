// AVX2. vpmaddwd multiplies pairs of input channels of 8 output channels and
// adds each pair: 16 products. The pair of v is broadcast to all lanes.
#include <immintrin.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

template <int Tiles>
void Run(const GemmS16Args& args) {
  for (int p = 0; p < args.points; ++p) {
    auto* acc = reinterpret_cast<__m256i*>(args.acc) + p * Tiles;
    __m256i sum[Tiles];
    for (int t = 0; t < Tiles; ++t) {
      sum[t] = args.accumulate ? _mm256_loadu_si256(acc + t)
                               : _mm256_setzero_si256();
    }
    const int16_t* v = args.v + p * args.v_point_stride;
    const auto* u =
        reinterpret_cast<const __m256i*>(args.u + p * args.u_point_stride);
    for (int quad = 0; quad < args.quads; ++quad) {
      for (int pair = 0; pair < 2; ++pair) {
        const __m256i weights = _mm256_loadu_si256(u++);
        for (int t = 0; t < Tiles; ++t) {
          int32_t channels;
          std::memcpy(&channels, v + t * 4 + pair * 2, sizeof(channels));
          sum[t] = _mm256_add_epi32(
              sum[t], _mm256_madd_epi16(_mm256_set1_epi32(channels), weights));
        }
      }
      v += args.v_quad_stride;
    }
    for (int t = 0; t < Tiles; ++t) _mm256_storeu_si256(acc + t, sum[t]);
  }
}

}  // namespace

const GemmS16Kernel kGemmS16Avx2 = {
    "gemm_s16_8x8__avx2",
    Isa::kAvx2,
    /*max_tiles=*/8,
    /*interleave=*/2,
    {nullptr, Run<1>, Run<2>, Run<3>, Run<4>, Run<5>, Run<6>, Run<7>, Run<8>}};

}  // namespace wqlite
