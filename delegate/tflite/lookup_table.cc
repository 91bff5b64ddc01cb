#include "delegate/tflite/lookup_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "delegate/base/conv1d_spec.h"

namespace wqlite {
namespace {

constexpr int32_t kMin = std::numeric_limits<int8_t>::min();
constexpr int32_t kMax = std::numeric_limits<int8_t>::max();

template <class Function>
LookupTable Tabulate(Function function) {
  LookupTable table;
  for (int32_t q = kMin; q <= kMax; ++q) {
    table[static_cast<uint8_t>(q)] = static_cast<int8_t>(function(q));
  }
  return table;
}

// TFLite's MultiplyByQuantizedMultiplier with two roundings: ties up, and then
// away from zero. (Not that of its convolutions: these kernels are plain C++ on
// every machine.)
class FixedPoint {
 public:
  explicit FixedPoint(double real) {
    QuantizeMultiplier(real, &multiplier_, &shift_);
  }

  // Whether a difference of two int8 stays in int32 on the way.
  bool ok() const { return shift_ <= 31 - 9; }

  int32_t Multiply(int32_t x) const {
    const int64_t shifted = int64_t{x} * (int64_t{1} << std::max(shift_, 0));
    int64_t y = (shifted * multiplier_ + (int64_t{1} << 30)) >> 31;
    if (shift_ < 0) {
      const int64_t half = int64_t{1} << (-shift_ - 1);
      y = (y + half - (y < 0 ? 1 : 0)) >> -shift_;
    }
    return static_cast<int32_t>(y);
  }

 private:
  int32_t multiplier_ = 0;
  int shift_ = 0;
};

// `positive` and `negative` multiply inputs on their side of zero.
Status MakeTwoSlopes(Quantisation input, Quantisation output, double positive,
                     double negative, int32_t min, int32_t max,
                     LookupTable* table) {
  const FixedPoint above(positive);
  const FixedPoint below(negative);
  if (!above.ok() || !below.ok()) {
    return Status::Error("its output scale is too small for its input scale");
  }
  *table = Tabulate([&](int32_t q) {
    const int32_t x = q - input.zero_point;
    const int64_t y = x >= 0 ? above.Multiply(x) : below.Multiply(x);
    // In TFLite's order, which matters where min is above max.
    return std::min<int64_t>(max,
                             std::max<int64_t>(min, y + output.zero_point));
  });
  return Status();
}

}  // namespace

Status MakeLeakyRelu(Quantisation input, Quantisation output, float alpha,
                     LookupTable* table) {
  // Quotients and products in float, as in LeakyReluPrepare.
  return MakeTwoSlopes(input, output, input.scale / output.scale,
                       input.scale * alpha / output.scale, kMin, kMax, table);
}

Status MakeClamp(Quantisation input, Quantisation output, int32_t min,
                 int32_t max, LookupTable* table) {
  const double ratio = input.scale / output.scale;  // Float, as in ReluPrepare.
  return MakeTwoSlopes(input, output, ratio, ratio, min, max, table);
}

LookupTable MakeFromReal(Quantisation input, Quantisation output,
                         float (*function)(float)) {
  const float inverse_scale = 1 / output.scale;
  return Tabulate([&](int32_t q) {
    const float x = input.scale * static_cast<float>(q - input.zero_point);
    const float steps = std::round(function(x) * inverse_scale);
    // Clamped before it becomes an integer, which it need not fit.
    const float y = steps + static_cast<float>(output.zero_point);
    return static_cast<int32_t>(std::clamp<float>(y, kMin, kMax));
  });
}

}  // namespace wqlite
