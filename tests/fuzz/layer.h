#ifndef WQLITE_TESTS_FUZZ_LAYER_H_
#define WQLITE_TESTS_FUZZ_LAYER_H_

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/conv1d/conv1d.h"
#include "delegate/plan/plan.h"
#include "tests/delegate/reference.h"
#include "tests/fuzz/check.h"

namespace wqlite {

/// How many values come from how few of the fuzzer's bytes.
enum class Fill { kAny, kEnds, kOneValue, kMaxValue = kOneValue };

/// `count` values from `low` to `high`: any, only the two ends, or one value
/// everywhere.
template <class T>
std::vector<T> Values(FuzzedDataProvider* bytes, size_t count, T low, T high) {
  const Fill fill = bytes->ConsumeEnum<Fill>();
  const T one = bytes->ConsumeIntegralInRange(low, high);
  std::mt19937 random(bytes->ConsumeIntegral<uint16_t>());
  std::uniform_int_distribution<int32_t> any(low, high);
  std::vector<T> values(count);
  for (T& value : values) {
    if (fill == Fill::kAny) value = static_cast<T>(any(random));
    if (fill == Fill::kEnds) value = random() % 2 == 0 ? low : high;
    if (fill == Fill::kOneValue) value = one;
  }
  return values;
}

/// A layer whose sizes, weights and inputs the fuzzer chooses; small enough
/// that the plain reference is fast.
struct FuzzedLayer {
  std::vector<int8_t> filter;
  std::vector<int32_t> bias;
  Conv1DSpec spec;
  Conv1DShape shape;

  explicit FuzzedLayer(FuzzedDataProvider* bytes) {
    const auto any = [bytes](int low, int high) {
      return bytes->ConsumeIntegralInRange(low, high);
    };
    spec.in_channels = any(1, 40);
    spec.out_channels = any(1, 20);
    spec.kernel_width = any(1, 70);
    spec.stride = any(1, 5);
    spec.dilation = any(1, 5);
    spec.input_zero_point = any(-128, 127);
    spec.output_zero_point = any(-128, 127);
    spec.input_min = any(-128, 127);
    spec.input_max = any(spec.input_min, 127);
    spec.activation_min = any(-128, 127);
    spec.activation_max = any(spec.activation_min, 127);
    const int most_steps =
        kMostProducts /
        (spec.in_channels * spec.out_channels * spec.kernel_width);
    const int batch = any(1, 3);
    const int in_time = any(1, std::clamp(most_steps / batch, 1, 150));
    const auto padding = any(0, 1) == 0 ? Padding::kSame : Padding::kValid;
    shape = ComputeShape(padding, batch, in_time, spec);
    if (shape.out_time < 1) {
      shape = ComputeShape(Padding::kSame, batch, in_time, spec);
    }
    spec.rounding.many_steps = bytes->PickValueInArray(kAllRoundings);
    spec.rounding.one_step = bytes->PickValueInArray(kAllRoundings);

    const auto channels = static_cast<size_t>(spec.out_channels);
    filter = Values<int8_t>(
        bytes, channels * spec.kernel_width * spec.in_channels, -128, 127);
    bias = Values<int32_t>(bytes, channels, INT32_MIN, INT32_MAX);
    spec.multiplier = Values<int32_t>(bytes, channels, 1 << 30, 2147483647);
    if (any(0, 7) == 0) spec.multiplier[0] = 0;
    spec.shift = Values<int32_t>(bytes, channels, any(-31, 30), 30);
    spec.filter = filter.data();
    spec.bias = any(0, 3) == 0 ? nullptr : bias.data();
  }
  FuzzedLayer(const FuzzedLayer&) = delete;

  size_t input_size() const {
    return size_t{1} * shape.batch * shape.in_time * spec.in_channels;
  }

 private:
  static constexpr int kMostProducts = 50000;
};

/// Memory of exactly `size` bytes, so that a sanitizer sees the first byte too
/// many.
class Exact {
 public:
  explicit Exact(size_t size) {
    void* memory = nullptr;
    WQ_CHECK(posix_memalign(&memory, kAlignment, size) == 0);
    data_.reset(memory);
  }
  void* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<void, Free> data_;
};

/// Runs a layer as planned and compares every byte with the reference.
inline void CheckRun(const FuzzedLayer& layer, const Plan& plan,
                     const std::vector<int8_t>& input, const ThreadPool* pool) {
  std::unique_ptr<Conv1D> op;
  const Status status =
      Conv1D::Create(layer.spec, layer.shape, Measured(layer.spec), plan, &op);
  WQ_CHECK(status.ok());
  const std::vector<int8_t> expected =
      ReferenceConv1D(layer.spec, layer.shape, input);
  std::vector<int8_t> output(expected.size(), 99);
  const Exact scratch(plan.scratch_bytes);
  op->Run(input.data(), output.data(), scratch.data(), pool);
  if (output != expected) {
    std::fprintf(stderr, "other bytes with %s\n", AsRequest(plan).c_str());
    std::abort();
  }
}

}  // namespace wqlite

#endif  // WQLITE_TESTS_FUZZ_LAYER_H_
