#include "delegate/winograd/checked_s8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>

namespace wqlite {
namespace {

enum class Operation { kAdd, kSubtract };

/// One operation on 16 lanes, from memory to memory as the flag wants it.
/// Returns whether it was flagged.
[[gnu::noinline]] bool Compute(Operation operation, const int8_t* a,
                               const int8_t* b, int8_t* result) {
  OverflowFlag flag;
  U8x16 x;
  U8x16 y;
  std::memcpy(&x, a, sizeof(x));
  std::memcpy(&y, b, sizeof(y));
  const CheckedS8 checked = operation == Operation::kAdd
                                ? CheckedS8(x) + CheckedS8(y)
                                : CheckedS8(x) - CheckedS8(y);
  flag.Note(checked);
  const U8x16 value = checked.value();
  std::memcpy(result, &value, sizeof(value));
  return flag.raised();
}

TEST(CheckedS8Test, FlagsExactlyWhatDoesNotFit) {
  for (const Operation operation : {Operation::kAdd, Operation::kSubtract}) {
    for (int x = -128; x <= 127; ++x) {
      for (int y = -128; y <= 127; ++y) {
        const int lane = (x + y) & 15;  // The others stay at 0.
        int8_t a[16] = {};
        int8_t b[16] = {};
        int8_t result[16];
        a[lane] = static_cast<int8_t>(x);
        b[lane] = static_cast<int8_t>(y);
        const int exact = operation == Operation::kAdd ? x + y : x - y;
        const bool fits = -128 <= exact && exact <= 127;
        ASSERT_NE(Compute(operation, a, b, result), fits) << x << " " << y;
        if (fits) {
          ASSERT_EQ(result[lane], exact);
        }
      }
    }
  }
}

/// (a + a) - a of 16 lanes, as Compute.
[[gnu::noinline]] bool ThereAndBack(const int8_t* a, int8_t* result) {
  OverflowFlag flag;
  U8x16 loaded;
  std::memcpy(&loaded, a, sizeof(loaded));
  const CheckedS8 x(loaded);
  const CheckedS8 back = (x + x) - x;
  flag.Note(back);
  const U8x16 value = back.value();
  std::memcpy(result, &value, sizeof(value));
  return flag.raised();
}

TEST(CheckedS8Test, KeepsAnEarlierOverflowOfAnOperand) {
  int8_t result[16];
  const int8_t large[16] = {0, 0, 100};
  EXPECT_TRUE(ThereAndBack(large, result));
  const int8_t small[16] = {0, 0, 50};
  EXPECT_FALSE(ThereAndBack(small, result));
  EXPECT_EQ(result[2], 50);
}

TEST(CheckedS8Test, ANewFlagIsDown) {
  int8_t large[16] = {127};
  int8_t result[16];
  EXPECT_TRUE(Compute(Operation::kAdd, large, large, result));
  EXPECT_FALSE(OverflowFlag().raised());
}

TEST(CheckedS8Test, ThreadsHaveTheirOwn) {
  OverflowFlag flag;
  std::thread([] {
    int8_t large[16] = {127};
    int8_t result[16];
    EXPECT_TRUE(Compute(Operation::kAdd, large, large, result));
  }).join();
  EXPECT_FALSE(flag.raised());
}

}  // namespace
}  // namespace wqlite
