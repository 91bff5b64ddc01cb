// Runs one layer under the rig, for its instructions to be counted:
//
//   layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE TIME_STEPS BUDGET_MB RUNS
//   [TILE]
//
// Prints "KERNEL TILE PREDICTED_INSTRUCTIONS". Weights are normally
// distributed, as trained ones are more or less, with the largest of each
// channel at 127.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "delegate/buffer.h"
#include "delegate/conv1d.h"

namespace wqlite {
namespace {

std::vector<int8_t> NormalWeights(int channels, int size) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<int8_t> weights;
  std::vector<float> channel(size);
  for (int c = 0; c < channels; ++c) {
    float largest = 0;
    for (float& w : channel) {
      w = normal(random);
      largest = std::max(largest, std::abs(w));
    }
    for (const float w : channel) {
      weights.push_back(static_cast<int8_t>(std::lround(w / largest * 127)));
    }
  }
  return weights;
}

int Main(char** arguments, const char* tile) {
  Conv1DSpec spec;
  spec.out_channels = std::atoi(arguments[0]);
  spec.kernel_width = std::atoi(arguments[1]);
  spec.in_channels = std::atoi(arguments[2]);
  spec.stride = std::atoi(arguments[3]);
  const int time_steps = std::atoi(arguments[4]);
  const std::vector<int8_t> weights =
      NormalWeights(spec.out_channels, spec.kernel_width * spec.in_channels);
  spec.filter = weights.data();
  spec.multiplier.assign(spec.out_channels, 1 << 30);
  spec.shift.assign(spec.out_channels, -9);
  const Conv1DShape shape = ComputeShape(Padding::kSame, 1, time_steps, spec);

  PlanOptions options;
  options.memory_budget =
      static_cast<size_t>(std::atof(arguments[5]) * 1024 * 1024);
  if (tile != nullptr) {
    options.tile = FindTile(tile);
    if (options.tile == nullptr) {
      std::fprintf(stderr, "layer: there is no tile %s\n", tile);
      return 2;
    }
  }
  const Plan plan = PlanConv1D(spec, shape, options);
  std::unique_ptr<Conv1D> op;
  const Status status = Conv1D::Create(spec, shape, plan, &op);
  Buffer<int8_t> scratch;
  if (!status.ok() || !scratch.Allocate(plan.scratch_bytes)) {
    std::fprintf(stderr, "layer: no memory\n");
    return 1;
  }
  std::vector<int8_t> input(time_steps * spec.in_channels, 1);
  std::vector<int8_t> output(shape.out_time * spec.out_channels);
  for (int run = std::atoi(arguments[6]); run > 0; --run) {
    op->Run(input.data(), output.data(), scratch.data(), nullptr);
  }
  std::printf("%s %s %.0f\n", plan.kernel(), plan.tile_name(), plan.cost);
  return 0;
}

}  // namespace
}  // namespace wqlite

int main(int argc, char** argv) {
  if (argc != 8 && argc != 9) {
    std::fprintf(stderr,
                 "usage: layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE "
                 "TIME_STEPS BUDGET_MB RUNS [TILE]\n");
    return 2;
  }
  return wqlite::Main(argv + 1, argc == 9 ? argv[8] : nullptr);
}
