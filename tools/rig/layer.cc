// Runs one layer under the rig, for its instructions to be counted:
//
//   layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE TIME_STEPS BUDGET_MB RUNS
//   [REQUEST [CORE [THREADS [alone]]]]
//
// where REQUEST is as in the delegate's option `override` ("-": none) and CORE
// is one_pipe or two_pipe. Prints "KERNEL TILE PREDICTED_CYCLES
// PREDICTED_INSTRUCTIONS", and with THREADS in a second line the milliseconds
// that the shortest run took. With `alone` the first thread takes all pieces,
// for speedup.py to count each.
// Weights are normally distributed, as trained ones are more or less, with the
// largest of each channel at 127. For winograd_s8 they are as RSQ training
// leaves them, with the largest transformed one of F(2,3) at 127, and inputs
// lie in a band of 128 values.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/phase.h"
#include "delegate/base/threads.h"
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

/// While it lives, all threads of a pool are busy, so that a loop is left to
/// its caller.
class BusyHelpers {
 public:
  explicit BusyHelpers(const ThreadPool& pool)
      : caller_([this, &pool] {
          ParallelFor(&pool, pool.threads(), [this](int, int, int) { Hold(); });
        }) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return held_ == pool.threads(); });
  }

  ~BusyHelpers() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      released_ = true;
    }
    changed_.notify_all();
    caller_.join();
  }

 private:
  void Hold() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int held_ = 0;
  bool released_ = false;
  std::thread caller_;  // Last: it finds all others made.
};

/// What is given on the command line behind the layer.
struct Settings {
  const char* request = nullptr;  ///< Null: none.
  const char* core = nullptr;     ///< Null: one_pipe.
  int threads = 0;                ///< 0: none are mentioned.
  bool alone = false;
};

Settings Parse(int count, char** arguments) {
  Settings settings;
  const std::string first = count > 0 ? arguments[0] : "-";
  if (first != "-") settings.request = arguments[0];
  if (count > 1) settings.core = arguments[1];
  if (count > 2) settings.threads = std::atoi(arguments[2]);
  settings.alone = count > 3 && arguments[3] == std::string("alone");
  return settings;
}

// One run, which speedup.py finds by this name.
WQ_PHASE void RunLayer(const Conv1D& op, const int8_t* input, int8_t* output,
                       void* scratch, const ThreadPool& pool) {
  op.Run(input, output, scratch, &pool);
}

int Main(char** arguments, const Settings& settings) {
  const char* request = settings.request;
  const char* core = settings.core;
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
  options.threads = std::max(settings.threads, 1);
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
  const ThreadPool pool(options.threads);
  std::optional<BusyHelpers> busy;
  if (settings.alone) busy.emplace(pool);
  using Milliseconds = std::chrono::duration<double, std::milli>;
  Milliseconds shortest = Milliseconds::max();
  for (int run = std::atoi(arguments[6]); run > 0; --run) {
    const auto start = std::chrono::steady_clock::now();
    RunLayer(*op, input.data(), output.data(), scratch.data(), pool);
    shortest = std::min<Milliseconds>(shortest,
                                      std::chrono::steady_clock::now() - start);
  }
  std::printf("%s %s %.0f %.0f\n", plan.kernel(), plan.tile_name(), plan.cost,
              plan.instructions);
  if (settings.threads > 0) std::printf("%.3f\n", shortest.count());
  return 0;
}

}  // namespace
}  // namespace wqlite

int main(int argc, char** argv) {
  if (argc < 8 || argc > 12) {
    std::fprintf(
        stderr,
        "usage: layer OUT_CHANNELS WIDTH IN_CHANNELS STRIDE "
        "TIME_STEPS BUDGET_MB RUNS [REQUEST [CORE [THREADS [alone]]]]\n");
    return 2;
  }
  return wqlite::Main(argv + 1, wqlite::Parse(argc - 8, argv + 8));
}
