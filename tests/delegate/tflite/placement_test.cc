#include "delegate/tflite/placement.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace wqlite {
namespace {

using Pairs = std::vector<std::pair<int, int>>;

Use Conv(int input, int output) { return {input, output, false}; }
Use Pointwise(int input, int output) { return {input, output, true}; }

// (source, target) of each step.
Pairs Places(const std::vector<Use>& steps, const std::set<int>& outputs) {
  Pairs pairs;
  for (const Place& place : PlaceTensors(steps, outputs)) {
    pairs.emplace_back(place.source, place.target);
  }
  return pairs;
}

TEST(PlacementTest, ConvolutionsKeepTheirTensors) {
  EXPECT_EQ(Places({Conv(0, 1), Conv(1, 2)}, {2}), (Pairs{{0, 1}, {1, 2}}));
}

TEST(PlacementTest, AChainLivesInItsLastTensor) {
  EXPECT_EQ(Places({Conv(0, 1), Pointwise(1, 2), Pointwise(2, 3), Conv(3, 4),
                    Pointwise(4, 5)},
                   {5}),
            (Pairs{{0, 3}, {3, 3}, {3, 3}, {3, 5}, {5, 5}}));
}

TEST(PlacementTest, ATensorThatOthersReadIsKept) {
  // Another step reads 1.
  EXPECT_EQ(Places({Conv(0, 1), Pointwise(1, 2), Conv(1, 3)}, {2, 3}),
            (Pairs{{0, 1}, {1, 2}, {1, 3}}));
  // The rest of the graph reads 1.
  EXPECT_EQ(Places({Conv(0, 1), Pointwise(1, 2)}, {1, 2}),
            (Pairs{{0, 1}, {1, 2}}));
  // The same in the middle of a chain: only what comes after it moves.
  EXPECT_EQ(Places({Conv(0, 1), Pointwise(1, 2), Pointwise(2, 3)}, {2, 3}),
            (Pairs{{0, 2}, {2, 2}, {2, 3}}));
}

TEST(PlacementTest, TwoReadersOfTheEndOfAChain) {
  EXPECT_EQ(Places({Conv(0, 1), Pointwise(1, 2), Conv(2, 3), Pointwise(2, 4)},
                   {3, 4}),
            (Pairs{{0, 2}, {2, 2}, {2, 3}, {2, 4}}));
}

TEST(PlacementTest, WhatComesFromOutsideIsNotWrittenTo) {
  EXPECT_EQ(Places({Pointwise(0, 1), Pointwise(1, 2)}, {2}),
            (Pairs{{0, 2}, {2, 2}}));
}

}  // namespace
}  // namespace wqlite
