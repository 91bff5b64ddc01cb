#include "delegate/kernels/requantize.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "tests/delegate/kernels/paths.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kRows = 64;
constexpr int8_t kUntouched = 77;

// `bits`: sums stay below 2^bits.
void Check(const RequantizeKernel& kernel, int seed, int bits, int columns) {
  SCOPED_TRACE(testing::Message() << "seed " << seed << " bits " << bits
                                  << " columns " << columns);
  std::mt19937 random(seed);
  const auto any = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  RequantizeParams params = {};
  int shift[8];
  for (int c = 0; c < 8; ++c) {
    params.bias[c] = any(-1000, 1000);
    // Powers of two make ties; -31 to 3 are the shifts that TFLite knows.
    params.multiplier[c] = any(0, 2) == 0 ? 1 << 30 : any(1 << 30, 2147483647);
    shift[c] = any(0, 3) == 0 ? any(-31, 3) : any(-bits + 5, -bits + 9);
    params.left_shift[c] = std::max(shift[c], 0);
    params.right_shift[c] = std::max(-shift[c], 0);
  }
  params.zero_point = any(-128, 127);
  params.min = any(-128, 0);
  params.max = any(0, 127);
  params.ties_away = any(0, 1) == 0;
  std::vector<int32_t> acc(kRows * 8);
  for (int32_t& x : acc) x = static_cast<int32_t>(random()) >> (32 - bits);
  const ptrdiff_t stride = columns + any(0, 3);
  std::vector<int8_t> out(stride * (kRows - 1) + columns, kUntouched);
  std::vector<int8_t> want = out;
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < columns; ++c) {
      want[r * stride + c] =
          ReferenceRequantize(int64_t{acc[r * 8 + c]} + params.bias[c],
                              params.multiplier[c], shift[c], params.ties_away,
                              params.zero_point, params.min, params.max);
    }
  }
  kernel.run(acc.data(), kRows, params, out.data(), stride, columns);
  EXPECT_EQ(out, want);
}

TEST(RequantizeTest, EveryPathEqualsReference) {
  ForEachPath(FindRequantize, [](const RequantizeKernel& kernel) {
    for (int seed = 0; seed < 40; ++seed) {
      for (const int bits : {8, 12, 20, 27, 31}) {
        Check(kernel, seed, bits, 8);
        Check(kernel, seed, bits, 1 + seed % 7);
      }
    }
  });
}

}  // namespace
}  // namespace wqlite
