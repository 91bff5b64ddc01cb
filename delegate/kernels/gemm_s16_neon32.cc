// ARMv7 NEON. One vmlal.s16 is four products; the vector operand holds four
// output channels of u, the lane operand one input channel of a tile of v, so
// that nothing is ever widened, duplicated or shuffled. Lane operands must sit
// in d0 to d7. Registers with five tiles:
//
//   d0 .. d4     four input channels of tiles 0 .. 4
//   d8 .. d11    two input channels of u, 8 output channels each
//   q6 .. q15    the sums: a pair of registers for each tile
//
// Written as assembly because GCC and Clang spill at ten sums in flight; with
// intrinsics this loop needs 20 to 50 % more instructions.
#include "delegate/kernels/gemm_s16_sums_neon32.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// Both halves of a tile's sums += one input channel of u (in `u0`, `u1`) times
// lane `i` of the tile's register.
#define WQ_MLA(pair, tile, u0, u1, i) WQ_MLA_EACH(pair, tile, u0, u1, #i)
#define WQ_MLA_EACH(acc0, acc1, tile, u0, u1, i)  \
  "vmlal.s16 " acc0 ", " u0 ", " tile "[" i "]\n" \
  "vmlal.s16 " acc1 ", " u1 ", " tile "[" i "]\n"

