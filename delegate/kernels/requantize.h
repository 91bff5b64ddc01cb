#ifndef WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_
#define WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_

#include <cstddef>
#include <cstdint>

#include "delegate/kernels/isa.h"

namespace wqlite {

/// How sums become int8, for 8 output channels.
struct RequantizeParams {
  int32_t bias[8];         ///< Folded: includes -zero_point * sum of weights.
  int32_t multiplier[8];   ///< Q31.
  int32_t left_shift[8];   ///< >= 0
  int32_t right_shift[8];  ///< >= 0
  int32_t zero_point;
  int32_t min;
  int32_t max;
  bool ties_away;  ///< See below.
};

/// TFLite's requantisation:
///
///   x = (acc + bias) << left_shift                  modulo 2^32
///   x = (x * multiplier + 2^30) >> 31               rounds half up
///   x = (x + 2^(right_shift - 1)) >> right_shift    rounds half up, or
///       (x + 2^(right_shift - 1) - (x < 0)) >> ...  half away from zero
///   out = clamp(x + zero_point, min, max)
///
/// Which of the two it is, `ties_away`, differs between TFLite's own kernels.
struct RequantizeKernel {
  const char* name;  ///< requantize_s32_s8__<isa>
  Isa isa;
  /// acc: [rows][8]; out: `rows` rows, `stride` bytes apart, of which
  /// `columns` (1 to 8) are written.
  void (*run)(const int32_t* acc, int rows, const RequantizeParams& params,
              int8_t* out, ptrdiff_t stride, int columns);
};

/// The kernel for `isa`, or null when this build has none.
const RequantizeKernel* FindRequantize(Isa isa);

/// The kernel for the best instruction set of this processor.
const RequantizeKernel& BestRequantize();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_
