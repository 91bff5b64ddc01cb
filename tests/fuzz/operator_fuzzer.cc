/// The operator: any layer, planned in any way, against the plain reference.

#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "delegate/plan/plan.h"
#include "tests/fuzz/any_request.h"
#include "tests/fuzz/layer.h"

namespace wqlite {
namespace {

constexpr int kMaxThreads = 4;

// Threads are costly to start: one pool of each size for all runs.
const ThreadPool* PoolOf(int threads) {
  static const auto* const pools = [] {
    auto* made = new std::array<std::unique_ptr<ThreadPool>, kMaxThreads + 1>;
    for (int i = 1; i <= kMaxThreads; ++i) {
      (*made)[i] = std::make_unique<ThreadPool>(i);
    }
    return made;
  }();
  return (*pools)[threads].get();
}

PlanOptions AnyOptions(FuzzedDataProvider* bytes) {
  PlanOptions options;
  static_cast<KernelRequest&>(options) = AnyRequest(bytes);
  if (bytes->ConsumeBool()) {
    options.memory_budget = bytes->ConsumeIntegralInRange(0, 1 << 20);
  }
  options.core = bytes->ConsumeBool() ? Core::kOnePipe : Core::kTwoPipe;
  options.threads = bytes->ConsumeIntegralInRange(1, kMaxThreads);
  return options;
}

}  // namespace
}  // namespace wqlite

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wqlite;
  FuzzedDataProvider bytes(data, size);
  const PlanOptions options = AnyOptions(&bytes);
  const FuzzedLayer layer(&bytes);
  WQ_CHECK(Validate(layer.spec).ok());
  const Plan plan =
      PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
  const std::vector<int8_t> input = Values<int8_t>(
      &bytes, layer.input_size(), static_cast<int8_t>(layer.spec.input_min),
      static_cast<int8_t>(layer.spec.input_max));
  CheckRun(layer, plan, input, PoolOf(options.threads));
  return 0;
}
