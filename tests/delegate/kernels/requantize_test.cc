#include "delegate/kernels/requantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/delegate/kernels/paths.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kRows = 64;
constexpr int8_t kUntouched = 77;

RequantizeParams RandomParams(std::mt19937& random, int bits,
                              Rounding rounding) {
  const auto any = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  RequantizeParams params = {};
  params.rounding = rounding;
  for (int c = 0; c < 8; ++c) {
    params.bias[c] = any(-1000, 1000);
    // Powers of two make ties; -31 to 30 are the shifts that TFLite knows.
    params.multiplier[c] = any(0, 2) == 0 ? 1 << 30 : any(1 << 30, 2147483647);
    params.shift[c] = any(0, 3) == 0 ? any(-31, 30) : any(-bits + 5, -bits + 9);
  }
  params.zero_point = any(-128, 127);
  params.min = any(-128, 0);
  params.max = any(0, 127);
  return params;
}

// Compares a whole run. acc: [kRows][8].
void Check(const RequantizeKernel& kernel, const RequantizeParams& params,
           const std::vector<int32_t>& acc, int columns, ptrdiff_t stride) {
  std::vector<int8_t> out(stride * (kRows - 1) + columns, kUntouched);
  std::vector<int8_t> want = out;
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < columns; ++c) {
      want[r * stride + c] = ReferenceRequantize(
          int64_t{acc[r * 8 + c]} + params.bias[c], params.multiplier[c],
          params.shift[c], params.rounding, params.zero_point, params.min,
          params.max);
    }
  }
  kernel.run(acc.data(), kRows, params, out.data(), stride, columns);
  EXPECT_EQ(out, want);
}

class RequantizeTest : public testing::TestWithParam<Rounding> {};

INSTANTIATE_TEST_SUITE_P(Rules, RequantizeTest,
                         testing::ValuesIn(kAllRoundings),
                         [](const auto& info) {
                           return std::string(RoundingName(info.param));
                         });

TEST_P(RequantizeTest, EveryPathEqualsReference) {
  ForEachPath(AvailableRequantize(), [](const RequantizeKernel& kernel) {
    for (int seed = 0; seed < 40; ++seed) {
      for (const int bits : {8, 12, 20, 27, 31}) {  // Of the sums.
        SCOPED_TRACE(testing::Message() << "seed " << seed << " bits " << bits);
        std::mt19937 random(seed);
        const RequantizeParams params = RandomParams(random, bits, GetParam());
        std::vector<int32_t> acc(kRows * 8);
        for (int32_t& x : acc)
          x = static_cast<int32_t>(random()) >> (32 - bits);
        const int some = 1 + seed % 7;
        Check(kernel, params, acc, 8, 8 + seed % 4);
        Check(kernel, params, acc, some, some + seed % 4);
      }
    }
  });
}

// All shifts, with sums at and beside every tie, and at the ends of int32.
TEST_P(RequantizeTest, TiesAndExtremesAtEveryShift) {
  ForEachPath(AvailableRequantize(), [](const RequantizeKernel& kernel) {
    RequantizeParams params = {};
    params.rounding = GetParam();
    params.min = -128;
    params.max = 127;
    std::vector<int32_t> acc(kRows * 8);
    for (int shift = -31; shift <= 30; ++shift) {
      SCOPED_TRACE(testing::Message() << "shift " << shift);
      for (int c = 0; c < 8; ++c) {
        // 1/2, 5/8, 3/4 and so on of 2^shift, and the largest.
        params.multiplier[c] = c < 7 ? (1 << 30) + c * (1 << 27)
                                     : std::numeric_limits<int32_t>::max();
        params.shift[c] = shift;
        params.bias[c] = 0;
      }
      for (int r = 0; r < kRows; ++r) {
        // Odd multiples of a quarter and a half of a step of the output.
        const int64_t step = shift < 0 ? int64_t{1} << -shift : 1;
        const int64_t tie = (r / 3 - kRows / 6) * step / 2 + r % 3 - 1;
        constexpr int64_t kMin = std::numeric_limits<int32_t>::min();
        constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
        const int64_t ends[] = {kMin, kMin + 1, kMax, kMax - 1};
        for (int c = 0; c < 8; ++c) {
          acc[r * 8 + c] = static_cast<int32_t>(
              r < 4 ? ends[r] : std::clamp(tie, kMin, kMax));
        }
      }
      Check(kernel, params, acc, 8, 8);
    }
  });
}

// The smallest sums that tell the rules apart, by hand.
TEST(RequantizeRulesTest, DifferAsTheirFormulasSay) {
  struct Case {
    int32_t acc, multiplier;
    int shift;
    int double_up, double_away, single;
  };
  constexpr int32_t kHalf = 1 << 30;
  const Case cases[] = {{-1, kHalf, 0, 0, 0, 0},
                        {1, kHalf, 0, 1, 1, 1},
                        {1, kHalf, -1, 1, 1, 0},
                        {-1, 5 << 28, -1, 0, -1, 0},
                        {-3, kHalf, 0, -1, -1, -1}};
  for (const Case& one : cases) {
    EXPECT_EQ(
        ReferenceScale(one.acc, one.multiplier, one.shift, Rounding::kDoubleUp),
        one.double_up);
    EXPECT_EQ(ReferenceScale(one.acc, one.multiplier, one.shift,
                             Rounding::kDoubleAway),
              one.double_away);
    EXPECT_EQ(
        ReferenceScale(one.acc, one.multiplier, one.shift, Rounding::kSingle),
        one.single);
  }
}

}  // namespace
}  // namespace wqlite
