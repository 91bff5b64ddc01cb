#ifndef WQLITE_DELEGATE_KERNELS_REQUANTIZE_NEON_H_
#define WQLITE_DELEGATE_KERNELS_REQUANTIZE_NEON_H_

// Requantisation in NEON's intrinsics, which 32-bit ARM and AArch64 share.
//
// vqrdmulh.s32 and vrshl.s32 are TFLite's two rounding steps; vqdmulh.s32 does
// not round, and leaves it to vrshl.s32 alone.
#include <arm_neon.h>

#include <cstring>

#include "delegate/kernels/requantize.h"

namespace wqlite {
namespace neon {

// Four of the eight output channels' parameters.
template <Rounding rounding>
struct Half {
  static constexpr bool kOnce = rounding == Rounding::kSingle;

  int32x4_t bias;
  int32x4_t multiplier;
  int32x4_t left;
  int32x4_t right;  // Negative: vrshl shifts left by it.

  Half(const RequantizeParams& params, int first)
      : bias(vld1q_s32(params.bias + first)),
        multiplier(vld1q_s32(params.multiplier + first)) {
    // The last shift is at least by 1 where it is what rounds.
    const int32x4_t least = vdupq_n_s32(kOnce ? 1 : 0);
    const int32x4_t shift = vld1q_s32(params.shift + first);
    left = vmaxq_s32(vaddq_s32(shift, least), vdupq_n_s32(0));
    right = vminq_s32(shift, vnegq_s32(least));
  }

  int16x4_t Apply(int32x4_t x) const {
    x = vshlq_s32(vaddq_s32(x, bias), left);
    x = kOnce ? vqdmulhq_s32(x, multiplier) : vqrdmulhq_s32(x, multiplier);
    if (rounding == Rounding::kDoubleAway) {
      // Less 1 where a negative tie must round down.
      x = vqaddq_s32(x, vshrq_n_s32(vandq_s32(x, right), 31));
    }
    return vqmovn_s32(vrshlq_s32(x, right));
  }
};

// All of the eight output channels' parameters.
template <Rounding rounding>
struct Whole {
  Half<rounding> low;
  Half<rounding> high;
  int16x8_t zero_point;
  int8x8_t min;
  int8x8_t max;

  explicit Whole(const RequantizeParams& params)
      : low(params, 0),
        high(params, 4),
        zero_point(vdupq_n_s16(params.zero_point)),
        min(vdup_n_s8(params.min)),
        max(vdup_n_s8(params.max)) {}

  int8x8_t Apply(const int32_t* acc) const {
    const int16x8_t x =
        vcombine_s16(low.Apply(vld1q_s32(acc)), high.Apply(vld1q_s32(acc + 4)));
    const int8x8_t y = vqmovn_s16(vqaddq_s16(x, zero_point));
    return vmin_s8(vmax_s8(y, min), max);
  }
};

inline void StoreColumns(int8x8_t y, int columns, int8_t* out) {
  if (columns == 8) {
    vst1_s8(out, y);
  } else {
    int8_t bytes[8];
    vst1_s8(bytes, y);
    std::memcpy(out, bytes, columns);
  }
}

// Two rows at a time: cores that execute in order would wait for every result
// of one before the next step.
template <Rounding rounding>
void RunRows(const int32_t* acc, int rows, const RequantizeParams& params,
             int8_t* out, ptrdiff_t stride, int columns) {
  const Whole<rounding> whole(params);
  for (; rows >= 2; rows -= 2, acc += 16, out += 2 * stride) {
    const int8x8_t first = whole.Apply(acc);
    const int8x8_t second = whole.Apply(acc + 8);
    StoreColumns(first, columns, out);
    StoreColumns(second, columns, out + stride);
  }
  if (rows > 0) StoreColumns(whole.Apply(acc), columns, out);
}

inline void Requantize(const int32_t* acc, int rows,
                       const RequantizeParams& params, int8_t* out,
                       ptrdiff_t stride, int columns) {
  switch (params.rounding) {
    case Rounding::kDoubleUp:
      return RunRows<Rounding::kDoubleUp>(acc, rows, params, out, stride,
                                          columns);
    case Rounding::kDoubleAway:
      return RunRows<Rounding::kDoubleAway>(acc, rows, params, out, stride,
                                            columns);
    case Rounding::kSingle:
      return RunRows<Rounding::kSingle>(acc, rows, params, out, stride,
                                        columns);
  }
}

}  // namespace neon
}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_REQUANTIZE_NEON_H_
