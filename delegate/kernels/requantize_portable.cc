#include <algorithm>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

int32_t RoundTwice(uint32_t sum, int32_t multiplier, int shift, bool away) {
  const auto shifted = static_cast<int32_t>(sum << std::max(shift, 0));
  const int64_t product = int64_t{shifted} * multiplier;
  int64_t x = (product + (int64_t{1} << 30)) >> 31;
  const int right = std::max(-shift, 0);
  if (away && right > 0 && x < 0) --x;
  x = (x + ((int64_t{1} << right) >> 1)) >> right;
  return static_cast<int32_t>(x);
}

int32_t RoundOnce(uint32_t sum, int32_t multiplier, int shift) {
  const int left = kSingleShiftsFirst ? std::max(shift + 1, 0) : 0;
  const int right = 31 - shift + left;
  const auto shifted = static_cast<int32_t>(sum << left);
  const int64_t product = int64_t{shifted} * multiplier;
  return static_cast<int32_t>((product + (int64_t{1} << (right - 1))) >> right);
}

int32_t Requantize(int32_t acc, const RequantizeParams& params, int column) {
  const uint32_t sum =
      static_cast<uint32_t>(acc) + static_cast<uint32_t>(params.bias[column]);
  const int32_t multiplier = params.multiplier[column];
  const int shift = params.shift[column];
  return params.rounding == Rounding::kSingle
             ? RoundOnce(sum, multiplier, shift)
             : RoundTwice(sum, multiplier, shift,
                          params.rounding == Rounding::kDoubleAway);
}

void Run(const int32_t* acc, int rows, const RequantizeParams& params,
         int8_t* out, ptrdiff_t stride, int columns) {
  for (int r = 0; r < rows; ++r, acc += 8, out += stride) {
    for (int c = 0; c < columns; ++c) {
      // Clamped before the zero point is added: the sum cannot overflow.
      const int32_t x = std::clamp(Requantize(acc[c], params, c),
                                   params.min - params.zero_point,
                                   params.max - params.zero_point);
      out[c] = static_cast<int8_t>(x + params.zero_point);
    }
  }
}

// As GCC 12 compiles it for x86-64; on others there are kernels that cost less
// by far.
double RowCost(CostUnit) { return 100; }

}  // namespace

const RequantizeKernel kRequantizePortable = {"requantize_s32_s8__portable",
                                              Isa::kPortable, Run, RowCost};

}  // namespace wqlite
