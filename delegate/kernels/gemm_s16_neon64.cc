// AArch64. smlal and smlal2 are four products each; the vector operand holds
// eight output channels of u, the lane operand one input channel of a tile of
// v, two tiles to a register, so that nothing is ever widened, duplicated or
// shuffled. Ten tiles fill 29 of 32 registers: 20 with sums, 5 with v, 4 with
// u.
#include <arm_neon.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// The sums of a tile += one input channel: eight output channels in `u` times
// lane `kLane` of `v`.
template <int kLane>
inline __attribute__((always_inline)) void MultiplyAdd(int16x8_t u, int16x8_t v,
                                                       int32x4_t (&sum)[2]) {
  sum[0] = vmlal_laneq_s16(sum[0], vget_low_s16(u), v, kLane);
  sum[1] = vmlal_high_laneq_s16(sum[1], u, v, kLane);
}

// Input channel `kChannel` of four, for all tiles.
template <int kChannel, int kTiles>
inline __attribute__((always_inline)) void MultiplyAddTiles(
    int16x8_t u, const int16x8_t (&v)[(kTiles + 1) / 2],
    int32x4_t (&sum)[kTiles][2]) {
#pragma GCC unroll 16
  for (int t = 0; t < kTiles; ++t) {
    if (t % 2 == 0) {
      MultiplyAdd<kChannel>(u, v[t / 2], sum[t]);
    } else {
      MultiplyAdd<kChannel + 4>(u, v[t / 2], sum[t]);
    }
  }
}

template <int kTiles>
void Run(const GemmS16Args& args) {
  for (int p = 0; p < args.points; ++p) {
    int32_t* acc = args.acc + ptrdiff_t{p} * kTiles * kGemmS16Channels;
    int32x4_t sum[kTiles][2];
#pragma GCC unroll 16
    for (int t = 0; t < kTiles; ++t) {
      sum[t][0] = args.accumulate ? vld1q_s32(acc + t * 8) : vdupq_n_s32(0);
      sum[t][1] = args.accumulate ? vld1q_s32(acc + t * 8 + 4) : vdupq_n_s32(0);
    }
    const int16_t* v_at = args.v + p * args.v_point_stride;
    const int16_t* u_at = args.u + p * args.u_point_stride;
    for (int quad = 0; quad < args.quads; ++quad) {
      int16x8_t v[(kTiles + 1) / 2];
#pragma GCC unroll 16
      for (int t = 0; t + 1 < kTiles; t += 2)
        v[t / 2] = vld1q_s16(v_at + t * 4);
      if (kTiles % 2 != 0) {
        v[kTiles / 2] =
            vcombine_s16(vld1_s16(v_at + (kTiles - 1) * 4), vdup_n_s16(0));
      }
      MultiplyAddTiles<0, kTiles>(vld1q_s16(u_at), v, sum);
      MultiplyAddTiles<1, kTiles>(vld1q_s16(u_at + 8), v, sum);
      MultiplyAddTiles<2, kTiles>(vld1q_s16(u_at + 16), v, sum);
      MultiplyAddTiles<3, kTiles>(vld1q_s16(u_at + 24), v, sum);
      v_at += args.v_quad_stride;
      u_at += 4 * kGemmS16Channels;
    }
#pragma GCC unroll 16
    for (int t = 0; t < kTiles; ++t) {
      vst1q_s32(acc + t * 8, sum[t][0]);
      vst1q_s32(acc + t * 8 + 4, sum[t][1]);
    }
  }
}

// Instructions are counted, cycles are those of the rig's models of the
// Cortex-A53, the A57 and the A76.
GemmS16Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*tile_quad=*/8, /*quad=*/9, /*point=*/45};
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*tile_quad=*/8, /*quad=*/18, /*point=*/70};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*tile_quad=*/8, /*quad=*/0.2, /*point=*/30};
}

}  // namespace

const GemmS16Kernel kGemmS16Neon64 = {
    "gemm_s16_10x8__neon64",
    Isa::kNeon64,
    /*max_tiles=*/10,
    /*interleave=*/1,
    {nullptr, Run<1>, Run<2>, Run<3>, Run<4>, Run<5>, Run<6>, Run<7>, Run<8>,
     Run<9>, Run<10>},
    Cost};

}  // namespace wqlite
