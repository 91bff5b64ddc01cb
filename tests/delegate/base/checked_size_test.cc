#include "delegate/base/checked_size.h"

#include <gtest/gtest.h>

#include <climits>
#include <cstdint>

#include "delegate/base/buffer.h"

namespace wqlite {
namespace {

TEST(CheckedSizeTest, CountsInSixtyFourBits) {
  bool fits = true;
  const CheckedSize size = CheckedSize(3) * 5 + 2;
  EXPECT_EQ(size.AsIndex(&fits), 17);
  EXPECT_EQ(size.AsBytes(&fits), 17u);
  EXPECT_EQ(size.DividedBy(4).AsBytes(&fits), 5u);
  EXPECT_EQ(size.RoundedUpTo(4).AsBytes(&fits), 20u);
  EXPECT_TRUE(fits);
  // More than 32 bits hold, on the way.
  const CheckedSize wide = CheckedSize(INT_MAX) * INT_MAX;
  EXPECT_EQ(wide.DividedBy(INT_MAX).AsBytes(&fits), size_t{INT_MAX});
  EXPECT_TRUE(fits);
}

TEST(CheckedSizeTest, SaysWhatIsTooLarge) {
  const CheckedSize index = kMaxIndex;
  bool fits = true;
  EXPECT_EQ(index.AsIndex(&fits), kMaxIndex);
  EXPECT_TRUE(fits);
  EXPECT_EQ((index + 1).AsIndex(&fits), kMaxIndex);
  EXPECT_FALSE(fits);

  const CheckedSize bytes = PTRDIFF_MAX;
  fits = true;
  EXPECT_EQ(bytes.AsBytes(&fits), static_cast<size_t>(PTRDIFF_MAX));
  EXPECT_TRUE(fits);
  EXPECT_TRUE(bytes.fits_memory());
  EXPECT_EQ((bytes + 1).AsBytes(&fits), static_cast<size_t>(PTRDIFF_MAX));
  EXPECT_FALSE(fits);
  EXPECT_FALSE((bytes + 1).fits_memory());
}

TEST(CheckedSizeTest, TooLargeStaysSo) {
  const CheckedSize most = UINT64_MAX;
  const CheckedSize overflowed = CheckedSize(uint64_t{1} << 63) * 2;
  for (const CheckedSize& size :
       {most, overflowed, CheckedSize(-1), most + 1, most * 0, most * 2,
        most.DividedBy(1000), most.RoundedUpTo(64), CheckedSize(0) * most,
        CheckedSize(UINT64_MAX - 1) + 1,
        CheckedSize(UINT64_MAX - 1).RoundedUpTo(64)}) {
    EXPECT_FALSE(size.fits_memory());
    bool fits = true;
    size.AsIndex(&fits);
    EXPECT_FALSE(fits);
  }
}

TEST(CheckedSizeTest, NoBufferOfAnUnaddressableSize) {
  Buffer<int64_t> buffer;
  EXPECT_TRUE(buffer.Allocate(1));
  for (const CheckedSize count :
       {CheckedSize(PTRDIFF_MAX), CheckedSize(PTRDIFF_MAX) * 2,
        CheckedSize(SIZE_MAX) * 1000}) {
    EXPECT_FALSE(buffer.Allocate(count));
    EXPECT_EQ(buffer.data(), nullptr);
  }
  Carver carver(nullptr);
  EXPECT_EQ(carver.Take<int64_t>(PTRDIFF_MAX), nullptr);
  EXPECT_FALSE(carver.used().fits_memory());
}

}  // namespace
}  // namespace wqlite
