// ARMv7 NEON. vmull.s8 and vmlal.s8 add products in int16 lanes, and vpadal.s16
// adds neighbouring lanes to the int32 sums. How many products fit int16
// depends on the weights w, as |a| <= 128:
//
//   two   as long as no weight is -128:  16 products in 3 instructions
//   four  where |w0| + ... + |w3| <= 255: 32 products in 5 instructions
//
// A block is 32 deep: in lane l of a chain of four meet the weights l, l + 8,
// l + 16 and l + 24 of the block. Packing looks at every block of a pair of
// output channels, and writes down runs of blocks with chains of four and runs
// with chains of two. Of normally distributed weights whose largest is 3.5
// standard deviations, nine blocks in ten take fours; of weights truncated at
// two, one in ten. (A layer with a weight of -128 takes the portable kernel.)
// Registers:
//
//   d0 .. d7     32 deep, two output channels
//   d8 .. d11    32 deep, one time step
//   q14, q15     products on their way to
//   q6 .. q13    the sums: step 0 channel 0, step 0 channel 1, step 1 ...
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 4;
constexpr int kPair = 2;  // Output channels.
constexpr int kDepth = 32;
constexpr int kLanes = 8;
constexpr int kPairs = kGemmS8Columns / kPair;
constexpr int kMaxChainWeight = 255;  // 128 * 255 < 2^15.

// Runs of fours pay for changing over from two blocks on.
constexpr int kMinFours = 2;

// A pair's packed weights: runs, then [blocks][2][32].
//
// Runs are pairs of numbers of blocks: with chains of four, then of two. At
// most every third block starts a new pair of runs.
size_t RunsBytes(int blocks) {
  const size_t numbers = size_t{2} * (blocks / (kMinFours + 1) + 2);
  return (numbers * sizeof(uint16_t) + 15) / 16 * 16;
}

size_t PairBytes(int blocks) {
  return RunsBytes(blocks) + size_t{1} * blocks * kPair * kDepth;
}

size_t PackedBytes(int blocks) { return kPairs * PairBytes(blocks); }

// Whether chains of four fit for both channels of a packed block.
bool FoursFit(const int8_t* block) {
  for (int channel = 0; channel < kPair; ++channel) {
    for (int lane = 0; lane < kLanes; ++lane) {
      int sum = 0;
      for (int k = lane; k < kDepth; k += kLanes) {
        sum += std::abs(int{block[channel * kDepth + k]});
      }
      if (sum > kMaxChainWeight) return false;
    }
  }
  return true;
}

// The number of blocks from `block` on that fit chains of four.
int CountFours(const int8_t* block, const int8_t* end) {
  int count = 0;
  for (; block < end && FoursFit(block); block += kPair * kDepth) ++count;
  return count;
}

void WriteRuns(const int8_t* block, int blocks, uint16_t* runs) {
  const int8_t* end = block + ptrdiff_t{blocks} * kPair * kDepth;
  while (block < end) {
    int fours = CountFours(block, end);
    if (fours < kMinFours) fours = 0;
    block += fours * kPair * kDepth;
    int twos = 0;
    while (block < end && CountFours(block, end) < kMinFours) {
      ++twos;
      block += kPair * kDepth;
    }
    *runs++ = static_cast<uint16_t>(fours);
    *runs++ = static_cast<uint16_t>(twos);
  }
}

void Pack(const int8_t* w, int columns, int length, int blocks,
          int8_t* packed) {
  std::memset(packed, 0, PackedBytes(blocks));
  for (int pair = 0; pair < kPairs; ++pair, packed += PairBytes(blocks)) {
    int8_t* first = packed + RunsBytes(blocks);
    for (int channel = 0; channel < kPair; ++channel) {
      const int column = pair * kPair + channel;
      if (column >= columns) break;
      int8_t* to = first + channel * kDepth;
      for (int k = 0; k < length; k += kDepth, to += kPair * kDepth) {
        std::memcpy(to, w + ptrdiff_t{column} * length + k,
                    std::min(kDepth, length - k));
      }
    }
    WriteRuns(first, blocks, reinterpret_cast<uint16_t*>(packed));
  }
}

// clang-format off

// One time step times both channels, in chains of four ...
#define WQ_FOURS(acc0, acc1)          \
  "vld1.8 {d8-d11}, [%[a]:128]!\n"    \
  "vmull.s8 q14, d8, d0\n"            \
  "vmull.s8 q15, d8, d4\n"            \
  "vmlal.s8 q14, d9, d1\n"            \
  "vmlal.s8 q15, d9, d5\n"            \
  "vmlal.s8 q14, d10, d2\n"           \
  "vmlal.s8 q15, d10, d6\n"           \
  "vmlal.s8 q14, d11, d3\n"           \
  "vmlal.s8 q15, d11, d7\n"           \
  "vpadal.s16 " acc0 ", q14\n"        \
  "vpadal.s16 " acc1 ", q15\n"

