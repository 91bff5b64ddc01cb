// Runs one layer under the rig, for its instructions to be counted:
//
//   layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE TIME_STEPS BUDGET_MB RUNS
//   [REQUEST [CORE]]
//
// where REQUEST is as in the delegate's option `override` and CORE is one_pipe
// or two_pipe. Prints "KERNEL TILE PREDICTED_CYCLES PREDICTED_INSTRUCTIONS".
// Weights are normally distributed, as trained ones are more or less, with the
// largest of each channel at 127. For winograd_s8 they are as RSQ training
// leaves them, with the largest transformed one of F(2,3) at 127, and inputs
// lie in a band of 128 values.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/conv1d/conv1d.h"
#include "delegate/plan/plan.h"

namespace wqlite {
namespace {

// Of one channel: [width][in_channels].
float LargestWeight(const std::vector<float>& w) {
  float largest = 0;
  for (const float x : w) largest = std::max(largest, std::abs(x));
  return largest;
}

// The same of its groups of three taps, transformed by F(2,3). `step`: from tap
// to tap.
float LargestTransformed(const std::vector<float>& w, size_t step) {
  float largest = 0;
  const auto at = [&w](size_t i) { return i < w.size() ? w[i] : 0; };
  for (size_t group = 0; group < w.size(); group += 3 * step) {
    for (size_t i = group; i < group + step; ++i) {
      const float outer = at(i) + at(i + 2 * step);
      largest = std::max({largest, std::abs(at(i)), std::abs(at(i + 2 * step)),
                          std::abs(outer) + std::abs(at(i + step))});
    }
  }
  return largest;
}

std::vector<int8_t> NormalWeights(const Conv1DSpec& spec, bool range_scaled) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<int8_t> weights;
  std::vector<float> channel(size_t{1} * spec.kernel_width * spec.in_channels);
  for (int c = 0; c < spec.out_channels; ++c) {
    for (float& w : channel) w = normal(random);
    // 125.5: that rounding leaves sums of three within 127.
    const float scale =
        range_scaled
            ? 125.5f / LargestTransformed(
                           channel, size_t{1} * spec.stride * spec.in_channels)
            : 127 / LargestWeight(channel);
    for (const float w : channel) {
      weights.push_back(static_cast<int8_t>(std::lround(w * scale)));
    }
  }
  return weights;
}

int Main(char** arguments, const char* request, const char* core) {
  Conv1DSpec spec;
  spec.out_channels = std::atoi(arguments[0]);
  spec.kernel_width = std::atoi(arguments[1]);
  spec.in_channels = std::atoi(arguments[2]);
  spec.stride = std::atoi(arguments[3]);
  const int time_steps = std::atoi(arguments[4]);
  PlanOptions options;
  if (request != nullptr && !ParseKernelRequest(request, &options)) {
    std::fprintf(stderr, "layer: there is no kernel %s\n", request);
    return 2;
  }
  const bool range_scaled = options.algorithm == Algorithm::kWinogradS8;
  if (range_scaled) {
    spec.input_zero_point = -128;
    spec.input_max = -1;
  }
  const std::vector<int8_t> weights = NormalWeights(spec, range_scaled);
  spec.filter = weights.data();
  spec.multiplier.assign(spec.out_channels, 1 << 30);
  spec.shift.assign(spec.out_channels, -9);
  const Conv1DShape shape = ComputeShape(Padding::kSame, 1, time_steps, spec);

  options.memory_budget =
      static_cast<size_t>(std::atof(arguments[5]) * 1024 * 1024);
  options.core = FindCore(core == nullptr ? "one_pipe" : core);
  WeightStats stats;
  Status status = stats.Measure(spec);
  const Plan plan = PlanConv1D(spec, shape, stats, options);
  std::unique_ptr<Conv1D> op;
  if (status.ok()) status = Conv1D::Create(spec, shape, stats, plan, &op);
  Buffer<int8_t> scratch;
  if (!status.ok() || !scratch.Allocate(plan.scratch_bytes)) {
    std::fprintf(stderr, "layer: no memory\n");
    return 1;
  }
  std::vector<int8_t> input(time_steps * spec.in_channels, -1);
  std::vector<int8_t> output(shape.out_time * spec.out_channels);
  for (int run = std::atoi(arguments[6]); run > 0; --run) {
    op->Run(input.data(), output.data(), scratch.data(), nullptr);
  }
  std::printf("%s %s %.0f %.0f\n", plan.kernel(), plan.tile_name(), plan.cost,
              plan.instructions);
  return 0;
}

}  // namespace
}  // namespace wqlite

int main(int argc, char** argv) {
  if (argc < 8 || argc > 10) {
    std::fprintf(stderr,
                 "usage: layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE "
                 "TIME_STEPS BUDGET_MB RUNS [REQUEST [CORE]]\n");
    return 2;
  }
  return wqlite::Main(argv + 1, argc > 8 ? argv[8] : nullptr,
                      argc > 9 ? argv[9] : nullptr);
}
