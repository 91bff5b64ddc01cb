#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

template <int Tiles>
void Run(const GemmS16Args& args) {
  constexpr int kChannels = kGemmS16Channels;
  for (int p = 0; p < args.points; ++p) {
    // Unsigned, because sums are modulo 2^32.
    uint32_t sum[Tiles][kChannels] = {};
    int32_t* acc = args.acc + p * Tiles * kChannels;
    if (args.accumulate) std::memcpy(sum, acc, sizeof(sum));
    const int16_t* v = args.v + p * args.v_point_stride;
    const int16_t* u = args.u + p * args.u_point_stride;
    for (int quad = 0; quad < args.quads; ++quad) {
      for (int i = 0; i < 4; ++i) {
        for (int t = 0; t < Tiles; ++t) {
          for (int o = 0; o < kChannels; ++o) {
            sum[t][o] += static_cast<uint32_t>(v[t * 4 + i] * u[o]);
          }
        }
        u += kChannels;
      }
      v += args.v_quad_stride;
    }
    std::memcpy(acc, sum, sizeof(sum));
  }
}

// As GCC 12 compiles it for x86-64; on others there are kernels that cost less
// by far.
GemmS16Cost Cost(CostUnit) {
  return {/*tile_quad=*/24, /*quad=*/8, /*point=*/30};
}

}  // namespace

const GemmS16Kernel kGemmS16Portable = {
    "gemm_s16_4x8__portable",
    Isa::kPortable,
    /*max_tiles=*/4,
    /*interleave=*/1,
    {nullptr, Run<1>, Run<2>, Run<3>, Run<4>},
    Cost};

}  // namespace wqlite
