// As gemm_s16_neon32.cc, for cores that execute in order (Cortex-A7, A53, A55).
// They start a product and a load of 64 bits in one cycle, but nothing beside a
// wider load: so every load is one of 64 bits behind a product. Each loads what
// is used some products later, into a register that was used for the last time
// just before. Registers with five tiles:
//
//   d0 .. d4     four input channels of tiles 0 .. 4
//   d8 .. d11    input channels of u, 8 output channels each: the first and the
//                third in d8 and d9, the others in d10 and d11
//   q6 .. q15    the sums: a pair of registers for each tile
//
// One or two tiles have too few products to hide loads and results behind: for
// them it takes the kernel with wide loads.
#include "delegate/kernels/gemm_s16_sums_neon32.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

#define WQ_U(d) "vld1.16 {" d "}, [%[u]]!\n"
#define WQ_V(d) "vld1.16 {" d "}, [%[v]]!\n"
#define WQ_NOTHING(d)

#define WQ_MLA(acc, u, tile, i) "vmlal.s16 " acc ", " u ", " tile "[" i "]\n"

// The low halves of the tiles' sums += half an input channel of u times lane
// `i` of the tiles' registers, with a load behind the first product.
#define WQ_LOW_3(u, i, load)         \
  WQ_MLA("q6", u, "d0", i) load      \
  WQ_MLA("q8", u, "d1", i)           \
  WQ_MLA("q10", u, "d2", i)
#define WQ_LOW_4(u, i, load) WQ_LOW_3(u, i, load) WQ_MLA("q12", u, "d3", i)
#define WQ_LOW_5(u, i, load) WQ_LOW_4(u, i, load) WQ_MLA("q14", u, "d4", i)

// The same for the high halves.
#define WQ_HIGH_3(u, i, load)        \
  WQ_MLA("q7", u, "d0", i) load      \
  WQ_MLA("q9", u, "d1", i)           \
  WQ_MLA("q11", u, "d2", i)
#define WQ_HIGH_4(u, i, load) WQ_HIGH_3(u, i, load) WQ_MLA("q13", u, "d3", i)
#define WQ_HIGH_5(u, i, load) WQ_HIGH_4(u, i, load) WQ_MLA("q15", u, "d4", i)

// The last products of four input channels, each the last one of its tile:
// `next_v` loads the next channels, or nothing.
#define WQ_LAST_3(u, i, next_v)              \
  WQ_MLA("q7", u, "d0", i) next_v("d0")      \
  WQ_MLA("q9", u, "d1", i) next_v("d1")      \
  WQ_MLA("q11", u, "d2", i) next_v("d2")
#define WQ_LAST_4(u, i, next_v) \
  WQ_LAST_3(u, i, next_v) WQ_MLA("q13", u, "d3", i) next_v("d3")
#define WQ_LAST_5(u, i, next_v) \
  WQ_LAST_4(u, i, next_v) WQ_MLA("q15", u, "d4", i) next_v("d4")

// The first four input channels of v.
#define WQ_FIRST_3 WQ_V("d0") WQ_V("d1") WQ_V("d2")
#define WQ_FIRST_4 WQ_FIRST_3 WQ_V("d3")
#define WQ_FIRST_5 WQ_FIRST_4 WQ_V("d4")

// Four input channels: of u the first one is there yet, of v all. `next_u` and
// `next_v` load as much of the next four, or nothing.
#define WQ_QUAD(tiles, next_u, next_v)                        \
  WQ_LOW_##tiles("d8", "0", WQ_U("d10")) WQ_U("d11")          \
  WQ_HIGH_##tiles("d9", "0", WQ_U("d8")) WQ_U("d9")           \
  WQ_LOW_##tiles("d10", "1", )                                \
  WQ_HIGH_##tiles("d11", "1", WQ_U("d10")) WQ_U("d11")        \
  WQ_LOW_##tiles("d8", "2", )                                 \
  WQ_HIGH_##tiles("d9", "2", next_u("d8")) next_u("d9")       \
  WQ_LOW_##tiles("d10", "3", )                                \
  WQ_LAST_##tiles("d11", "3", next_v)

