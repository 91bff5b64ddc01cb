#include <algorithm>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

int32_t Requantize(int32_t acc, const RequantizeParams& params, int column) {
  const uint32_t sum =
      static_cast<uint32_t>(acc) + static_cast<uint32_t>(params.bias[column]);
  const auto shifted = static_cast<int32_t>(sum << params.left_shift[column]);
  const int64_t product = int64_t{shifted} * params.multiplier[column];
  int64_t x = (product + (int64_t{1} << 30)) >> 31;
  const int right = params.right_shift[column];
  if (params.ties_away && right > 0 && x < 0) --x;
  x = (x + ((int64_t{1} << right) >> 1)) >> right;
  return static_cast<int32_t>(x);
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

}  // namespace

const RequantizeKernel kRequantizePortable = {"requantize_s32_s8__portable",
                                              Isa::kPortable, Run};

}  // namespace wqlite