// One and two tiles have sums of their own for each lane, or every other one,
// which are added up at the end: else a core would wait for every product
// before it could add the next to it.
#define WQ_TILES_1(u0, u1, i) WQ_MLA(WQ_PAIR_##i, "d0", u0, u1, i)
#define WQ_TILES_2(u0, u1, i)                   \
  WQ_MLA(WQ_FIRST_OF_2_##i, "d0", u0, u1, i)    \
  WQ_MLA(WQ_SECOND_OF_2_##i, "d1", u0, u1, i)
#define WQ_FIRST_OF_2_0 WQ_PAIR_0
#define WQ_FIRST_OF_2_1 WQ_PAIR_2
#define WQ_FIRST_OF_2_2 WQ_PAIR_0
#define WQ_FIRST_OF_2_3 WQ_PAIR_2
#define WQ_SECOND_OF_2_0 WQ_PAIR_1
#define WQ_SECOND_OF_2_1 WQ_PAIR_3
#define WQ_SECOND_OF_2_2 WQ_PAIR_1
#define WQ_SECOND_OF_2_3 WQ_PAIR_3
#define WQ_TILES_3(u0, u1, i)           \
  WQ_MLA(WQ_PAIR_0, "d0", u0, u1, i)    \
  WQ_MLA(WQ_PAIR_1, "d1", u0, u1, i)    \
  WQ_MLA(WQ_PAIR_2, "d2", u0, u1, i)
#define WQ_TILES_4(u0, u1, i) \
  WQ_TILES_3(u0, u1, i) WQ_MLA(WQ_PAIR_3, "d3", u0, u1, i)
#define WQ_TILES_5(u0, u1, i) \
  WQ_TILES_4(u0, u1, i) WQ_MLA(WQ_PAIR_4, "d4", u0, u1, i)

#define WQ_ADD(to, pair) WQ_ADD_EACH(to, pair)
#define WQ_ADD_EACH(to0, to1, acc0, acc1)  \
  "vadd.i32 " to0 ", " to0 ", " acc0 "\n"  \
  "vadd.i32 " to1 ", " to1 ", " acc1 "\n"

#define WQ_MORE_SUMS_1 WQ_ZERO(WQ_PAIR_1) WQ_MORE_SUMS_2
#define WQ_MORE_SUMS_2 WQ_ZERO(WQ_PAIR_2) WQ_ZERO(WQ_PAIR_3)
#define WQ_MORE_SUMS_3
#define WQ_MORE_SUMS_4
#define WQ_MORE_SUMS_5

#define WQ_END_1                 \
  WQ_ADD(WQ_PAIR_0, WQ_PAIR_1)   \
  WQ_ADD(WQ_PAIR_2, WQ_PAIR_3)   \
  WQ_ADD(WQ_PAIR_0, WQ_PAIR_2)
#define WQ_END_2                 \
  WQ_ADD(WQ_PAIR_0, WQ_PAIR_2)   \
  WQ_ADD(WQ_PAIR_1, WQ_PAIR_3)
#define WQ_END_3
#define WQ_END_4
#define WQ_END_5

// The next four input channels of v: neighbours, or `stride` bytes further on.
#define WQ_NEXT_V(registers) "vldmia %[v]!, {" registers "}\n"
#define WQ_FAR_V(registers)        \
  "vldmia %[v], {" registers "}\n" \
  "add %[v], %[v], %[stride]\n"

// Four input channels.
#define WQ_QUAD(tiles, load_v)        \
  load_v                              \
  "vld1.16 {d8-d11}, [%[u]:128]!\n"   \
  WQ_TILES_##tiles("d8", "d9", 0)     \
  WQ_TILES_##tiles("d10", "d11", 1)   \
  "vld1.16 {d8-d11}, [%[u]:128]!\n"   \
  WQ_TILES_##tiles("d8", "d9", 2)     \
  WQ_TILES_##tiles("d10", "d11", 3)

// A function that does acc[tiles][8] (+)= v * u for one point.
#define WQ_POINT(name, tiles, load_v)                                         \
  void name(const int16_t* v, ptrdiff_t quad_stride, const int16_t* u,        \
            int quads, int32_t* acc, bool accumulate) {                       \
    int sevens = quads / 7;                                                   \
    int rest = quads % 7;                                                     \
    asm volatile(                                                             \
        WQ_BEGIN(tiles, "1", "2")                                             \
        WQ_MORE_SUMS_##tiles                                                  \
        "cmp %[sevens], #0\n"                                                \
        "beq 4f\n"                                                            \
        "3:\n"                                                                \
        "subs %[sevens], %[sevens], #1\n"                                   \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        WQ_QUAD(tiles, load_v)                                                \
        "bne 3b\n"                                                            \
        "4:\n"                                                                \
        "cmp %[rest], #0\n"                                                   \
        "beq 6f\n"                                                            \
        "5:\n"                                                                \
        "subs %[rest], %[rest], #1\n"                                         \
        WQ_QUAD(tiles, load_v)                                                \
        "bne 5b\n"                                                            \
        "6:\n"                                                                \
        WQ_END_##tiles                                                        \
        WQ_STORE_##tiles                                                      \
        : [v] "+r"(v), [u] "+r"(u), [sevens] "+r"(sevens),                  \
          [rest] "+r"(rest), [acc] "+r"(acc)                                  \
        : [stride] "r"(quad_stride * 2), [accumulate] "r"(accumulate)         \
        : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7",     \
          "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15");              \
  }

WQ_POINT(Point1, 1, WQ_FAR_V("d0"))
WQ_POINT(Point2, 2, WQ_FAR_V("d0-d1"))
WQ_POINT(Point3, 3, WQ_FAR_V("d0-d2"))
WQ_POINT(Point4, 4, WQ_FAR_V("d0-d3"))
WQ_POINT(Point5Far, 5, WQ_FAR_V("d0-d4"))
WQ_POINT(Point5Near, 5, WQ_NEXT_V("d0-d4"))

// clang-format on

using PointFunction = void (*)(const int16_t* v, ptrdiff_t quad_stride,
                               const int16_t* u, int quads, int32_t* acc,
                               bool accumulate);

template <int kTiles, PointFunction kFar, PointFunction kNear = kFar>
void Run(const GemmS16Args& args) {
  const PointFunction point = args.v_quad_stride == kTiles * 4 ? kNear : kFar;
  const int16_t* v = args.v;
  const int16_t* u = args.u;
  int32_t* acc = args.acc;
  for (int p = 0; p < args.points; ++p) {
    point(v, args.v_quad_stride, u, args.quads, acc, args.accumulate);
    v += args.v_point_stride;
    u += args.u_point_stride;
    acc += kTiles * kGemmS16Channels;
  }
}

// Instructions are counted, cycles are modelled as docs/performance.md says.
GemmS16Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*tile_quad=*/8, /*quad=*/3.3, /*point=*/50};
    case CostUnit::kOnePipeCycles:
      return {/*tile_quad=*/7.8, /*quad=*/3, /*point=*/50};
    case CostUnit::kInOrderCycles:
      return {/*tile_quad=*/9, /*quad=*/8.2, /*point=*/50};
    case CostUnit::kDotInOrderCycles:
      return {/*tile_quad=*/9, /*quad=*/6.2, /*point=*/50};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*tile_quad=*/7.45, /*quad=*/2.5, /*point=*/45};
}

}  // namespace

const GemmS16Kernel kGemmS16Neon32 = {
    "gemm_s16_5x8__neon32",
    Isa::kNeon32,
    /*max_tiles=*/5,
    /*interleave=*/1,
    {nullptr, Run<1, Point1>, Run<2, Point2>, Run<3, Point3>, Run<4, Point4>,
     Run<5, Point5Far, Point5Near>},
    Cost};

}  // namespace wqlite
