#ifndef WQLITE_TESTS_DELEGATE_REFERENCE_H_
#define WQLITE_TESTS_DELEGATE_REFERENCE_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/base/rounding.h"
#include "delegate/kernels/requantize.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// The middle of ReferenceRequantize, before the zero point, as TFLite's
/// sources have it: MultiplyByQuantizedMultiplier with gemmlowp's two steps,
/// and ruy's.
inline int32_t ReferenceScale(int64_t acc, int32_t multiplier, int shift,
                              Rounding rounding) {
  const auto wrap = [](int64_t x) { return static_cast<int32_t>(x); };
  const auto shift_left = [&](int64_t x, int bits) {
    return int64_t{
        wrap(static_cast<int64_t>(static_cast<uint64_t>(x) << bits))};
  };
  const int64_t x = wrap(acc);
  if (rounding == Rounding::kSingle && !kSingleShiftsFirst) {
    const int total = 31 - shift;
    return wrap((x * multiplier + (int64_t{1} << (total - 1))) >> total);
  }
  if (rounding == Rounding::kSingle) {
    const int last = std::min(shift, -1);
    const int64_t high = (shift_left(x, shift - last) * multiplier) >> 31;
    return wrap((high + (int64_t{1} << (-last - 1))) >> -last);
  }
  const int right = std::max(-shift, 0);
  const int64_t high =
      (shift_left(x, std::max(shift, 0)) * multiplier + (int64_t{1} << 30)) >>
      31;
  const int64_t mask = (int64_t{1} << right) - 1;
  const int64_t remainder = high & mask;
  // Up: a remainder of a half and more; away: more than that below zero.
  const bool negative_tie_stays = rounding == Rounding::kDoubleAway && high < 0;
  const int64_t threshold = (mask >> 1) + (negative_tie_stays ? 1 : 0);
  return wrap((high >> right) + (remainder > threshold ? 1 : 0));
}

/// TFLite's requantisation (see kernels/requantize.h), one value at a time.
inline int8_t ReferenceRequantize(int64_t acc, int32_t multiplier, int shift,
                                  Rounding rounding, int32_t zero_point,
                                  int32_t min, int32_t max) {
  const int64_t x = ReferenceScale(acc, multiplier, shift, rounding);
  return static_cast<int8_t>(std::clamp<int64_t>(x + zero_point, min, max));
}

/// The one plain reference of all kernels: a convolution as its definition
/// says, zero points and all.
inline std::vector<int8_t> ReferenceConv1D(const Conv1DSpec& spec,
                                           const Conv1DShape& shape,
                                           const std::vector<int8_t>& input) {
  std::vector<int8_t> output;
  for (int n = 0; n < shape.batch; ++n) {
    for (int t = 0; t < shape.out_time; ++t) {
      for (int o = 0; o < spec.out_channels; ++o) {
        int64_t acc = spec.bias == nullptr ? 0 : spec.bias[o];
        for (int k = 0; k < spec.kernel_width; ++k) {
          const int64_t x = int64_t{t} * spec.stride +
                            int64_t{k} * spec.dilation - shape.pad_left;
          if (x < 0 || x >= shape.in_time) continue;
          for (int i = 0; i < spec.in_channels; ++i) {
            const int q =
                input[(n * int64_t{shape.in_time} + x) * spec.in_channels + i];
            const int w = spec.filter[(o * int64_t{spec.kernel_width} + k) *
                                          spec.in_channels +
                                      i];
            acc += int64_t{w} * (q - spec.input_zero_point);
          }
        }
        output.push_back(ReferenceRequantize(
            acc, spec.multiplier[o], spec.shift[o], RoundingOf(spec, shape),
            spec.output_zero_point, spec.activation_min, spec.activation_max));
      }
    }
  }
  return output;
}

inline WeightStats Measured(const Conv1DSpec& spec) {
  WeightStats weights;
  if (!weights.Measure(spec).ok()) std::abort();
  return weights;
}

/// A layer with its data, drawn at random.
struct RandomLayer {
  std::vector<int8_t> filter;
  std::vector<int32_t> bias;
  std::vector<int8_t> input;
  Conv1DSpec spec;
  Conv1DShape shape;

  explicit RandomLayer(std::mt19937& random) {
    const auto any = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    spec.in_channels = any(1, 20);
    spec.out_channels = any(1, 20);
    spec.kernel_width = any(0, 3) == 0 ? any(1, 64) : any(1, 12);
    spec.stride = any(0, 2) == 0 ? any(1, 4) : 1;
    spec.dilation = any(0, 2) == 0 ? any(1, 4) : 1;
    spec.input_zero_point = any(-128, 127);
    spec.output_zero_point = any(-128, 127);
    if (any(0, 1) == 0) {
      spec.activation_min = any(-128, 0);
      spec.activation_max = any(1, 127);
    }
    const int in_time = any(0, 4) == 0 ? any(1, 3) : any(1, 90);
    auto padding = any(0, 1) == 0 ? Padding::kSame : Padding::kValid;
    shape = ComputeShape(padding, any(1, 3), in_time, spec);
    if (shape.out_time < 1) {
      shape = ComputeShape(Padding::kSame, shape.batch, in_time, spec);
    }
    spec.rounding.many_steps = kAllRoundings[any(0, 2)];
    spec.rounding.one_step = kAllRoundings[any(0, 2)];
    // All of a range, or only its two ends.
    const auto fill = [&](std::vector<int8_t>* values, size_t size, int low) {
      const bool extreme = any(0, 4) == 0;
      values->resize(size);
      for (int8_t& x : *values) {
        x = static_cast<int8_t>(extreme ? (any(0, 1) == 0 ? low : 127)
                                        : any(low, 127));
      }
    };
    fill(&filter,
         size_t{1} * spec.out_channels * spec.kernel_width * spec.in_channels,
         any(0, 9) == 0 ? -128 : -127);
    fill(&input, size_t{1} * shape.batch * shape.in_time * spec.in_channels,
         -128);
    for (int o = 0; o < spec.out_channels; ++o) {
      bias.push_back(any(-100000, 100000));
      spec.multiplier.push_back(any(1 << 30, 2147483647));
      spec.shift.push_back(any(0, 5) == 0 ? any(-20, 3) : any(-12, -5));
    }
    spec.filter = filter.data();
    spec.bias = any(0, 3) == 0 ? nullptr : bias.data();
  }
  RandomLayer(const RandomLayer&) = delete;

  std::string Describe() const {
    const auto text = [](const char* name, int value) {
      return std::string(" ") + name + " " + std::to_string(value);
    };
    return text("batch", shape.batch) + text("time", shape.in_time) +
           text("out_time", shape.out_time) + text("in", spec.in_channels) +
           text("out", spec.out_channels) + text("width", spec.kernel_width) +
           text("stride", spec.stride) + text("dilation", spec.dilation) +
           text("pad", shape.pad_left) + text("zp", spec.input_zero_point);
  }
};

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_REFERENCE_H_
