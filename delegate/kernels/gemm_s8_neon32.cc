// ARMv7 NEON. vmull.s8 and vmlal.s8 add products in int16 lanes, chains of two
// or four (gemm_s8_runs_neon.h), and vpadal.s16 adds neighbouring lanes to
// the int32 sums. Registers:
//
//   d0 .. d5     a block of three time steps
//   d6, d7       half a block of two output channels
//   q4 .. q9     the sums: step 0 channel 0, step 0 channel 1, step 1 ...
//   q10 .. q15   products on their way to q4 .. q9
//
// Cores execute NEON in order or nearly so, and a result takes them about six
// cycles: hence six chains side by side, so that none waits for itself. (Four
// steps with two chains need 6 % fewer instructions, but in llvm-mca's model
// of the Cortex-A9 1.9 times the cycles, and on the Cortex-A57's not fewer.)
#include "delegate/kernels/gemm_s8_runs_neon.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// Half a block: three steps, whose halves lie in `s0` to `s2`, times both
// channels.
#define WQ_HALF(op, s0, s1, s2)        \
  "vld1.8 {d6-d7}, [%[w]:128]!\n"      \
  op " q10, " s0 ", d6\n"              \
  op " q11, " s0 ", d7\n"              \
  op " q12, " s1 ", d6\n"              \
  op " q13, " s1 ", d7\n"              \
  op " q14, " s2 ", d6\n"              \
  op " q15, " s2 ", d7\n"

// A block; `first` begins new chains or goes on with them.
#define WQ_BLOCK(first)                     \
  "vldmia %[a]!, {d0-d5}\n"                 \
  WQ_HALF(first, "d0", "d2", "d4")          \
  WQ_HALF("vmlal.s8", "d1", "d3", "d5")

#define WQ_END_CHAINS         \
  "vpadal.s16 q4, q10\n"      \
  "vpadal.s16 q5, q11\n"      \
  "vpadal.s16 q6, q12\n"      \
  "vpadal.s16 q7, q13\n"      \
  "vpadal.s16 q8, q14\n"      \
  "vpadal.s16 q9, q15\n"

#define WQ_FOURS WQ_BLOCK("vmull.s8") WQ_BLOCK("vmlal.s8") WQ_END_CHAINS
#define WQ_TWOS WQ_BLOCK("vmull.s8") WQ_END_CHAINS

// `count` times, four at a time as long as possible.
#define WQ_LOOP(chains, four, rest, one, done)  \
  "lsrs %[more], %[count], #2\n"                \
  "beq " rest "f\n"                             \
  four ":\n"                                    \
  "subs %[more], %[more], #1\n"                 \
  chains chains chains chains                   \
  "bne " four "b\n"                             \
  rest ":\n"                                    \
  "ands %[count], %[count], #3\n"               \
  "beq " done "f\n"                             \
  one ":\n"                                     \
  "subs %[count], %[count], #1\n"               \
  chains                                        \
  "bne " one "b\n"                              \
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
  const int8_t* end = w + ptrdiff_t{blocks} * kRunsPair * kRunsDepth;
  int count;
  int more;
  asm volatile(
      "vmov.i32 q4, #0\n vmov.i32 q5, #0\n vmov.i32 q6, #0\n"
      "vmov.i32 q7, #0\n vmov.i32 q8, #0\n vmov.i32 q9, #0\n"
      "1:\n"  // A run with chains of four.
      "ldrh %[count], [%[runs]], #2\n"
      WQ_LOOP(WQ_FOURS, "2", "3", "4", "5")
      "cmp %[w], %[end]\n"
      "beq 10f\n"
      "ldrh %[count], [%[runs]], #2\n"  // A run with chains of two.
      WQ_LOOP(WQ_TWOS, "6", "7", "8", "9")
      "cmp %[w], %[end]\n"
      "bne 1b\n"
      "10:\n"
      WQ_STORE("d8", "d9", "d10", "d11")
      WQ_STORE("d12", "d13", "d14", "d15")
      WQ_STORE("d16", "d17", "d18", "d19")
      : [a] "+r"(a), [w] "+r"(w), [acc] "+r"(acc), [runs] "+r"(runs),
        [count] "=&r"(count), [more] "=&r"(more)
      : [end] "r"(end), [stride] "r"(kGemmS8Columns * 4)
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
      return {/*block=*/74.6, /*call=*/245};
    case CostUnit::kOnePipeCycles:
      return {/*block=*/71.6, /*call=*/290};
    case CostUnit::kInOrderCycles:
      return {/*block=*/118, /*call=*/320};
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/110, /*call=*/225};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/49.1, /*call=*/145};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32 = {"gemm_s8_3x2__neon32",
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
