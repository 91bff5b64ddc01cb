// vqrdmulh.s32 and vrshl.s32 are TFLite's two rounding steps.
#include <arm_neon.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// Four of the eight output channels' parameters.
struct Half {
  int32x4_t bias;
  int32x4_t multiplier;
  int32x4_t left;
  int32x4_t right;  // Negative: vrshl shifts left by it.
  int32x4_t fixup;  // Negative where a negative tie must round down.

  Half(const RequantizeParams& params, int first)
      : bias(vld1q_s32(params.bias + first)),
        multiplier(vld1q_s32(params.multiplier + first)),
        left(vld1q_s32(params.left_shift + first)),
        right(vnegq_s32(vld1q_s32(params.right_shift + first))),
        fixup(params.ties_away ? right : vdupq_n_s32(0)) {}

  int16x4_t Apply(int32x4_t x) const {
    x = vqrdmulhq_s32(vshlq_s32(vaddq_s32(x, bias), left), multiplier);
    x = vqaddq_s32(x, vshrq_n_s32(vandq_s32(x, fixup), 31));
    return vqmovn_s32(vrshlq_s32(x, right));
  }
};

void Run(const int32_t* acc, int rows, const RequantizeParams& params,
         int8_t* out, ptrdiff_t stride, int columns) {
  const Half low(params, 0);
  const Half high(params, 4);
  const int16x8_t zero_point = vdupq_n_s16(params.zero_point);
  const int8x8_t min = vdup_n_s8(params.min);
  const int8x8_t max = vdup_n_s8(params.max);
  for (int r = 0; r < rows; ++r, acc += 8, out += stride) {
    const int16x8_t x =
        vcombine_s16(low.Apply(vld1q_s32(acc)), high.Apply(vld1q_s32(acc + 4)));
    int8x8_t y = vqmovn_s16(vqaddq_s16(x, zero_point));
    y = vmin_s8(vmax_s8(y, min), max);
    if (columns == 8) {
      vst1_s8(out, y);
    } else {
      int8_t bytes[8];
      vst1_s8(bytes, y);
      std::memcpy(out, bytes, columns);
    }
  }
}

}  // namespace

const RequantizeKernel kRequantizeNeon32 = {"requantize_s32_s8__neon32",
                                            Isa::kNeon32, Run};

}  // namespace wqlite
