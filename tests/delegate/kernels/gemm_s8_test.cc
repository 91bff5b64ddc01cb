#include "delegate/kernels/gemm_s8.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/delegate/kernels/paths.h"

namespace wqlite {
namespace {

constexpr int kDepth = kGemmS8Depth;

// `low`, `high`: the range of the weights; `extreme`: only the two ends.
void Check(const GemmS8Kernel& kernel, int blocks, int low, bool extreme) {
  SCOPED_TRACE(testing::Message() << "blocks " << blocks << " weights from "
                                  << low << " extreme " << extreme);
  std::mt19937 random(blocks);
  const auto draw = [&](int lowest) {
    const int x = std::uniform_int_distribution<int>(lowest, 127)(random);
    return static_cast<int8_t>(extreme ? (x < 0 ? lowest : 127) : x);
  };
  std::vector<int8_t> a(blocks * kernel.rows * kDepth);
  std::vector<int8_t> w(blocks * kGemmS8Columns * kDepth);
  for (int8_t& x : a) x = draw(-128);
  for (int8_t& x : w) x = draw(low);
  std::vector<int32_t> want(kernel.rows * kGemmS8Columns);
  for (int r = 0; r < kernel.rows; ++r) {
    for (int c = 0; c < kGemmS8Columns; ++c) {
      const int panel = c / kernel.columns;
      for (int k = 0; k < blocks * kDepth; ++k) {
        const int block = k / kDepth;
        const int x = a[(block * kernel.rows + r) * kDepth + k % kDepth];
        const int y =
            w[((panel * blocks + block) * kernel.columns + c % kernel.columns) *
                  kDepth +
              k % kDepth];
        want[r * kGemmS8Columns + c] += x * y;
      }
    }
  }
  std::vector<int32_t> acc(want.size(), 12345);
  kernel.run(blocks, a.data(), w.data(), acc.data());
  EXPECT_EQ(acc, want);
}

TEST(GemmS8Test, EveryPathEqualsReference) {
  ForEachPath(FindGemmS8, [](const GemmS8Kernel& kernel) {
    // Below, at and beyond the kernels' unrolling.
    for (const int blocks : {1, 2, 3, 4, 5, 7, 8, 9, 125}) {
      for (const bool extreme : {false, true}) {
        Check(kernel, blocks, -127, extreme);
        if (kernel.takes_lowest_weight) Check(kernel, blocks, -128, extreme);
      }
    }
  });
}

TEST(GemmS8Test, APathTakesTheLowestWeight) {
  EXPECT_TRUE(FindGemmS8(Isa::kPortable)->takes_lowest_weight);
}

}  // namespace
}  // namespace wqlite
