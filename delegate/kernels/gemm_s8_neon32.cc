// ARMv7 NEON. vmull.s8 and vmlal.s8 add products in int16 lanes, and vpadal.s16
// adds neighbouring lanes to the int32 sums. How many products fit int16
// depends on the weights w, as |a| <= 128:
//
//   two   as long as no weight is -128:  16 products in 3 instructions
//   four  where |w0| + ... + |w3| <= 255: 32 products in 5 instructions
//
// A block is 16 deep; in lane l of a chain of four, of two blocks, meet the
// weights l, l + 8, l + 16 and l + 24. Packing looks at every two neighbouring
// blocks of a pair of output channels, and writes down runs with chains of four
// and runs with chains of two. Of normally distributed weights whose largest is
// 3.5 standard deviations, nine in ten take fours; of weights truncated at two,
// one in ten. (A layer with a weight of -128 takes the portable kernel.)
// Registers:
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
#include <arm_neon.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 3;
constexpr int kPair = 2;  // Output channels.
constexpr int kDepth = 16;
constexpr int kLanes = 8;
constexpr int kPairs = kGemmS8Columns / kPair;
constexpr int kBlockBytes = kPair * kDepth;
constexpr int kFoursBlocks = 2;       // That a chain of four goes through.
constexpr int kMaxChainWeight = 255;  // 128 * 255 < 2^15.

// Runs of fours pay for changing over from two chains on.
constexpr int kMinFours = 6;

// A pair's packed weights: runs, then [blocks][halves][2][8].
//
// Runs are pairs of numbers: chains of four, then of two. At most every fifth
// block starts a new pair of runs.
size_t RunsBytes(int blocks) {
  const size_t numbers =
      size_t{2} * (blocks / (kMinFours * kFoursBlocks + 1) + 2);
  return (numbers * sizeof(uint16_t) + 15) / 16 * 16;
}

size_t PairBytes(int blocks) {
  return RunsBytes(blocks) + size_t{1} * blocks * kBlockBytes;
}

uint64_t PackedBytes(int blocks) {
  return uint64_t{kPairs} * PairBytes(blocks);
}

// Whether chains of four fit for both channels of two packed blocks.
bool FoursFit(const int8_t* block) {
  constexpr int kVector = kPair * kLanes;
  uint16x8_t first = vdupq_n_u16(0);  // Sums of |w|, by channel and lane.
  uint16x8_t second = first;
  for (int i = 0; i < kFoursBlocks * kBlockBytes;
       i += kVector, block += kVector) {
    const uint8x16_t magnitude = vreinterpretq_u8_s8(vabsq_s8(vld1q_s8(block)));
    first = vaddw_u8(first, vget_low_u8(magnitude));
    second = vaddw_u8(second, vget_high_u8(magnitude));
  }
  const uint16x8_t larger = vmaxq_u16(first, second);
  uint16x4_t largest = vmax_u16(vget_low_u16(larger), vget_high_u16(larger));
  largest = vpmax_u16(largest, largest);
  largest = vpmax_u16(largest, largest);
  return vget_lane_u16(largest, 0) <= kMaxChainWeight;
}

// The number of chains of four that fit from `block` on, `most` at most.
int CountFours(const int8_t* block, const int8_t* end, int most) {
  int count = 0;
  while (count < most && end - block >= kFoursBlocks * kBlockBytes &&
         FoursFit(block)) {
    ++count;
    block += kFoursBlocks * kBlockBytes;
  }
  return count;
}

void WriteRuns(const int8_t* block, int blocks, uint16_t* runs) {
  const int8_t* end = block + ptrdiff_t{blocks} * kBlockBytes;
  while (block < end) {
    int fours = CountFours(block, end, blocks);
    if (fours < kMinFours) fours = 0;
    block += fours * kFoursBlocks * kBlockBytes;
    int twos = 0;
    while (block < end && CountFours(block, end, kMinFours) < kMinFours) {
      ++twos;
      block += kBlockBytes;
    }
    *runs++ = static_cast<uint16_t>(fours);
    *runs++ = static_cast<uint16_t>(twos);
  }
}

// w: one channel [length] to every other half of half a block.
void PackChannel(const int8_t* w, int length, int8_t* to) {
  for (; length >= kLanes; length -= kLanes, w += kLanes) {
    vst1_s8(to, vld1_s8(w));
    to += kPair * kLanes;
  }
  if (length > 0) std::memcpy(to, w, length);
}

void Pack(const int8_t* w, int columns, int length, int blocks,
          int8_t* packed) {
  std::memset(packed, 0, PackedBytes(blocks));
  for (int pair = 0; pair < kPairs; ++pair, packed += PairBytes(blocks)) {
    int8_t* first = packed + RunsBytes(blocks);
    for (int channel = 0; channel < kPair; ++channel) {
      const int column = pair * kPair + channel;
      if (column >= columns) break;
      PackChannel(w + ptrdiff_t{column} * length, length,
                  first + channel * kLanes);
    }
    WriteRuns(first, blocks, reinterpret_cast<uint16_t*>(packed));
  }
}

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

// Three time steps times two channels.
void RunPair(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  const int8_t* runs = packed;
  const int8_t* w = packed + RunsBytes(blocks);
  const int8_t* end = w + ptrdiff_t{blocks} * kBlockBytes;
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
  for (int pair = 0; pair < kPairs; ++pair) {
    RunPair(blocks, a, packed + pair * PairBytes(blocks), acc + pair * kPair);
  }
}

// Instructions are counted, cycles are of llvm-mca's models of the Cortex-A9
// and the Cortex-A57; with nine in ten blocks in chains of four.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/74.6, /*call=*/245};
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/71.6, /*call=*/290};
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return {/*block=*/49.1, /*call=*/145};
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32 = {"gemm_s8_3x2__neon32",
                                    Isa::kNeon32,
                                    kRows,
                                    kDepth,
                                    /*flip=*/0,
                                    /*takes_lowest_weight=*/false,
                                    PackedBytes,
                                    Pack,
                                    Run,
                                    Cost};

}  // namespace wqlite
