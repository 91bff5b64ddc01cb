#include "delegate/winograd/tile.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace wqlite {
namespace {

// One tile of 8 input channels and 8 output channels, through all three
// transforms, against the plain correlation it stands for.
class TileTest : public testing::TestWithParam<const Tile*> {
 protected:
  static constexpr int kLanes = 8;

  void Check(const std::vector<int8_t>& input, const std::vector<int8_t>& w) {
    const Tile& tile = *GetParam();
    // V: [point][2 quads][4], U: [point][input channel][8 outputs].
    std::vector<int16_t> v(tile.points * kLanes);
    tile.transform_input(input.data(), kLanes, v.data(), kLanes, 4);
    std::vector<int16_t> u(tile.points * kLanes * kLanes);
    // Packed weights: [tap][input channel][8 outputs].
    for (int i = 0; i < kLanes; ++i) {
      tile.transform_weights(&w[i * kLanes], &u[i * kLanes], kLanes * kLanes);
    }
    std::vector<int32_t> products(tile.points * kLanes);
    for (int p = 0; p < tile.points; ++p) {
      for (int o = 0; o < kLanes; ++o) {
        uint32_t sum = 0;
        for (int i = 0; i < kLanes; ++i) {
          sum += static_cast<uint32_t>(v[p * kLanes + i] *
                                       u[(p * kLanes + i) * kLanes + o]);
        }
        products[p * kLanes + o] = static_cast<int32_t>(sum);
      }
    }
    std::vector<int32_t> y(tile.outputs * kLanes);
    for (int half : {0, 4}) {
      tile.transform_output(&products[half], kLanes, &y[half], kLanes);
    }
    for (int t = 0; t < tile.outputs; ++t) {
      for (int o = 0; o < kLanes; ++o) {
        int32_t want = 0;
        for (int k = 0; k < tile.taps; ++k) {
          for (int i = 0; i < kLanes; ++i) {
            want +=
                input[(t + k) * kLanes + i] * w[(k * kLanes + i) * kLanes + o];
          }
        }
        ASSERT_EQ(y[t * kLanes + o], want) << "output " << t << ", lane " << o;
      }
    }
  }

  std::vector<int8_t> Filled(int size, int low, int high) {
    std::uniform_int_distribution<int> any(low, high);
    std::vector<int8_t> values(size);
    for (int8_t& x : values) x = static_cast<int8_t>(any(random_));
    return values;
  }

  std::mt19937 random_{1};
};

TEST_P(TileTest, EqualsCorrelation) {
  const Tile& tile = *GetParam();
  for (int repeat = 0; repeat < 20; ++repeat) {
    Check(Filled(tile.inputs() * kLanes, -128, 127),
          Filled(tile.taps * kLanes * kLanes, -127, 127));
  }
}

TEST_P(TileTest, EqualsCorrelationAtTheExtremes) {
  const Tile& tile = *GetParam();
  for (int x : {-128, 127}) {
    for (int w : {-128, 127}) {
      Check(Filled(tile.inputs() * kLanes, x, x),
            Filled(tile.taps * kLanes * kLanes, w, w));
    }
  }
}

// 16 channels in int8 are what int16 gives, modulo 2^8.
TEST_P(TileTest, InputInInt8EqualsInt16Modulo256) {
  constexpr int kVector = 16;
  const Tile& tile = *GetParam();
  std::vector<int8_t> input =
      Filled(tile.inputs() * kVector + kVector, -128, 127);
  std::vector<int8_t> narrow(tile.points * kVector + kVector);
  const auto aligned = [](std::vector<int8_t>& values) {
    const auto at = reinterpret_cast<uintptr_t>(values.data());
    return values.data() + (kVector - at % kVector) % kVector;
  };
  tile.transform_input_s8(aligned(input), kVector, aligned(narrow), kVector,
                          kVector / 2);
  std::vector<int16_t> wide(tile.points * kLanes);
  for (int half = 0; half < kVector; half += kLanes) {
    tile.transform_input(aligned(input) + half, kVector, wide.data(), kLanes,
                         4);
    for (int p = 0; p < tile.points; ++p) {
      for (int c = 0; c < kLanes; ++c) {
        ASSERT_EQ(aligned(narrow)[p * kVector + half + c],
                  static_cast<int8_t>(wide[p * kLanes + c]));
      }
    }
  }
}

TEST_P(TileTest, GrowthBoundsHoldAndFitInt16) {
  const Tile& tile = *GetParam();
  EXPECT_LE(128 * tile.v_growth, 32767);
  int largest_v = 0;
  int largest_u = 0;
  std::vector<int> v_sum(tile.points);
  std::vector<int> u_sum(tile.points);
  for (int position = 0; position < tile.inputs(); ++position) {
    // The response to a unit is a column of the matrix; summing absolute
    // columns gives each row's absolute sum.
    std::vector<int8_t> unit(tile.inputs() * kLanes);
    unit[position * kLanes] = 1;
    std::vector<int16_t> out(tile.points * kLanes);
    tile.transform_input(unit.data(), kLanes, out.data(), kLanes, 4);
    for (int p = 0; p < tile.points; ++p) {
      v_sum[p] += std::abs(out[p * kLanes]);
      largest_v = std::max(largest_v, v_sum[p]);
    }
    if (position < tile.taps) {
      std::vector<int8_t> unit_tap(tile.taps * kWeightTapBytes);
      unit_tap[position * kWeightTapBytes] = 1;
      tile.transform_weights(unit_tap.data(), out.data(), kLanes);
      for (int p = 0; p < tile.points; ++p) {
        u_sum[p] += std::abs(out[p * kLanes]);
        largest_u = std::max(largest_u, u_sum[p]);
      }
    }
  }
  // Nested inputs overlap, so the product of the levels' growths is a bound.
  EXPECT_LE(largest_v, tile.v_growth);
  EXPECT_EQ(largest_u, tile.u_growth);
}

TEST_P(TileTest, IsFoundByName) {
  EXPECT_EQ(FindTile(GetParam()->name), GetParam());
}

TEST(TileTableTest, UnknownNameIsNull) {
  EXPECT_EQ(FindTile("F(9,9)"), nullptr);
  EXPECT_EQ(FindTile(""), nullptr);
}

std::string TestName(const testing::TestParamInfo<const Tile*>& info) {
  std::string name;
  for (const char* c = info.param->name; *c != 0; ++c) {
    if (std::isalnum(*c)) name += *c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(AllTiles, TileTest, testing::ValuesIn(AllTiles()),
                         TestName);

}  // namespace
}  // namespace wqlite