// The next four may lie further on than side by side.
#define WQ_NEXT_QUAD(tiles) "add %[v], %[v], %[gap]\n" WQ_QUAD(tiles, WQ_U, WQ_V)

// A function that does acc[tiles][8] (+)= v * u for one point. `gap`: bytes
// between quads of v.
#define WQ_POINT(name, tiles)                                                 \
  void name(const int16_t* v, ptrdiff_t gap, const int16_t* u, int quads,     \
            int32_t* acc, bool accumulate) {                                  \
    int fours = (quads - 1) / 4;                                              \
    int rest = (quads - 1) % 4;                                               \
    asm volatile(                                                             \
        WQ_U("d8") WQ_U("d9") WQ_FIRST_##tiles                                \
        WQ_BEGIN(tiles, "1", "2")                                             \
        "cmp %[fours], #0\n"                                                  \
        "beq 4f\n"                                                            \
        "3:\n"                                                                \
        "subs %[fours], %[fours], #1\n"                                       \
        WQ_NEXT_QUAD(tiles)                                                   \
        WQ_NEXT_QUAD(tiles)                                                   \
        WQ_NEXT_QUAD(tiles)                                                   \
        WQ_NEXT_QUAD(tiles)                                                   \
        "bne 3b\n"                                                            \
        "4:\n"                                                                \
        "cmp %[rest], #0\n"                                                   \
        "beq 6f\n"                                                            \
        "5:\n"                                                                \
        "subs %[rest], %[rest], #1\n"                                         \
        WQ_NEXT_QUAD(tiles)                                                   \
        "bne 5b\n"                                                            \
        "6:\n"                                                                \
        WQ_QUAD(tiles, WQ_NOTHING, WQ_NOTHING)                                \
        WQ_STORE_##tiles                                                      \
        : [v] "+r"(v), [u] "+r"(u), [fours] "+r"(fours), [rest] "+r"(rest),   \
          [acc] "+r"(acc)                                                     \
        : [gap] "r"(gap), [accumulate] "r"(accumulate)                        \
        : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7",     \
          "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15");              \
  }

WQ_POINT(Point3, 3)
WQ_POINT(Point4, 4)
WQ_POINT(Point5, 5)

// clang-format on

using PointFunction = void (*)(const int16_t* v, ptrdiff_t gap,
                               const int16_t* u, int quads, int32_t* acc,
                               bool accumulate);

template <int kTiles, PointFunction kPoint>
void Run(const GemmS16Args& args) {
  const ptrdiff_t gap = (args.v_quad_stride - kTiles * 4) * 2;
  const int16_t* v = args.v;
  const int16_t* u = args.u;
  int32_t* acc = args.acc;
  for (int p = 0; p < args.points; ++p) {
    kPoint(v, gap, u, args.quads, acc, args.accumulate);
    v += args.v_point_stride;
    u += args.u_point_stride;
    acc += kTiles * kGemmS16Channels;
  }
}

template <int kTiles>
void RunWide(const GemmS16Args& args) {
  kGemmS16Neon32.run[kTiles](args);
}

// Instructions are counted, cycles are modelled as docs/performance.md says.
GemmS16Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*tile_quad=*/9, /*quad=*/9.5, /*point=*/50};
    case CostUnit::kOnePipeCycles:
      return {/*tile_quad=*/8, /*quad=*/0.3, /*point=*/40};
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*tile_quad=*/8, /*quad=*/0.3, /*point=*/60};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  // Out of order it takes as long as the wide kernel, with more instructions:
  // which begin no sooner.
  return {/*tile_quad=*/8, /*quad=*/0.1, /*point=*/45};
}

}  // namespace

const GemmS16Kernel kGemmS16Neon32Woven = {
    "gemm_s16_5x8_woven__neon32",
    Isa::kNeon32,
    /*max_tiles=*/5,
    /*interleave=*/1,
    {nullptr, RunWide<1>, RunWide<2>, Run<3, Point3>, Run<4, Point4>,
     Run<5, Point5>},
    Cost};

}  // namespace wqlite
