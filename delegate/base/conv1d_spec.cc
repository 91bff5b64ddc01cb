#include "delegate/base/conv1d_spec.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "delegate/base/checked_size.h"

namespace wqlite {

Rounding RoundingOf(const Conv1DSpec& spec, const Conv1DShape& shape) {
  const bool vector = int64_t{shape.batch} * shape.out_time == 1 &&
                      spec.out_channels >= RoundingRules::kVectorChannels &&
                      int64_t{spec.kernel_width} * spec.in_channels >=
                          RoundingRules::kVectorWeights;
  return vector ? spec.rounding.one_step : spec.rounding.many_steps;
}

Conv1DShape ComputeShape(Padding padding, int batch, int in_time,
                         const Conv1DSpec& spec) {
  const int64_t reach = (int64_t{spec.kernel_width} - 1) * spec.dilation + 1;
  Conv1DShape shape;
  shape.batch = batch;
  shape.in_time = in_time;
  if (padding == Padding::kSame) {
    shape.out_time =
        static_cast<int>((int64_t{in_time} + spec.stride - 1) / spec.stride);
    const int64_t needed =
        int64_t{shape.out_time - 1} * spec.stride + reach - in_time;
    shape.pad_left = static_cast<int>(std::max<int64_t>(needed, 0) / 2);
  } else {
    const int64_t steps = in_time - reach + spec.stride;
    shape.out_time =
        static_cast<int>(std::max<int64_t>(steps, 0) / spec.stride);
  }
  return shape;
}

void QuantizeMultiplier(double real, int32_t* multiplier, int32_t* shift) {
  int exponent = 0;
  int64_t mantissa = std::llround(std::frexp(real, &exponent) * 2147483648.0);
  if (mantissa == int64_t{1} << 31) {
    mantissa /= 2;
    ++exponent;
  }
  if (real == 0 || exponent < -31) {
    mantissa = 0;
    exponent = 0;
  } else if (exponent > 30) {
    mantissa = (int64_t{1} << 31) - 1;
    exponent = 30;
  }
  *multiplier = static_cast<int32_t>(mantissa);
  *shift = exponent;
}

Status Validate(const Conv1DSpec& spec) {
  const struct {
    const char* name;
    int value;
  } sizes[] = {{"in_channels", spec.in_channels},
               {"out_channels", spec.out_channels},
               {"kernel_width", spec.kernel_width},
               {"stride", spec.stride},
               {"dilation", spec.dilation}};
  for (const auto& size : sizes) {
    if (size.value < 1 || size.value > kMaxIndex) {
      return Status::Error(std::string(size.name) + " is " +
                           std::to_string(size.value) +
                           "; it must be at least 1 and at most 2^30");
    }
  }
  if (int64_t{spec.kernel_width} * spec.dilation > kMaxIndex) {
    return Status::Error("the filter reaches over more than 2^30 time steps");
  }
  const int64_t per_channel = int64_t{spec.kernel_width} * spec.in_channels;
  if (per_channel > (int64_t{1} << 31) / spec.out_channels) {
    return Status::Error("the filter has more than 2^31 weights");
  }
  if (spec.input_min < -128 || spec.input_max > 127 ||
      spec.input_min > spec.input_max) {
    return Status::Error("inputs from " + std::to_string(spec.input_min) +
                         " to " + std::to_string(spec.input_max) +
                         "; the range must lie in [-128, 127]");
  }
  const auto channels = static_cast<size_t>(spec.out_channels);
  if (spec.multiplier.size() != channels || spec.shift.size() != channels) {
    return Status::Error(
        "multiplier and shift must have one value per output channel");
  }
  return Status();
}

}  // namespace wqlite
