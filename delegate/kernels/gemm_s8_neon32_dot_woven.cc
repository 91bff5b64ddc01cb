// As gemm_s8_neon32_dot.cc, for cores that execute in order (Cortex-A55). They
// start a product and a load of 64 bits in one cycle, but nothing beside a
// wider load: so every load is one of 64 bits behind a product. Each loads what
// is used 3 to 17 products later, into a register that was used for the last
// time just before. Registers:
//
//   d0 .. d4     a block, eight deep, of five time steps
//   q3, q4, q5   weights: four deep of four output channels each. Of a block's
//                four registers of them, the first comes in q3, the second and
//                the fourth in q4, and the third in q5
//   q6 .. q15    the sums: a pair of registers for each time step
#include "delegate/kernels/gemm_s8_pack.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

#define WQ_A(d) "vld1.8 {" d "}, [%[a]]!\n"
#define WQ_W(d) "vld1.8 {" d "}, [%[w]]!\n"

// Weights `w` times lane `i` of five time steps, to the sums `s0` to `s4`, each
// followed by a load or by nothing.
#define WQ_FIVE(w, i, s0, l0, s1, l1, s2, l2, s3, l3, s4, l4) \
  "vsdot.s8 " s0 ", " w ", d0[" i "]\n" l0                    \
  "vsdot.s8 " s1 ", " w ", d1[" i "]\n" l1                    \
  "vsdot.s8 " s2 ", " w ", d2[" i "]\n" l2                    \
  "vsdot.s8 " s3 ", " w ", d3[" i "]\n" l3                    \
  "vsdot.s8 " s4 ", " w ", d4[" i "]\n" l4

// The same to the sums of the first four of eight output channels, or of the
// others.
#define WQ_LOW(w, i, l0, l1, l2, l3, l4)  \
  WQ_FIVE(w, i, "q6", l0, "q8", l1, "q10", l2, "q12", l3, "q14", l4)
#define WQ_HIGH(w, i, l0, l1, l2, l3, l4)  \
  WQ_FIVE(w, i, "q7", l0, "q9", l1, "q11", l2, "q13", l3, "q15", l4)

// A block, of which only the first weights and four time steps are there yet.
// `next_w` and `next_a` load as much of the next block, or nothing. `count` may
// count where nothing is loaded; and nothing is behind the last product, so that
// a jump may follow.
#define WQ_BLOCK(next_w, next_a, count)                                        \
  WQ_LOW("q3", "0", WQ_A("d4"), WQ_W("d8"), WQ_W("d9"), WQ_W("d10"),           \
         WQ_W("d11"))                                                          \
  WQ_HIGH("q4", "0", count, , , , )                                            \
  WQ_LOW("q5", "1", WQ_W("d8"), WQ_W("d9"), next_w("d6"), next_w("d7"), )      \
  WQ_HIGH("q4", "1", next_a("d0"), next_a("d1"), next_a("d2"), next_a("d3"), )
#define WQ_NOTHING(d)

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  int fours = (blocks - 1) / 4;
  int rest = (blocks - 1) % 4;
  asm volatile(
      "vmov.i32 q6, #0\n vmov.i32 q7, #0\n vmov.i32 q8, #0\n"
      "vmov.i32 q9, #0\n vmov.i32 q10, #0\n vmov.i32 q11, #0\n"
      "vmov.i32 q12, #0\n vmov.i32 q13, #0\n vmov.i32 q14, #0\n"
      "vmov.i32 q15, #0\n"
      "cmp %[blocks], #0\n"
      "beq 5f\n"
      WQ_W("d6") WQ_A("d0") WQ_W("d7") WQ_A("d1")
      WQ_A("d2") WQ_A("d3")
      "cmp %[fours], #0\n"
      "beq 2f\n"
      "1:\n"
      WQ_BLOCK(WQ_W, WQ_A, "subs %[fours], %[fours], #1\n")
      WQ_BLOCK(WQ_W, WQ_A, )
      WQ_BLOCK(WQ_W, WQ_A, )
      WQ_BLOCK(WQ_W, WQ_A, )
      "bne 1b\n"
      "2:\n"
      "cmp %[rest], #0\n"
      "beq 4f\n"
      "3:\n"
      WQ_BLOCK(WQ_W, WQ_A, "subs %[rest], %[rest], #1\n")
      "bne 3b\n"
      "4:\n"
      WQ_BLOCK(WQ_NOTHING, WQ_NOTHING, )
      "5:\n"
      // A register list holds 16 double registers at most.
      "vstmia %[acc]!, {d12-d27}\n"
      "vstmia %[acc], {d28-d31}\n"
      : [a] "+r"(a), [w] "+r"(packed), [acc] "+r"(acc), [fours] "+r"(fours),
        [rest] "+r"(rest)
      : [blocks] "r"(blocks)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8",
        "q9", "q10", "q11", "q12", "q13", "q14", "q15");
}

// clang-format on

// Instructions are counted, cycles are modelled as docs/performance.md says.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/33.5, /*call=*/60};
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/20, /*call=*/70};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/16, /*call=*/60};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32DotWoven = {"gemm_s8_5x8_woven__neon32_dot",
                                            Isa::kNeon32Dot,
                                            /*rows=*/5,
                                            /*depth=*/8,
                                            /*flip=*/0,
                                            /*takes_lowest_weight=*/true,
                                            PackedBytes8,
                                            PackFours8,
                                            Run,
                                            Cost};

}  // namespace wqlite
