// AArch64 without dot products. smull and smlal2 add products in int16 lanes,
// chains of two or four (gemm_s8_runs_neon.h), and sadalp adds neighbouring
// lanes to the int32 sums. Five time steps times two output channels: ten
// registers of sums, ten of products on their way there, and 12 for operands.
#include <arm_neon.h>

#include "delegate/kernels/gemm_s8_runs_neon.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 5;
constexpr int kDepth = kRunsDepth;
constexpr int kPair = kRunsPair;

template <class Vector>
using Chains = Vector[kRows][kPair];

#define WQ_INLINE inline __attribute__((always_inline))
#define WQ_UNROLL _Pragma("GCC unroll 16")

// A block of all steps times both channels; `kFirst` begins new chains, else
// they go on.
template <bool kFirst>
WQ_INLINE void MultiplyBlock(const int8_t* a, const int8_t* w,
                             Chains<int16x8_t>& chains) {
  const int8x16_t channels[kPair] = {vld1q_s8(w), vld1q_s8(w + kDepth)};
  WQ_UNROLL for (int r = 0; r < kRows; ++r) {
    const int8x16_t step = vld1q_s8(a + r * kDepth);
    WQ_UNROLL for (int c = 0; c < kPair; ++c) {
      const int8x8_t step_low = vget_low_s8(step);
      const int8x8_t channel_low = vget_low_s8(channels[c]);
      chains[r][c] = kFirst ? vmull_s8(step_low, channel_low)
                            : vmlal_s8(chains[r][c], step_low, channel_low);
      chains[r][c] = vmlal_high_s8(chains[r][c], step, channels[c]);
    }
  }
}

WQ_INLINE void EndChains(const Chains<int16x8_t>& chains,
                         Chains<int32x4_t>& sums) {
  WQ_UNROLL for (int r = 0; r < kRows; ++r) {
    WQ_UNROLL for (int c = 0; c < kPair; ++c) {
      sums[r][c] = vpadalq_s16(sums[r][c], chains[r][c]);
    }
  }
}

void RunPair(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  constexpr int kStepsBlock = kRows * kDepth;
  constexpr int kPairBlock = kPair * kDepth;
  const auto* runs = reinterpret_cast<const uint16_t*>(packed);
  const int8_t* w = packed + RunsBytes(blocks);
  const int8_t* end = w + ptrdiff_t{blocks} * kPairBlock;
  Chains<int32x4_t> sums;
  Chains<int16x8_t> chains;
  WQ_UNROLL for (auto& step : sums) step[0] = step[1] = vdupq_n_s32(0);
  while (w != end) {
    for (int fours = *runs++; fours > 0; --fours) {
      MultiplyBlock<true>(a, w, chains);
      MultiplyBlock<false>(a + kStepsBlock, w + kPairBlock, chains);
      EndChains(chains, sums);
      a += 2 * kStepsBlock;
      w += 2 * kPairBlock;
    }
    for (int twos = *runs++; twos > 0; --twos) {
      MultiplyBlock<true>(a, w, chains);
      EndChains(chains, sums);
      a += kStepsBlock;
      w += kPairBlock;
    }
  }
  WQ_UNROLL for (int r = 0; r < kRows; ++r) {
    const int32x4_t both = vpaddq_s32(sums[r][0], sums[r][1]);
    vst1_s32(acc + r * kGemmS8Columns,
             vpadd_s32(vget_low_s32(both), vget_high_s32(both)));
  }
}

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  for (int c = 0; c < kGemmS8Columns; c += kPair) {
    RunPair(blocks, a, packed + c / kPair * RunsPairBytes(blocks), acc + c);
  }
}

// Instructions are counted, cycles are those of the rig's models of the
// Cortex-A53, the A57 and the A76; with nine in ten blocks in chains of four.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/138, /*call=*/180};
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/165, /*call=*/560};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/80.4, /*call=*/120};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon64 = {"gemm_s8_5x2__neon64",
                                    Isa::kNeon64,
                                    kRows,
                                    kDepth,
                                    /*flip=*/0,
                                    /*takes_lowest_weight=*/false,
                                    RunsPackedBytes,
                                    PackRuns,
                                    Run,
                                    Cost};

}  // namespace wqlite
