#include "delegate/kernels/gemm_s8.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "delegate/base/buffer.h"
#include "tests/delegate/kernels/paths.h"

namespace wqlite {
namespace {

struct Case {
  int length;
  int columns;
  int lowest;    // Weights from here ...
  int highest;   // ... to here,
  bool extreme;  // or only these two.
};

void Check(const GemmS8Kernel& kernel, const Case& c) {
  SCOPED_TRACE(testing::Message()
               << "length " << c.length << " columns " << c.columns
               << " weights " << c.lowest << " to " << c.highest << " extreme "
               << c.extreme);
  std::mt19937 random(c.length);
  const auto draw = [&](int low, int high) {
    const int x = std::uniform_int_distribution<int>(low, high)(random);
    return static_cast<int8_t>(c.extreme ? (x % 2 == 0 ? low : high) : x);
  };
  const int blocks = (c.length + kernel.depth - 1) / kernel.depth;
  const int a_size = blocks * kernel.rows * kernel.depth;
  Buffer<int8_t> a_buffer;
  ASSERT_TRUE(a_buffer.Allocate(a_size));
  int8_t* a = a_buffer.data();
  std::vector<int8_t> w(c.columns * c.length);
  for (int i = 0; i < a_size; ++i) a[i] = draw(-128, 127);
  for (int8_t& x : w) x = draw(c.lowest, c.highest);
  std::vector<int32_t> want(kernel.rows * kGemmS8Columns);
  for (int r = 0; r < kernel.rows; ++r) {
    for (int column = 0; column < c.columns; ++column) {
      for (int k = 0; k < c.length; ++k) {
        const int block = k / kernel.depth;
        const int x =
            a[(block * kernel.rows + r) * kernel.depth + k % kernel.depth];
        want[r * kGemmS8Columns + column] += x * w[column * c.length + k];
      }
    }
  }
  for (int i = 0; i < a_size; ++i) a[i] ^= kernel.flip;
  Buffer<int8_t> packed;
  ASSERT_TRUE(packed.Allocate(kernel.packed_bytes(blocks)));
  kernel.pack(w.data(), c.columns, c.length, blocks, packed.data());
  std::vector<int32_t> acc(want.size(), 12345);
  kernel.run(blocks, a, packed.data(), acc.data());
  for (int r = 0; r < kernel.rows; ++r) {
    for (int column = 0; column < c.columns; ++column) {
      const int at = r * kGemmS8Columns + column;
      ASSERT_EQ(acc[at], want[at]) << "row " << r << " column " << column;
    }
  }
}

TEST(GemmS8Test, EveryPathEqualsReference) {
  ForEachPath(AvailableGemmS8(), [](const GemmS8Kernel& kernel) {
    // Nothing; below, at and beyond the kernels' blocks and unrolling.
    for (const int length :
         {0, 1, 15, 16, 17, 31, 32, 33, 64, 100, 129, 2000}) {
      for (const int columns : {1, 2, 7, 8}) {
        for (const bool extreme : {false, true}) {
          Check(kernel, {length, columns, -127, 127, extreme});
          // Small weights allow longer chains of products; mixed ones both.
          Check(kernel, {length, columns, -63, 63, extreme});
          Check(kernel, {length, columns, -80, 80, false});
          if (kernel.takes_lowest_weight) {
            Check(kernel, {length, columns, -128, 127, extreme});
          }
        }
      }
    }
  });
}

TEST(GemmS8Test, APathTakesTheLowestWeight) {
  EXPECT_TRUE(AvailableGemmS8().back()->takes_lowest_weight);
}

}  // namespace
}  // namespace wqlite
