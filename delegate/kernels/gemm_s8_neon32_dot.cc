// AArch32 with dot products, for cores that execute out of order. One vsdot.s8
// is 16 products: four deep of four output channels times four deep of one time
// step, which is a lane of a register from d0 to d15. Registers:
//
//   d0 .. d4     a block, eight deep, of five time steps
//   q3, q4       weights: four deep of eight output channels
//   q6 .. q15    the sums: a pair of registers for each time step
//
// Loads are of 128 bits as far as possible: a core splits one of a list of
// registers in as many of 64 bits (vldmia would save an instruction of 24).
//
// Compiled for processors that not every phone has: nothing here may be called
// inline from elsewhere, nor call what other files share inline.
#include "delegate/kernels/gemm_s8_pack.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// Five time steps times four output channels, the first four of eight or the
// others: weights `w` times lane `i`.
#define WQ_LOW(w, i)                \
  "vsdot.s8 q6, " w ", d0[" i "]\n"   \
  "vsdot.s8 q8, " w ", d1[" i "]\n"   \
  "vsdot.s8 q10, " w ", d2[" i "]\n"  \
  "vsdot.s8 q12, " w ", d3[" i "]\n"  \
  "vsdot.s8 q14, " w ", d4[" i "]\n"
#define WQ_HIGH(w, i)               \
  "vsdot.s8 q7, " w ", d0[" i "]\n"   \
  "vsdot.s8 q9, " w ", d1[" i "]\n"   \
  "vsdot.s8 q11, " w ", d2[" i "]\n"  \
  "vsdot.s8 q13, " w ", d3[" i "]\n"  \
  "vsdot.s8 q15, " w ", d4[" i "]\n"

#define WQ_LOAD_W "vld1.8 {d6-d9}, [%[w]:128]!\n"
#define WQ_LOAD_A "vld1.8 {d0-d3}, [%[a]]!\n vld1.8 {d4}, [%[a]]!\n"

#define WQ_BLOCK                                                \
  WQ_LOAD_W WQ_LOAD_A WQ_LOW("q3", "0") WQ_HIGH("q4", "0")      \
  WQ_LOAD_W WQ_LOW("q3", "1") WQ_HIGH("q4", "1")

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  int sixes = blocks / 6;
  int rest = blocks % 6;
  asm volatile(
      "vmov.i32 q6, #0\n vmov.i32 q7, #0\n vmov.i32 q8, #0\n"
      "vmov.i32 q9, #0\n vmov.i32 q10, #0\n vmov.i32 q11, #0\n"
      "vmov.i32 q12, #0\n vmov.i32 q13, #0\n vmov.i32 q14, #0\n"
      "vmov.i32 q15, #0\n"
      "cmp %[sixes], #0\n"
      "beq 2f\n"
      "1:\n"
      "subs %[sixes], %[sixes], #1\n"
      WQ_BLOCK WQ_BLOCK WQ_BLOCK WQ_BLOCK WQ_BLOCK WQ_BLOCK
      "bne 1b\n"
      "2:\n"
      "cmp %[rest], #0\n"
      "beq 4f\n"
      "3:\n"
      "subs %[rest], %[rest], #1\n"
      WQ_BLOCK
      "bne 3b\n"
      "4:\n"
      // A register list holds 16 double registers at most.
      "vstmia %[acc]!, {d12-d27}\n"
      "vstmia %[acc], {d28-d31}\n"
      : [a] "+r"(a), [w] "+r"(packed), [acc] "+r"(acc), [sixes] "+r"(sixes),
        [rest] "+r"(rest)
      :
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8",
        "q9", "q10", "q11", "q12", "q13", "q14", "q15");
}

// clang-format on

// Instructions are counted, cycles are modelled as docs/performance.md says.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/24.3, /*call=*/60};
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/32, /*call=*/65};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/11, /*call=*/60};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32Dot = {"gemm_s8_5x8__neon32_dot",
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
