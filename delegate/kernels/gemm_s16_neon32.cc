// ARMv7 NEON. One vmlal.s16 is four products; the vector operand holds four
// output channels of u, the lane operand one input channel of a tile of v, so
// that nothing is ever widened, duplicated or shuffled. Lane operands must sit
// in d0 to d7. Registers with five tiles:
//
//   d0 .. d4     four input channels of tiles 0 .. 4
//   d8 .. d11    two input channels of u, 8 output channels each
//   q6 .. q15    the sums: two registers a tile
//
// Written as assembly because GCC and Clang spill at ten sums in flight; with
// intrinsics this loop needs 20 to 50 % more instructions.
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// Both halves of one tile's sums += one input channel of u (in `u0`, `u1`)
// times lane `i` of the tile's register.
#define WQ_MLA(acc0, acc1, tile, u0, u1, i) \
  "vmlal.s16 " acc0 ", " u0 ", " tile "[" i \
  "]\n"                                     \
  "vmlal.s16 " acc1 ", " u1 ", " tile "[" i "]\n"

#define WQ_TILES_1(u0, u1, i) WQ_MLA("q6", "q7", "d0", u0, u1, i)
#define WQ_TILES_2(u0, u1, i) \
  WQ_TILES_1(u0, u1, i) WQ_MLA("q8", "q9", "d1", u0, u1, i)
#define WQ_TILES_3(u0, u1, i) \
  WQ_TILES_2(u0, u1, i) WQ_MLA("q10", "q11", "d2", u0, u1, i)
#define WQ_TILES_4(u0, u1, i) \
  WQ_TILES_3(u0, u1, i) WQ_MLA("q12", "q13", "d3", u0, u1, i)
#define WQ_TILES_5(u0, u1, i) \
  WQ_TILES_4(u0, u1, i) WQ_MLA("q14", "q15", "d4", u0, u1, i)

// Four input channels.
#define WQ_QUAD(tiles, v_registers)                                           \
  "vldmia %[v], {" v_registers                                                \
  "}\n"                                                                       \
  "vld1.16 {d8-d11}, [%[u]:128]!\n"                                           \
  "add %[v], %[v], %[stride]\n" WQ_TILES_##tiles("d8", "d9", "0")             \
      WQ_TILES_##tiles(                                                       \
          "d10", "d11",                                                       \
          "1") "vld1.16 {d8-d11}, [%[u]:128]!\n" WQ_TILES_##tiles("d8", "d9", \
                                                                  "2")        \
          WQ_TILES_##tiles("d10", "d11", "3")

// acc[tiles][8] (+)= v * u for one point. `zero`, `load` and `store` handle
// the sums of this many tiles.
#define WQ_POINT(tiles, v_registers, zero, load, store)                         \
  void Point##tiles(const int16_t* v, ptrdiff_t quad_stride, const int16_t* u,  \
                    int quads, int32_t* acc, bool accumulate) {                 \
    int triples = quads / 3;                                                    \
    int rest = quads % 3;                                                       \
    asm volatile(                                                             \
        "cmp %[accumulate], #0\n"                                             \
        "beq 1f\n" load                                                       \
        "b 2f\n"                                                              \
        "1:\n" zero                                                           \
        "2:\n"                                                                \
        "cmp %[triples], #0\n"                                                \
        "beq 4f\n"                                                            \
        "3:\n"                                                                \
        "subs %[triples], %[triples], #1\n" WQ_QUAD(tiles, v_registers)       \
            WQ_QUAD(tiles, v_registers) WQ_QUAD(tiles, v_registers)           \
        "bne 3b\n"                                                            \
        "4:\n"                                                                \
        "cmp %[rest], #0\n"                                                   \
        "beq 6f\n"                                                            \
        "5:\n"                                                                \
        "subs %[rest], %[rest], #1\n" WQ_QUAD(tiles, v_registers)             \
        "bne 5b\n"                                                            \
        "6:\n" store                                                          \
        : [v] "+r"(v), [u] "+r"(u), [triples] "+r"(triples),                  \
          [rest] "+r"(rest), [acc] "+r"(acc)                                  \
        : [stride] "r"(quad_stride * 2), [accumulate] "r"(accumulate)         \
        : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7",     \
          "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15"); \
  }

#define WQ_ZERO_1     \
  "vmov.i32 q6, #0\n" \
  "vmov.i32 q7, #0\n"
#define WQ_ZERO_2     \
  WQ_ZERO_1           \
  "vmov.i32 q8, #0\n" \
  "vmov.i32 q9, #0\n"
#define WQ_ZERO_3      \
  WQ_ZERO_2            \
  "vmov.i32 q10, #0\n" \
  "vmov.i32 q11, #0\n"
#define WQ_ZERO_4      \
  WQ_ZERO_3            \
  "vmov.i32 q12, #0\n" \
  "vmov.i32 q13, #0\n"
#define WQ_ZERO_5      \
  WQ_ZERO_4            \
  "vmov.i32 q14, #0\n" \
  "vmov.i32 q15, #0\n"

WQ_POINT(1, "d0", WQ_ZERO_1, "vldmia %[acc], {d12-d15}\n",
         "vstmia %[acc], {d12-d15}\n")
WQ_POINT(2, "d0-d1", WQ_ZERO_2, "vldmia %[acc], {d12-d19}\n",
         "vstmia %[acc], {d12-d19}\n")
WQ_POINT(3, "d0-d2", WQ_ZERO_3, "vldmia %[acc], {d12-d23}\n",
         "vstmia %[acc], {d12-d23}\n")
WQ_POINT(4, "d0-d3", WQ_ZERO_4, "vldmia %[acc], {d12-d27}\n",
         "vstmia %[acc], {d12-d27}\n")
// A register list holds 16 double registers at most.
WQ_POINT(5, "d0-d4", WQ_ZERO_5,
         "vldmia %[acc]!, {d12-d27}\n vldmia %[acc], {d28-d31}\n"
         "sub %[acc], %[acc], #128\n",
         "vstmia %[acc]!, {d12-d27}\n vstmia %[acc], {d28-d31}\n")

template <int Tiles, void (*Point)(const int16_t*, ptrdiff_t, const int16_t*,
                                   int, int32_t*, bool)>
void Run(const GemmS16Args& args) {
  const int16_t* v = args.v;
  const int16_t* u = args.u;
  int32_t* acc = args.acc;
  for (int p = 0; p < args.points; ++p) {
    Point(v, args.v_quad_stride, u, args.quads, acc, args.accumulate);
    v += args.v_point_stride;
    u += args.u_point_stride;
    acc += Tiles * kGemmS16Channels;
  }
}

}  // namespace

const GemmS16Kernel kGemmS16Neon32 = {
    "gemm_s16_5x8__neon32",
    Isa::kNeon32,
    /*max_tiles=*/5,
    /*interleave=*/1,
    {nullptr, Run<1, Point1>, Run<2, Point2>, Run<3, Point3>, Run<4, Point4>,
     Run<5, Point5>}};

}  // namespace wqlite
