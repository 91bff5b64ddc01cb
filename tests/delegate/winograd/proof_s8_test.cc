#include "delegate/winograd/proof_s8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

/// A layer of one channel whose weights are all `weight`.
struct OneChannel {
  explicit OneChannel(int width, int weight = 1)
      : filter(width, static_cast<int8_t>(weight)) {
    spec.in_channels = 1;
    spec.out_channels = 1;
    spec.kernel_width = width;
    spec.filter = filter.data();
    spec.multiplier = {1 << 30};
    spec.shift = {0};
    shape = ComputeShape(Padding::kSame, 1, 20, spec);
  }

  Proof Prove(const Tile& tile, int min, int max, int zero_point) {
    spec.input_min = min;
    spec.input_max = max;
    spec.input_zero_point = zero_point;
    return ProveExactS8(tile, spec, shape, Measured(spec));
  }

  std::vector<int8_t> filter;
  Conv1DSpec spec;
  Conv1DShape shape;
};

/// The coefficients of B^T by column: what unit inputs give.
std::vector<std::vector<int16_t>> Columns(const Tile& tile) {
  constexpr int kLanes = 8;
  std::vector<std::vector<int16_t>> columns;
  for (int position = 0; position < tile.inputs(); ++position) {
    std::vector<int8_t> unit(tile.inputs() * kLanes);
    unit[position * kLanes] = 1;
    std::vector<int16_t> lanes(tile.points * kLanes);
    tile.transform_input(unit.data(), kLanes, lanes.data(), kLanes, 4);
    columns.emplace_back();
    for (int p = 0; p < tile.points; ++p) {
      columns.back().push_back(lanes[p * kLanes]);
    }
  }
  return columns;
}

class ProofS8Test : public testing::TestWithParam<const Tile*> {
 protected:
  /// The largest and smallest transformed input that inputs between the two
  /// ends give, each row with what is worst for it.
  void Extremes(int min, int max, int centre, int* smallest,
                int* largest) const {
    std::vector<int> lowest(GetParam()->points);
    std::vector<int> highest(GetParam()->points);
    for (const std::vector<int16_t>& column : columns_) {
      for (size_t p = 0; p < column.size(); ++p) {
        const int low = column[p] * (min - centre);
        const int high = column[p] * (max - centre);
        lowest[p] += std::min(low, high);
        highest[p] += std::max(low, high);
      }
    }
    *smallest = *std::min_element(lowest.begin(), lowest.end());
    *largest = *std::max_element(highest.begin(), highest.end());
  }

 private:
  const std::vector<std::vector<int16_t>> columns_ = Columns(*GetParam());
};

// The proof holds for exactly those bands for which some centre exists.
TEST_P(ProofS8Test, IsTight) {
  const Tile& tile = *GetParam();
  std::mt19937 random(1);
  OneChannel layer(tile.taps);
  int proved = 0;
  for (int i = 0; i < 60; ++i) {
    const auto any = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    const int width = any(0, std::min(140, 600 / tile.v_growth));
    const int min = any(-128, 127 - width);
    const int max = min + width;
    const Proof proof = layer.Prove(tile, min, max, any(min, max));
    int smallest = 0;
    int largest = 0;
    if (proof.failure == Proof::Failure::kInput) {
      for (int centre = -400; centre <= 400; ++centre) {
        Extremes(min, max, centre, &smallest, &largest);
        ASSERT_TRUE(smallest < -128 || largest > 127)
            << min << " " << max << " " << centre;
      }
    } else {
      ++proved;
      Extremes(min, max, proof.centre, &smallest, &largest);
      ASSERT_GE(smallest, -128);
      ASSERT_LE(largest, 127);
      ASSERT_EQ(proof.max_input, std::max(-smallest, largest));
    }
  }
  EXPECT_GT(proved, 5);
}

TEST_P(ProofS8Test, SumsAreBounded) {
  const Tile& tile = *GetParam();
  OneChannel layer(tile.taps);
  const Proof proof = layer.Prove(tile, 5, 5, 5);
  // The deepest tiles make more than int8 even of weights of 1.
  ASSERT_EQ(proof.failure, tile.u_growth > 127 ? Proof::Failure::kWeights
                                               : Proof::Failure::kNone);
  const int64_t reach = std::abs(5 - proof.centre);
  EXPECT_EQ(proof.max_sum, (reach * tile.taps) << tile.shift);
}

TEST(SumsTest, CountThePadding) {
  const Tile& tile = *FindTile("F(2,3)");
  OneChannel layer(3);
  const Proof proof = layer.Prove(tile, 5, 5, 7);
  ASSERT_TRUE(proof.exact());
  EXPECT_EQ(proof.max_sum, (7 * 3) << tile.shift);
}

std::string TestName(const testing::TestParamInfo<const Tile*>& info) {
  std::string name;
  for (const char* c = info.param->name; *c != 0; ++c) {
    if (std::isalnum(*c)) name += *c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(AllTiles, ProofS8Test, testing::ValuesIn(AllTiles()),
                         TestName);

TEST(InputRowsTest, OfF23) {
  const std::vector<RowSums> rows = InputRows(*FindTile("F(2,3)"));
  ASSERT_EQ(rows.size(), 4u);
  const int positive[] = {1, 2, 1, 1};
  const int negative[] = {1, 0, 1, 1};
  for (int p = 0; p < 4; ++p) {
    EXPECT_EQ(rows[p].positive, positive[p]);
    EXPECT_EQ(rows[p].negative, negative[p]);
  }
}

}  // namespace
}  // namespace wqlite
