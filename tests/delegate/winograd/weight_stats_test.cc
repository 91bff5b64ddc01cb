#include "delegate/winograd/weight_stats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "delegate/winograd/weights.h"
#include "delegate/winograd/weights_s8.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kLayers = 200;
constexpr int kOutputs = 8;

TEST(WeightStatsTest, EqualsReference) {
  std::mt19937 random(20);
  for (int i = 0; i < kLayers; ++i) {
    const RandomLayer layer(random);
    const WeightStats stats = Measured(layer.spec);
    int max_abs = 0;
    int64_t max_abs_sum = 0;
    const int8_t* w = layer.spec.filter;
    for (int o = 0; o < layer.spec.out_channels; ++o) {
      int64_t sum = 0;
      int64_t abs_sum = 0;
      for (int k = 0; k < layer.spec.kernel_width * layer.spec.in_channels;
           ++k, ++w) {
        sum += *w;
        abs_sum += std::abs(*w);
        max_abs = std::max(max_abs, std::abs(*w));
      }
      max_abs_sum = std::max(max_abs_sum, abs_sum);
      ASSERT_EQ(stats.sum(o), static_cast<uint32_t>(sum));
      if (o == stats.max_abs_sum_channel()) {
        ASSERT_EQ(stats.max_abs_sum(), abs_sum);
      }
    }
    ASSERT_EQ(stats.max_abs(), max_abs);
    ASSERT_EQ(stats.max_abs_sum(), max_abs_sum);
  }
}

/// A layer on a tile, and its weights transformed in int16.
struct TransformedLayer {
  TransformedLayer(const RandomLayer& layer, const Tile& on)
      : spec(layer.spec),
        tile(on),
        geometry(spec, layer.shape, tile, /*tile_group=*/1,
                 /*may_share=*/false) {}

  /// Of 8 output channels: [blocks][points][channels][8].
  std::vector<int16_t> Wide(int first_output) const {
    std::vector<int16_t> u(size_t{kOutputs} * geometry.blocks * tile.points *
                           Channels());
    TransformWeights(spec, geometry, tile, first_output, 0, Channels(),
                     /*interleave=*/1, u.data());
    return u;
  }
  int Channels() const { return geometry.quads * 4; }

  const Conv1DSpec& spec;
  const Tile& tile;
  const WinogradGeometry geometry;
};

class TransformedWeightsTest : public testing::TestWithParam<const Tile*> {};

TEST_P(TransformedWeightsTest, Int8IsInt16Modulo256) {
  std::mt19937 random(21);
  for (int i = 0; i < 30; ++i) {
    const RandomLayer layer(random);
    const TransformedLayer transformed(layer, *GetParam());
    const WinogradGeometry& geometry = transformed.geometry;
    const int points = GetParam()->points;
    int largest = 0;
    for (int first = 0; first < layer.spec.out_channels; first += kOutputs) {
      const int channels = geometry.row_bytes;
      std::vector<int8_t> u(
          size_t{kOutputs} * points * geometry.blocks * channels, 77);
      TransformWeightsS8(layer.spec, geometry, *GetParam(), first, channels,
                         u.data());
      const std::vector<int16_t> wide = transformed.Wide(first);
      const int8_t* narrow = u.data();
      for (int p = 0; p < points; ++p) {
        for (int o = 0; o < kOutputs; ++o) {
          for (int b = 0; b < geometry.blocks; ++b) {
            for (int c = 0; c < channels; ++c, ++narrow) {
              int16_t want = 0;  // Beyond the layer's last channel.
              if (c < geometry.channels) {
                want = wide[((b * points + p) * transformed.Channels() + c) *
                                kOutputs +
                            o];
              }
              ASSERT_EQ(*narrow, static_cast<int8_t>(want)) << layer.Describe();
              largest = std::max(largest, std::abs(want));
            }
          }
        }
      }
    }
    const int found =
        LargestTransformedWeight(layer.spec, geometry, *GetParam());
    if (largest <= kMaxTransformedWeight) {
      ASSERT_EQ(found, largest) << layer.Describe();
    } else {
      ASSERT_GT(found, kMaxTransformedWeight) << layer.Describe();
      ASSERT_LE(found, largest) << layer.Describe();
    }
  }
}

TEST_P(TransformedWeightsTest, AreLookedAtOnce) {
  std::mt19937 random(22);
  RandomLayer layer(random);
  for (int8_t& w : layer.filter) w = static_cast<int8_t>(w % 4);
  const TransformedLayer transformed(layer, *GetParam());
  const WeightStats stats = Measured(layer.spec);
  const int largest =
      stats.LargestTransformed(layer.spec, transformed.geometry, *GetParam());
  EXPECT_GT(largest, 0);
  std::fill(layer.filter.begin(), layer.filter.end(), 0);
  EXPECT_EQ(
      stats.LargestTransformed(layer.spec, transformed.geometry, *GetParam()),
      largest);
}

INSTANTIATE_TEST_SUITE_P(AllTiles, TransformedWeightsTest,
                         testing::ValuesIn(AllTiles()));

}  // namespace
}  // namespace wqlite
