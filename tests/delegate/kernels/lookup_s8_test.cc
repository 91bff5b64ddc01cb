#include "delegate/kernels/lookup_s8.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/delegate/kernels/paths.h"

namespace wqlite {
namespace {

constexpr int8_t kUntouched = 77;

void Check(const LookupS8Kernel& kernel, size_t count, size_t misalign) {
  SCOPED_TRACE(testing::Message()
               << "count " << count << " misaligned by " << misalign);
  std::mt19937 random(static_cast<unsigned>(count));
  std::vector<int8_t> table(256);
  for (int8_t& x : table) x = static_cast<int8_t>(random());
  // Exact sizes: a sanitizer sees any read beyond them.
  std::vector<int8_t> in(misalign + count);
  for (size_t i = 0; i < in.size(); ++i) {
    in[i] = static_cast<int8_t>(count < 256 ? random() : i);
  }
  std::vector<int8_t> want(misalign, kUntouched);
  for (size_t i = misalign; i < in.size(); ++i) {
    want.push_back(table[static_cast<uint8_t>(in[i])]);
  }

  std::vector<int8_t> out(misalign + count, kUntouched);
  kernel.run(table.data(), in.data() + misalign, count, out.data() + misalign);
  EXPECT_EQ(out, want);

  std::fill_n(in.begin(), misalign, kUntouched);
  kernel.run(table.data(), in.data() + misalign, count, in.data() + misalign);
  EXPECT_EQ(in, want) << "in place";
}

TEST(LookupS8Test, EveryPathEqualsReference) {
  ForEachPath(AvailableLookupS8(), [](const LookupS8Kernel& kernel) {
    for (size_t count = 0; count < 140; ++count) {
      Check(kernel, count, count % 5);
    }
    Check(kernel, 256, 0);
    Check(kernel, 5000, 3);
  });
}

}  // namespace
}  // namespace wqlite
