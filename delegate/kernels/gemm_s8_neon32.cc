// ARMv7 NEON. vmull.s8 and vmlal.s8 add two products in each int16 lane, and
// vpadal.s16 adds neighbouring lanes to the int32 sums: 16 products in three
// instructions. Two products fit int16 as long as one factor is never -128,
// which TFLite guarantees for weights; a layer that breaks the rule takes the
// portable kernel. Registers:
//
//   d0 .. d7     16 deep, four time steps
//   d8 .. d11    16 deep, two output channels
//   q14, q15     products on their way to
//   q6 .. q13    the sums: step 0 channel 0, step 0 channel 1, step 1 ...
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 4;
constexpr int kColumns = 2;

// One time step (in `a0`, `a1`) times both channels.
#define WQ_ROW(a0, a1, acc0, acc1) \
  "vmull.s8 q14, " a0              \
  ", d8\n"                         \
  "vmull.s8 q15, " a0              \
  ", d10\n"                        \
  "vmlal.s8 q14, " a1              \
  ", d9\n"                         \
  "vmlal.s8 q15, " a1              \
  ", d11\n"                        \
  "vpadal.s16 " acc0               \
  ", q14\n"                        \
  "vpadal.s16 " acc1 ", q15\n"

#define WQ_BLOCK                                                      \
  "vldmia %[a]!, {d0-d7}\n"                                           \
  "vld1.8 {d8-d11}, [%[w]]!\n" WQ_ROW("d0", "d1", "q6", "q7")         \
      WQ_ROW("d2", "d3", "q8", "q9") WQ_ROW("d4", "d5", "q10", "q11") \
          WQ_ROW("d6", "d7", "q12", "q13")

// Adds up the four lanes of two sums and stores them side by side.
#define WQ_STORE(acc0, acc1, acc2, acc3) \
  "vpadd.i32 d0, " acc0 ", " acc1        \
  "\n"                                   \
  "vpadd.i32 d1, " acc2 ", " acc3        \
  "\n"                                   \
  "vpadd.i32 d0, d0, d1\n"               \
  "vst1.32 {d0}, [%[acc]], %[stride]\n"

// Four time steps times two channels; returns the weights of the next two.
const int8_t* Pair(int blocks, const int8_t* a, const int8_t* w, int32_t* acc) {
  int fours = blocks / 4;
  int rest = blocks % 4;
  asm volatile(
      "vmov.i32 q6, #0\n vmov.i32 q7, #0\n vmov.i32 q8, #0\n"
      "vmov.i32 q9, #0\n vmov.i32 q10, #0\n vmov.i32 q11, #0\n"
      "vmov.i32 q12, #0\n vmov.i32 q13, #0\n"
      "cmp %[fours], #0\n"
      "beq 2f\n"
      "1:\n"
      "subs %[fours], %[fours], #1\n"  //
      WQ_BLOCK WQ_BLOCK WQ_BLOCK WQ_BLOCK
      "bne 1b\n"
      "2:\n"
      "cmp %[rest], #0\n"
      "beq 4f\n"
      "3:\n"
      "subs %[rest], %[rest], #1\n"  //
      WQ_BLOCK
      "bne 3b\n"
      "4:\n"                                //
      WQ_STORE("d12", "d13", "d14", "d15")  //
      WQ_STORE("d16", "d17", "d18", "d19")  //
      WQ_STORE("d20", "d21", "d22", "d23")  //
      WQ_STORE("d24", "d25", "d26", "d27")
      : [a] "+r"(a), [w] "+r"(w), [acc] "+r"(acc), [fours] "+r"(fours),
        [rest] "+r"(rest)
      : [stride] "r"(kGemmS8Columns * 4)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8",
        "q9", "q10", "q11", "q12", "q13", "q14", "q15");
  return w;
}

void Run(int blocks, const int8_t* a, const int8_t* w, int32_t* acc) {
  for (int first = 0; first < kGemmS8Columns; first += kColumns) {
    w = Pair(blocks, a, w, acc + first);
  }
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32 = {
    "gemm_s8_4x2__neon32",         Isa::kNeon32, kRows, kColumns,
    /*takes_lowest_weight=*/false, Run};

}  // namespace wqlite
