#include "delegate/conv1d/conv1d.h"

#include <gtest/gtest.h>

#include <cctype>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/plan/plan.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kLayers = 60;

std::vector<int8_t> RunLayer(const RandomLayer& layer, const Plan& plan,
                             const ThreadPool* pool = nullptr) {
  std::unique_ptr<Conv1D> op;
  const Status status =
      Conv1D::Create(layer.spec, layer.shape, Measured(layer.spec), plan, &op);
  EXPECT_TRUE(status.ok()) << status.message();
  Buffer<int8_t> scratch;
  EXPECT_TRUE(scratch.Allocate(plan.scratch_bytes));
  std::vector<int8_t> output(size_t{1} * layer.shape.batch *
                             layer.shape.out_time * layer.spec.out_channels);
  op->Run(layer.input.data(), output.data(), scratch.data(), pool);
  return output;
}

enum class Weights { kOnTheFly, kHalfAhead, kAhead };

// Every tile, with weights transformed on the fly, ahead, or either.
class WinogradTest
    : public testing::TestWithParam<std::tuple<const Tile*, Weights>> {};

TEST_P(WinogradTest, EqualsReference) {
  const auto [tile, weights] = GetParam();
  std::mt19937 random(7);
  PlanOptions options;
  options.algorithm = Algorithm::kWinogradS16;
  options.tile = tile;
  int mixed = 0;
  for (int i = 0; i < kLayers; ++i) {
    const RandomLayer layer(random);
    options.memory_budget =
        weights == Weights::kOnTheFly ? 0 : std::numeric_limits<size_t>::max();
    Plan plan =
        PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
    if (weights == Weights::kHalfAhead) {
      options.memory_budget = plan.weight_bytes / 2;
      plan = PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
      mixed += 0 < plan.ahead_groups && plan.ahead_groups < plan.channel_groups;
    } else {
      ASSERT_EQ(plan.ahead_groups,
                weights == Weights::kAhead ? plan.channel_groups : 0);
    }
    ASSERT_EQ(plan.tile, tile) << plan.reason;
    ASSERT_EQ(RunLayer(layer, plan),
              ReferenceConv1D(layer.spec, layer.shape, layer.input))
        << layer.Describe();
  }
  EXPECT_EQ(mixed > kLayers / 4, weights == Weights::kHalfAhead);
}

std::string TestName(
    const testing::TestParamInfo<std::tuple<const Tile*, Weights>>& info) {
  std::string name;
  for (const char* c = std::get<0>(info.param)->name; *c != 0; ++c) {
    if (std::isalnum(*c)) name += *c;
  }
  const char* kWeights[] = {"_on_the_fly", "_half_ahead", "_ahead"};
  return name + kWeights[static_cast<int>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(AllTiles, WinogradTest,
                         testing::Combine(testing::ValuesIn(AllTiles()),
                                          testing::Values(Weights::kOnTheFly,
                                                          Weights::kHalfAhead,
                                                          Weights::kAhead)),
                         TestName);

TEST(DirectTest, EqualsReference) {
  std::mt19937 random(8);
  PlanOptions options;
  options.algorithm = Algorithm::kDirect;
  for (int i = 0; i < 4 * kLayers; ++i) {
    const RandomLayer layer(random);
    const Plan plan =
        PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
    ASSERT_EQ(plan.tile, nullptr);
    ASSERT_EQ(RunLayer(layer, plan),
              ReferenceConv1D(layer.spec, layer.shape, layer.input))
        << layer.Describe();
  }
}

TEST(SplitTest, EqualsReference) {
  std::mt19937 random(10);
  const ThreadPool pool(3);
  PlanOptions options;
  ASSERT_TRUE(ParseKernelRequest("winograd_s16/F(2,2)/1/direct", &options));
  options.threads = pool.threads();
  int split = 0;
  for (int i = 0; i < kLayers; ++i) {
    const RandomLayer layer(random);
    const Plan plan =
        PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
    ASSERT_EQ(plan.others_direct, plan.channel_groups > 1) << plan.reason;
    split += plan.others_direct;
    ASSERT_EQ(RunLayer(layer, plan, &pool),
              ReferenceConv1D(layer.spec, layer.shape, layer.input))
        << layer.Describe();
  }
  EXPECT_GT(split, kLayers / 4);
}

TEST(AutoTest, EqualsReferenceWithAnyNumberOfThreads) {
  std::mt19937 random(9);
  for (const int threads : {1, 2, 5}) {
    const ThreadPool pool(threads);
    PlanOptions options;
    options.threads = threads;
    std::set<const Tile*> used;
    for (int i = 0; i < kLayers; ++i) {
      const RandomLayer layer(random);
      // On some machines direct is always the fastest.
      options.algorithm =
          i % 2 == 0 ? std::nullopt : std::optional(Algorithm::kWinogradS16);
      const Plan plan =
          PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
      used.insert(plan.tile);
      ASSERT_EQ(RunLayer(layer, plan, &pool),
                ReferenceConv1D(layer.spec, layer.shape, layer.input))
          << layer.Describe();
    }
    EXPECT_GE(used.size(), 3u);
  }
}

TEST(DirectTest, ToleratesTheLowestWeightEverywhere) {
  std::mt19937 random(10);
  RandomLayer layer(random);
  std::fill(layer.filter.begin(), layer.filter.end(), -128);
  std::fill(layer.input.begin(), layer.input.end(), -128);
  PlanOptions options;
  options.algorithm = Algorithm::kDirect;
  const Plan plan =
      PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
  EXPECT_EQ(RunLayer(layer, plan),
            ReferenceConv1D(layer.spec, layer.shape, layer.input));
}

}  // namespace
}  // namespace wqlite
