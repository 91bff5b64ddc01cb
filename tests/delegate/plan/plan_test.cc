#include "delegate/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "delegate/base/checked_size.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

#if defined(__arm__)
// Where few time steps meet each weight, weights that the budget does not put
// ahead are better left as they are.
TEST(PlanTest, SplitsShortLayers) {
  constexpr int kChannels = 128;
  std::vector<int8_t> filter(size_t{32} * kChannels * kChannels, 3);
  Conv1DSpec spec;
  spec.in_channels = spec.out_channels = kChannels;
  spec.kernel_width = 32;
  spec.filter = filter.data();
  spec.multiplier.assign(kChannels, 1 << 30);
  spec.shift.assign(kChannels, -9);
  const Conv1DShape shape = ComputeShape(Padding::kSame, 1, 19, spec);
  const WeightStats weights = Measured(spec);
  PlanOptions options;
  options.core = Core::kOnePipe;
  options.memory_budget = 2 * filter.size();
  const Plan plan = PlanConv1D(spec, shape, weights, options);
  EXPECT_TRUE(plan.others_direct) << plan.reason;
  EXPECT_LE(plan.ahead_bytes(), *options.memory_budget);
  EXPECT_GT(plan.direct_bytes, 0u);
  // The same once more, as its request says.
  ASSERT_TRUE(ParseKernelRequest(AsRequest(plan), &options));
  EXPECT_EQ(AsRequest(PlanConv1D(spec, shape, weights, options)),
            AsRequest(plan));
  for (const char* request : {"direct", "winograd_s16"}) {
    ASSERT_TRUE(ParseKernelRequest(request, &options));
    const Plan whole = PlanConv1D(spec, shape, weights, options);
    EXPECT_FALSE(whole.others_direct);
    EXPECT_LT(plan.cost, whole.cost);
  }
}
#endif

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

/// A long filter, and as many batch elements as direct can address.
class LargeBatchTest : public testing::Test {
 protected:
  LargeBatchTest() {
    spec_.in_channels = spec_.out_channels = 1;
    spec_.kernel_width = 200;
    spec_.filter = weights_.data();
    spec_.multiplier = {1 << 30};
    spec_.shift = {0};
  }

  Conv1DShape Shape(int batch) const {
    return ComputeShape(Padding::kSame, batch, 1, spec_);
  }

  const std::vector<int8_t> weights_ = std::vector<int8_t>(200, 1);
  Conv1DSpec spec_;
  const int batch_ = sizeof(void*) == 8 ? 1 << 29 : 1 << 23;
};

TEST_F(LargeBatchTest, TilesThatDoNotFitAreNotChosen) {
  const Conv1DShape shape = Shape(batch_);
  const Status status = Fits(spec_, shape);
  ASSERT_TRUE(status.ok()) << status.message();
  const WeightStats weights = Measured(spec_);
  PlanOptions options;
  for (const Algorithm algorithm :
       {Algorithm::kWinogradS16, Algorithm::kWinogradS8}) {
    options.algorithm = algorithm;
    options.tile = nullptr;
    for (const Tile* tile : AllTiles()) {
      const Plan plan = PlanConv1D(spec_, shape, weights, options);
      EXPECT_EQ(plan.algorithm, Algorithm::kDirect);
      EXPECT_NE(plan.refusal, "");
      options.tile = tile;
    }
  }
  options.algorithm = Algorithm::kWinogradS16;
  EXPECT_NE(PlanConv1D(spec_, shape, weights, options)
                .refusal.find("more memory than this machine can address"),
            std::string::npos);
}

TEST_F(LargeBatchTest, WhatDirectCannotAddressDoesNotFit) {
  EXPECT_TRUE(Fits(spec_, Shape(1)).ok());
  EXPECT_FALSE(Fits(spec_, Shape(std::numeric_limits<int>::max())).ok());
  if (sizeof(void*) == 4) {
    EXPECT_FALSE(Fits(spec_, Shape(1 << 24)).ok());
  }
  const Conv1DShape shape = Shape(1);
  spec_.stride = 0;
  EXPECT_FALSE(Fits(spec_, shape).ok());
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
  EXPECT_FALSE(ParseKernelRequest("winograd_s16/F(4,4)/direct", &request));
  EXPECT_FALSE(ParseKernelRequest("winograd_s16/F(4,4)/2/fly", &request));
  ASSERT_TRUE(ParseKernelRequest("winograd_s16/F(4,4)/2", &request));
  EXPECT_FALSE(request.others_direct);
  ASSERT_TRUE(ParseKernelRequest("winograd_s16/F(4,4)/2/direct", &request));
  EXPECT_EQ(request.ahead_groups, 2);
  EXPECT_TRUE(request.others_direct);
  Plan plan;
  plan.algorithm = Algorithm::kWinogradS8;
  plan.tile = FindTile("F(2,3)");
  EXPECT_EQ(AsRequest(plan), "winograd_s8/F(2,3)");
}

}  // namespace
}  // namespace wqlite
