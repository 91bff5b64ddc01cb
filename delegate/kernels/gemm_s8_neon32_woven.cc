// As gemm_s8_neon32.cc, for cores that execute in order (Cortex-A7, A53, A55).
// They start a product and a load of 64 bits in one cycle, but nothing beside a
// wider load: so every load is one of 64 bits behind a product. Each loads what
// is used 4 to 9 products later, into a register that was used for the last
// time just before. Registers:
//
//   d0 .. d5     a block of three time steps
//   d6, d7       half a block of two output channels
//   q4 .. q9     the sums: step 0 channel 0, step 0 channel 1, step 1 ...
//   q10 .. q15   products on their way to q4 .. q9
#include "delegate/kernels/gemm_s8_runs_neon.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// The next half of a time step, the first or the second; the next half block of
// an output channel.
#define WQ_FIRST(d) "vld1.8 {" d "}, [%[first]], %[step]\n"
#define WQ_SECOND(d) "vld1.8 {" d "}, [%[second]], %[step]\n"
#define WQ_W(d) "vld1.8 {" d "}, [%[w]]!\n"
#define WQ_NOTHING(d)

// Half a block: three steps, whose halves lie in `s0` to `s2`, times both
// channels. `next_w` and `next_s` load the next half block and these halves of
// the next block's steps, or nothing.
#define WQ_HALF(op, s0, s1, s2, next_w, next_s)  \
  op " q10, " s0 ", d6\n"                        \
  op " q12, " s1 ", d6\n"                        \
  op " q14, " s2 ", d6\n" next_w("d6")           \
  op " q11, " s0 ", d7\n" next_s(s0)             \
  op " q13, " s1 ", d7\n" next_s(s1)             \
  op " q15, " s2 ", d7\n" next_w("d7") next_s(s2)

// A block; `op` begins new chains or goes on with them.
#define WQ_BLOCK(op)                                        \
  WQ_HALF(op, "d0", "d2", "d4", WQ_W, WQ_FIRST)             \
  WQ_HALF("vmlal.s8", "d1", "d3", "d5", WQ_W, WQ_SECOND)

// A block behind which nothing is loaded.
#define WQ_LAST_BLOCK(op)                                   \
  WQ_HALF(op, "d0", "d2", "d4", WQ_W, WQ_NOTHING)           \
  WQ_HALF("vmlal.s8", "d1", "d3", "d5", WQ_NOTHING, WQ_NOTHING)

#define WQ_END_CHAINS         \
  "vpadal.s16 q4, q10\n"      \
  "vpadal.s16 q6, q12\n"      \
  "vpadal.s16 q8, q14\n"      \
  "vpadal.s16 q5, q11\n"      \
  "vpadal.s16 q7, q13\n"      \
  "vpadal.s16 q9, q15\n"

#define WQ_FOURS WQ_BLOCK("vmull.s8") WQ_BLOCK("vmlal.s8") WQ_END_CHAINS
#define WQ_LAST_FOURS \
  WQ_BLOCK("vmull.s8") WQ_LAST_BLOCK("vmlal.s8") WQ_END_CHAINS
#define WQ_TWOS WQ_BLOCK("vmull.s8") WQ_END_CHAINS
#define WQ_LAST_TWOS WQ_LAST_BLOCK("vmull.s8") WQ_END_CHAINS

// A run: `count` times, four at a time as long as possible.
#define WQ_RUN(chains, last_chains, four, rest, one, last, done)  \
  "ldrh %[count], [%[runs]], #2\n"                                \
  "subs %[count], %[count], #1\n"                                 \
  "bmi " done "f\n"                                               \
  WQ_W("d6") WQ_W("d7")                                           \
  WQ_FIRST("d0") WQ_FIRST("d2") WQ_FIRST("d4")                    \
  WQ_SECOND("d1") WQ_SECOND("d3") WQ_SECOND("d5")                 \
  "lsrs %[more], %[count], #2\n"                                  \
  "beq " rest "f\n"                                               \
  four ":\n"                                                      \
  "subs %[more], %[more], #1\n"                                   \
  chains chains chains chains                                     \
  "bne " four "b\n"                                               \
  rest ":\n"                                                      \
  "ands %[count], %[count], #3\n"                                 \
  "beq " last "f\n"                                               \
  one ":\n"                                                       \
  "subs %[count], %[count], #1\n"                                 \
  chains                                                          \
  "bne " one "b\n"                                                \
  last ":\n"                                                      \
  last_chains                                                     \
  done ":\n"

// Adds up the four lanes of two sums and stores them side by side.
#define WQ_STORE(acc0, acc1, acc2, acc3)  \
  "vpadd.i32 d0, " acc0 ", " acc1 "\n"    \
  "vpadd.i32 d1, " acc2 ", " acc3 "\n"    \
  "vpadd.i32 d0, d0, d1\n"                \
  "vst1.32 {d0}, [%[acc]], %[stride]\n"

// Three time steps times two channels. `runs` and `w` are what is packed.
void RunPair(int blocks, const int8_t* a, const int8_t* runs, const int8_t* w,
             int32_t* acc) {
  const int8_t* second = a + kRunsDepth / 2;
  const int8_t* end = w + ptrdiff_t{blocks} * kRunsPair * kRunsDepth;
  int count;
  int more;
  asm volatile(
      "vmov.i32 q4, #0\n vmov.i32 q5, #0\n vmov.i32 q6, #0\n"
      "vmov.i32 q7, #0\n vmov.i32 q8, #0\n vmov.i32 q9, #0\n"
      "1:\n"
      WQ_RUN(WQ_FOURS, WQ_LAST_FOURS, "2", "3", "4", "5", "6")
      WQ_RUN(WQ_TWOS, WQ_LAST_TWOS, "7", "8", "9", "10", "11")
      "cmp %[w], %[end]\n"
      "bne 1b\n"
      WQ_STORE("d8", "d9", "d10", "d11")
      WQ_STORE("d12", "d13", "d14", "d15")
      WQ_STORE("d16", "d17", "d18", "d19")
      : [first] "+r"(a), [second] "+r"(second), [w] "+r"(w), [acc] "+r"(acc),
        [runs] "+r"(runs), [count] "=&r"(count), [more] "=&r"(more)
      : [step] "r"(kRunsDepth), [end] "r"(end),
        [stride] "r"(kGemmS8Columns * 4)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8",
        "q9", "q10", "q11", "q12", "q13", "q14", "q15");
}

// clang-format on

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  const size_t runs_bytes = RunsBytes(blocks);
  const size_t pair_bytes = RunsPairBytes(blocks);
  for (int pair = 0; pair < kGemmS8Columns; pair += kRunsPair) {
    RunPair(blocks, a, packed, packed + runs_bytes, acc + pair);
    packed += pair_bytes;
  }
}

// Instructions are counted, cycles are modelled as docs/performance.md says;
// with nine in ten blocks in chains of four.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/102.6, /*call=*/310};
    case CostUnit::kOnePipeCycles:
      return {/*block=*/61.8, /*call=*/280};
    case CostUnit::kInOrderCycles:
      return {/*block=*/61.8, /*call=*/420};
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/61.8, /*call=*/330};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/52.5, /*call=*/200};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32Woven = {"gemm_s8_3x2_woven__neon32",
                                         Isa::kNeon32,
                                         /*rows=*/3,
                                         kRunsDepth,
                                         /*flip=*/0,
                                         /*takes_lowest_weight=*/false,
                                         RunsPackedBytes,
                                         PackRuns,
                                         Run,
                                         Cost};

}  // namespace wqlite
