#include "delegate/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <vector>

#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

// A layer as RSQ training leaves it: inputs in a band, transformed weights that
// fill int8.
TEST(PlanTest, TakesInt8UnaskedWhereItIsCheaper) {
  constexpr int kChannels = 256;
  std::mt19937 random(16);
  std::vector<int8_t> filter(size_t{3} * kChannels * kChannels);
  for (int8_t& w : filter) {
    w = static_cast<int8_t>(
        std::uniform_int_distribution<int>(-42, 42)(random));
  }
  Conv1DSpec spec;
  spec.in_channels = spec.out_channels = kChannels;
  spec.kernel_width = 3;
  spec.filter = filter.data();
  spec.multiplier.assign(kChannels, 1 << 30);
  spec.shift.assign(kChannels, -9);
  spec.input_zero_point = -128;
  spec.input_max = -1;
  const Conv1DShape shape = ComputeShape(Padding::kSame, 1, 148, spec);
  const WeightStats weights = Measured(spec);
  for (const Core core : {Core::kOnePipe, Core::kTwoPipe}) {
    PlanOptions options;
    options.core = core;
    options.memory_budget = std::numeric_limits<size_t>::max();
    const Plan best = PlanConv1D(spec, shape, weights, options);
    double least = best.cost;
    for (const Algorithm algorithm :
         {Algorithm::kDirect, Algorithm::kWinogradS16,
          Algorithm::kWinogradS8}) {
      options.algorithm = algorithm;
      const Plan forced = PlanConv1D(spec, shape, weights, options);
      EXPECT_EQ(forced.algorithm, algorithm);
      EXPECT_EQ(forced.refusal, "");
      least = std::min(least, forced.cost);
    }
    EXPECT_EQ(best.cost, least);
#if defined(__arm__)
    // Two pipes: int8 products cost half of int16 ones, and F(2,3) wins; one
    // pipe: three quarters, and F(4,3) does.
    EXPECT_EQ(best.algorithm, core == Core::kTwoPipe ? Algorithm::kWinogradS8
                                                     : Algorithm::kWinogradS16);
#endif
    // Only a proof for the inputs makes it exact, and the budget allow it.
    options.algorithm = std::nullopt;
    options.memory_budget = 0;
    EXPECT_NE(PlanConv1D(spec, shape, weights, options).algorithm,
              Algorithm::kWinogradS8);
    options.memory_budget.reset();
    Conv1DSpec wide = spec;
    wide.input_max = 127;
    EXPECT_NE(PlanConv1D(wide, shape, weights, options).algorithm,
              Algorithm::kWinogradS8);
  }
}

TEST(RequestTest, IsReadAndWritten) {
  KernelRequest request;
  ASSERT_TRUE(ParseKernelRequest("winograd_s8", &request));
  EXPECT_EQ(request.algorithm, Algorithm::kWinogradS8);
  EXPECT_EQ(request.tile, nullptr);
  ASSERT_TRUE(ParseKernelRequest("winograd_s8/F(2,3)", &request));
  EXPECT_EQ(request.tile, FindTile("F(2,3)"));
  EXPECT_FALSE(ParseKernelRequest("winograd_s8/F(2,3)/ahead", &request));
  EXPECT_FALSE(ParseKernelRequest("winograd_s8/F(9,9)", &request));
  Plan plan;
  plan.algorithm = Algorithm::kWinogradS8;
  plan.tile = FindTile("F(2,3)");
  EXPECT_EQ(AsRequest(plan), "winograd_s8/F(2,3)");
}

}  // namespace
}  // namespace wqlite
