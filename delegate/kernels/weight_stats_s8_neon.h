#ifndef WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_NEON_H_
#define WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_NEON_H_

// In NEON's intrinsics, which 32-bit ARM and AArch64 share.
//
// vpadal adds neighbouring bytes to 16-bit lanes, which are emptied into 64
// bits before they can overflow.
#include <arm_neon.h>

#include <algorithm>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace neon {

inline constexpr size_t kBlock = sizeof(int8x16_t);
// Each adds at most 2 * 128 to a lane, and 127 * 256 < 2^15. Whole rounds of
// the unrolled loop.
inline constexpr size_t kMostBlocks = 124;

inline int64_t AddLanes(int64x2_t x) {
  return vgetq_lane_s64(x, 0) + vgetq_lane_s64(x, 1);
}

inline int LargestLane(uint8x16_t x) {
  uint8_t lanes[kBlock];
  vst1q_u8(lanes, x);
  return *std::max_element(lanes, lanes + kBlock);
}

inline ChannelStats MeasureWeights(const int8_t* w, size_t count) {
  int64x2_t sum = vdupq_n_s64(0);
  int64x2_t abs_sum = vdupq_n_s64(0);
  uint8x16_t largest = vdupq_n_u8(0);
  while (count >= kBlock) {
    const size_t blocks = std::min(count / kBlock, kMostBlocks);
    int16x8_t part = vdupq_n_s16(0);
    uint16x8_t abs_part = vdupq_n_u16(0);
#pragma GCC unroll 4
    for (size_t i = 0; i < blocks; ++i, w += kBlock) {
      const int8x16_t x = vld1q_s8(w);
      // Of -128: 128, unsigned.
      const uint8x16_t magnitude = vreinterpretq_u8_s8(vabsq_s8(x));
      part = vpadalq_s8(part, x);
      abs_part = vpadalq_u8(abs_part, magnitude);
      largest = vmaxq_u8(largest, magnitude);
    }
    sum = vpadalq_s32(sum, vpaddlq_s16(part));
    abs_sum = vreinterpretq_s64_u64(
        vpadalq_u32(vreinterpretq_u64_s64(abs_sum), vpaddlq_u16(abs_part)));
    count -= blocks * kBlock;
  }
  ChannelStats stats = kWeightStatsS8Portable.run(w, count);
  return stats += {AddLanes(sum), AddLanes(abs_sum), LargestLane(largest)};
}

}  // namespace neon
}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_NEON_H_