// ... and in chains of two.
#define WQ_TWOS(acc0, acc1)           \
  "vld1.8 {d8-d11}, [%[a]:128]!\n"    \
  "vmull.s8 q14, d8, d0\n"            \
  "vmull.s8 q15, d8, d4\n"            \
  "vmlal.s8 q14, d9, d1\n"            \
  "vmlal.s8 q15, d9, d5\n"            \
  "vpadal.s16 " acc0 ", q14\n"        \
  "vpadal.s16 " acc1 ", q15\n"        \
  "vmull.s8 q14, d10, d2\n"           \
  "vmull.s8 q15, d10, d6\n"           \
  "vmlal.s8 q14, d11, d3\n"           \
  "vmlal.s8 q15, d11, d7\n"           \
  "vpadal.s16 " acc0 ", q14\n"        \
  "vpadal.s16 " acc1 ", q15\n"

#define WQ_BLOCK(step)       \
  "vldmia %[w]!, {d0-d7}\n"  \
  step("q6", "q7")           \
  step("q8", "q9")           \
  step("q10", "q11")         \
  step("q12", "q13")

// Adds up the four lanes of two sums and stores them side by side.
#define WQ_STORE(acc0, acc1, acc2, acc3)  \
  "vpadd.i32 d0, " acc0 ", " acc1 "\n"    \
  "vpadd.i32 d1, " acc2 ", " acc3 "\n"    \
  "vpadd.i32 d0, d0, d1\n"                \
  "vst1.32 {d0}, [%[acc]], %[stride]\n"

// Four time steps times two channels.
void RunPair(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  const int8_t* runs = packed;
  const int8_t* w = packed + RunsBytes(blocks);
  int count;
  int halves;
  asm volatile(
      "vmov.i32 q6, #0\n vmov.i32 q7, #0\n vmov.i32 q8, #0\n"
      "vmov.i32 q9, #0\n vmov.i32 q10, #0\n vmov.i32 q11, #0\n"
      "vmov.i32 q12, #0\n vmov.i32 q13, #0\n"
      "1:\n"  // A run with chains of four, two blocks at a time.
      "ldrh %[count], [%[runs]], #2\n"
      "sub %[blocks], %[blocks], %[count]\n"
      "lsrs %[halves], %[count], #1\n"
      "beq 3f\n"
      "2:\n"
      "subs %[halves], %[halves], #1\n"
      WQ_BLOCK(WQ_FOURS)
      WQ_BLOCK(WQ_FOURS)
      "bne 2b\n"
      "3:\n"
      "tst %[count], #1\n"
      "beq 4f\n"
      WQ_BLOCK(WQ_FOURS)
      "4:\n"
      "cmp %[blocks], #0\n"
      "beq 8f\n"
      "ldrh %[count], [%[runs]], #2\n"  // A run with chains of two.
      "sub %[blocks], %[blocks], %[count]\n"
      "lsrs %[halves], %[count], #1\n"
      "beq 6f\n"
      "5:\n"
      "subs %[halves], %[halves], #1\n"
      WQ_BLOCK(WQ_TWOS)
      WQ_BLOCK(WQ_TWOS)
      "bne 5b\n"
      "6:\n"
      "tst %[count], #1\n"
      "beq 7f\n"
      WQ_BLOCK(WQ_TWOS)
      "7:\n"
      "cmp %[blocks], #0\n"
      "bne 1b\n"
      "8:\n"
      WQ_STORE("d12", "d13", "d14", "d15")
      WQ_STORE("d16", "d17", "d18", "d19")
      WQ_STORE("d20", "d21", "d22", "d23")
      WQ_STORE("d24", "d25", "d26", "d27")
      : [a] "+r"(a), [w] "+r"(w), [acc] "+r"(acc), [blocks] "+r"(blocks),
        [runs] "+r"(runs), [count] "=&r"(count), [halves] "=&r"(halves)
      : [stride] "r"(kGemmS8Columns * 4)
      : "cc", "memory", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8",
        "q9", "q10", "q11", "q12", "q13", "q14", "q15");
}

// clang-format on

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  for (int pair = 0; pair < kPairs; ++pair) {
    RunPair(blocks, a, packed + pair * PairBytes(blocks), acc + pair * kPair);
  }
}

}  // namespace

const GemmS8Kernel kGemmS8Neon32 = {"gemm_s8_4x2__neon32",
                                    Isa::kNeon32,
                                    kRows,
                                    kDepth,
                                    /*flip=*/0,
                                    /*takes_lowest_weight=*/false,
                                    PackedBytes,
                                    Pack,
                                    Run};

}  // namespace wqlite
