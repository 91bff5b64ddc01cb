#include "delegate/tflite/lookup_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wqlite {
namespace {

// Bit-exactness against TFLite itself is tested by test_unary.py, here and on
// ARMv7; these are values worked out by hand.

int At(const LookupTable& table, int q) {
  return table[static_cast<uint8_t>(q)];
}

TEST(LookupTableTest, LeakyReluHasTwoSlopes) {
  LookupTable table;
  ASSERT_TRUE(MakeLeakyRelu({0.5f, 10}, {0.25f, -20}, 0.25f, &table).ok());
  EXPECT_EQ(At(table, 10), -20);  // Real 0.
  EXPECT_EQ(At(table, 11), -18);  // 0.5
  EXPECT_EQ(At(table, 83), 126);
  EXPECT_EQ(At(table, 84), 127);  // Saturated.
  EXPECT_EQ(At(table, 127), 127);
  EXPECT_EQ(At(table, 6), -22);  // -2 * 0.25
  EXPECT_EQ(At(table, 5), -22);  // -2.5 steps: up, in the multiplication,
  EXPECT_EQ(At(table, 9), -20);  // and -0.5.
  EXPECT_EQ(At(table, -128), -89);
  ASSERT_TRUE(MakeLeakyRelu({0.5f, 0}, {0.5f, 0}, 0.25f, &table).ok());
  EXPECT_EQ(At(table, -2), -1);  // -0.5 steps: away from zero, in the shift.
}

TEST(LookupTableTest, NegativeAlphaAndSlopesAboveOne) {
  LookupTable table;
  ASSERT_TRUE(MakeLeakyRelu({1, 0}, {1, 0}, -0.5f, &table).ok());
  EXPECT_EQ(At(table, -128), 64);
  ASSERT_TRUE(MakeLeakyRelu({1, 0}, {1, 0}, 3, &table).ok());
  EXPECT_EQ(At(table, -40), -120);
  EXPECT_EQ(At(table, -43), -128);
  EXPECT_EQ(At(table, 43), 43);
}

TEST(LookupTableTest, ClampKeepsTheRange) {
  LookupTable table;
  ASSERT_TRUE(MakeClamp({0.1f, 0}, {0.05f, 4}, 4, 24, &table).ok());
  EXPECT_EQ(At(table, -128), 4);
  EXPECT_EQ(At(table, 0), 4);
  EXPECT_EQ(At(table, 3), 10);
  EXPECT_EQ(At(table, 10), 24);
  EXPECT_EQ(At(table, 127), 24);
}

TEST(LookupTableTest, RangeBeyondTheOutputGivesItsUpperEnd) {
  LookupTable table;
  ASSERT_TRUE(MakeClamp({1, 0}, {1, 0}, 60, 50, &table).ok());
  for (int q = -128; q < 128; ++q) EXPECT_EQ(At(table, q), 50);
}

TEST(LookupTableTest, ScalesThatOverflowAreRefused) {
  LookupTable table;
  const Quantisation wide = {16777216, 0};
  EXPECT_FALSE(MakeClamp(wide, {1, 0}, -128, 127, &table).ok());
  EXPECT_EQ(MakeLeakyRelu(wide, {1, 0}, 0.1f, &table).message(),
            "its output scale is too small for its input scale");
  EXPECT_FALSE(MakeLeakyRelu({1, 0}, {1, 0}, 1e9f, &table).ok());
  ASSERT_TRUE(MakeClamp({1, 0}, {1e20f, 5}, -128, 127, &table).ok());
  for (int q = -128; q < 128; ++q) EXPECT_EQ(At(table, q), 5);
}

TEST(LookupTableTest, FunctionOfRealNumbers) {
  const LookupTable square =
      MakeFromReal({0.5f, 2}, {0.25f, -10}, [](float x) { return x * x; });
  EXPECT_EQ(At(square, 2), -10);
  EXPECT_EQ(At(square, 5), -1);  // 1.5 squared, in steps of 0.25, less 10.
  EXPECT_EQ(At(square, -1), -1);
  EXPECT_EQ(At(square, 14), 127);  // 36: 144 - 10 is too much.
}

TEST(LookupTableTest, FunctionThatOverflowsSaturates) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const LookupTable table = MakeFromReal(
      {1, 0}, {1, 0}, [](float x) { return x < 0 ? -kInfinity : kInfinity; });
  EXPECT_EQ(At(table, -1), -128);
  EXPECT_EQ(At(table, 0), 127);
}

}  // namespace
}  // namespace wqlite
