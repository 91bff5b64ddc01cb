#include "delegate/kernels/weight_stats_s8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "tests/delegate/kernels/paths.h"

namespace wqlite {
namespace {

void Check(const WeightStatsS8Kernel& kernel, const std::vector<int8_t>& w,
           size_t begin = 0) {
  SCOPED_TRACE(testing::Message() << w.size() << " weights from " << begin);
  int64_t sum = 0;
  int64_t abs_sum = 0;
  int max_abs = 0;
  for (size_t i = begin; i < w.size(); ++i) {
    sum += w[i];
    abs_sum += std::abs(w[i]);
    max_abs = std::max(max_abs, std::abs(w[i]));
  }
  const ChannelStats stats = kernel.run(w.data() + begin, w.size() - begin);
  EXPECT_EQ(stats.sum, sum);
  EXPECT_EQ(stats.abs_sum, abs_sum);
  EXPECT_EQ(stats.max_abs, max_abs);
}

// Exact sizes: a sanitizer sees any read beyond them.
std::vector<int8_t> RandomWeights(size_t count, int limit) {
  std::mt19937 random(static_cast<unsigned>(count));
  std::uniform_int_distribution<int> any(-limit, limit);
  std::vector<int8_t> w(count);
  for (int8_t& x : w) x = static_cast<int8_t>(any(random));
  return w;
}

TEST(WeightStatsS8Test, EveryPathEqualsReference) {
  ForEachPath(AvailableWeightStatsS8(), [](const WeightStatsS8Kernel& kernel) {
    for (size_t count = 0; count < 300; ++count) {
      Check(kernel, RandomWeights(count, 127), std::min<size_t>(count, 3));
      Check(kernel, RandomWeights(count, 20));
    }
    Check(kernel, RandomWeights(20000, 127), 1);
  });
}

// Where sums of 16 bits would overflow first.
TEST(WeightStatsS8Test, EveryPathHoldsTheLargestSums) {
  ForEachPath(AvailableWeightStatsS8(), [](const WeightStatsS8Kernel& kernel) {
    for (const int weight : {-128, -127, 127}) {
      Check(kernel, std::vector<int8_t>(100000, static_cast<int8_t>(weight)));
    }
  });
}

// A single one, at every place of a vector and behind the last.
TEST(WeightStatsS8Test, EveryPathFindsTheLowestWeight) {
  ForEachPath(AvailableWeightStatsS8(), [](const WeightStatsS8Kernel& kernel) {
    for (size_t at = 0; at < 150; ++at) {
      std::vector<int8_t> w(150, 127);
      w[at] = -128;
      EXPECT_EQ(kernel.run(w.data(), w.size()).max_abs, 128) << at;
    }
  });
}

}  // namespace
}  // namespace wqlite
