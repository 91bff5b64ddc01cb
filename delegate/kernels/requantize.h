#ifndef WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_
#define WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/base/rounding.h"
#include "delegate/kernels/cost_unit.h"
#include "delegate/kernels/isa.h"

namespace wqlite {

/// How sums become int8, for 8 output channels.
struct RequantizeParams {
  int32_t bias[8];        ///< Folded: includes -zero_point * sum of weights.
  int32_t multiplier[8];  ///< Q31, >= 0
  int32_t shift[8];       ///< -31 (right) to 30 (left).
  int32_t zero_point;
  int32_t min;
  int32_t max;
  Rounding rounding;  ///< See RequantizeKernel.
};

/// Where the product of a sum and its multiplier would leave int32, the two
/// forms of Rounding::kSingle differ: TFLite's kernels for ARM shift left first
/// and lose the top of the sum, those in C++ lose the top of the result. We
/// follow those of the machine.
#if defined(__arm__) || defined(__aarch64__)
inline constexpr bool kSingleShiftsFirst = true;
#else
inline constexpr bool kSingleShiftsFirst = false;
#endif

/// TFLite's requantisation. With x = acc + bias, left = max(shift, 0), right =
/// max(-shift, 0) and everything modulo 2^32 but the products:
///
///   kDoubleUp     h = ((x << left) * multiplier + 2^30) >> 31
///                 y = right == 0 ? h : (h + 2^(right - 1)) >> right
///   kDoubleAway   y = right == 0 ? h : (h + 2^(right - 1) - (h < 0)) >> right
///   kSingle       y = (x * multiplier + 2^(30 - shift)) >> (31 - shift)
///     or, with kSingleShiftsFirst and r = max(right, 1):
///                 y = ((((x << (shift + r)) * multiplier) >> 31) + 2^(r - 1))
///                     >> r
///   out = clamp(y + zero_point, min, max)
struct RequantizeKernel {
  const char* name;  ///< requantize_s32_s8__<isa>
  Isa isa;
  /// acc: [rows][8]; out: `rows` rows, `stride` bytes apart, of which
  /// `columns` (1 to 8) are written.
  void (*run)(const int32_t* acc, int rows, const RequantizeParams& params,
              int8_t* out, ptrdiff_t stride, int columns);

  double (*row_cost)(CostUnit unit);  ///< Of 8 outputs.
};

/// The kernel for each instruction set that this processor can run, best first.
const std::vector<const RequantizeKernel*>& AvailableRequantize();

/// The kernel for the best instruction set of this processor.
const RequantizeKernel& BestRequantize();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_REQUANTIZE_H_
