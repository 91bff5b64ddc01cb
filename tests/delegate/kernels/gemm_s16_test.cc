#include "delegate/kernels/gemm_s16.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/delegate/kernels/paths.h"

namespace wqlite {
namespace {

struct Case {
  int points;
  int quads;
  int tiles;
  int extra_stride;  // Quads may lie further apart than a group of tiles.
  bool accumulate;
  bool extreme;  // Only -32768 and 32767: sums wrap.
};

void Check(const GemmS16Kernel& kernel, const Case& c) {
  SCOPED_TRACE(testing::Message()
               << "points " << c.points << " quads " << c.quads << " tiles "
               << c.tiles << " extra " << c.extra_stride << " accumulate "
               << c.accumulate << " extreme " << c.extreme);
  std::mt19937 random(c.points + 100 * c.quads + 10000 * c.tiles);
  std::uniform_int_distribution<int> any(-32768, 32767);
  const auto draw = [&] {
    return c.extreme ? (any(random) < 0 ? -32768 : 32767) : any(random);
  };
  const int channels = c.quads * 4;
  const ptrdiff_t quad_stride = (c.tiles + c.extra_stride) * 4;
  const ptrdiff_t v_point = quad_stride * c.quads;
  // Exact sizes: a sanitizer sees any read beyond them.
  std::vector<int16_t> v(v_point * (c.points - 1) +
                         quad_stride * (c.quads - 1) + c.tiles * 4);
  std::vector<int16_t> u(size_t{8} * channels * c.points + 8);
  for (int16_t& x : v) x = static_cast<int16_t>(draw());
  for (int16_t& x : u) x = static_cast<int16_t>(draw());
  auto* aligned = reinterpret_cast<int16_t*>(
      (reinterpret_cast<uintptr_t>(u.data()) + 15) & ~uintptr_t{15});
  std::vector<int32_t> acc(c.points * c.tiles * 8);
  for (int32_t& x : acc) x = static_cast<int32_t>(random());

  std::vector<int32_t> want(acc.size());
  for (int p = 0; p < c.points; ++p) {
    for (int t = 0; t < c.tiles; ++t) {
      for (int o = 0; o < 8; ++o) {
        const int at = (p * c.tiles + t) * 8 + o;
        uint32_t sum = c.accumulate ? static_cast<uint32_t>(acc[at]) : 0;
        for (int i = 0; i < channels; ++i) {
          const int u_at =
              (p * channels + i / kernel.interleave * kernel.interleave) * 8 +
              o * kernel.interleave + i % kernel.interleave;
          sum += static_cast<uint32_t>(
              v[p * v_point + i / 4 * quad_stride + t * 4 + i % 4] *
              aligned[u_at]);
        }
        want[at] = static_cast<int32_t>(sum);
      }
    }
  }

  GemmS16Args args;
  args.points = c.points;
  args.quads = c.quads;
  args.v = v.data();
  args.v_point_stride = v_point;
  args.v_quad_stride = quad_stride;
  args.u = aligned;
  args.u_point_stride = ptrdiff_t{8} * channels;
  args.acc = acc.data();
  args.accumulate = c.accumulate;
  kernel.run[c.tiles](args);
  EXPECT_EQ(acc, want);
}

TEST(GemmS16Test, EveryPathEqualsReference) {
  ForEachPath(AvailableGemmS16(), [](const GemmS16Kernel& kernel) {
    for (int tiles = 1; tiles <= kernel.max_tiles; ++tiles) {
      // Below, at and beyond the kernels' unrolling.
      for (const int quads : {1, 2, 3, 4, 5, 6, 7, 12, 13}) {
        for (const bool flag : {false, true}) {
          Check(kernel, {1, quads, tiles, 0, flag, false});
          Check(kernel, {3, quads, tiles, 2, true, flag});
        }
      }
      Check(kernel, {24, 63, tiles, 0, false, false});
    }
  });
}

}  // namespace
}  // namespace wqlite
