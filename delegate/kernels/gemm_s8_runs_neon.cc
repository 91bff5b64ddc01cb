#include "delegate/kernels/gemm_s8_runs_neon.h"

#include <arm_neon.h>

#include <cstring>

#include "delegate/kernels/gemm_s8.h"

namespace wqlite {
namespace {

constexpr int kLanes = 8;
constexpr int kPairs = kGemmS8Columns / kRunsPair;
constexpr int kBlockBytes = kRunsPair * kRunsDepth;
constexpr int kFoursBlocks = 2;       // That a chain of four goes through.
constexpr int kMaxChainWeight = 255;  // 128 * 255 < 2^15.

// Runs of fours pay for changing over from two chains on.
constexpr int kMinFours = 6;

// From a half of a block to its other half, and to that of the other channel.
// AArch64 multiplies upper halves of registers with upper halves only.
#if defined(__aarch64__)
constexpr int kHalfStep = kLanes;
constexpr int kChannelStep = kRunsDepth;
#else
constexpr int kHalfStep = kRunsPair * kLanes;
constexpr int kChannelStep = kLanes;
#endif

// Whether chains of four fit for one channel of two packed blocks.
bool ChannelFits(const int8_t* block) {
  uint16x8_t sums = vdupq_n_u16(0);  // Of |w|, by lane.
  for (int i = 0; i < kFoursBlocks; ++i, block += kBlockBytes) {
    for (const int8_t* half : {block, block + kHalfStep}) {
      sums = vaddw_u8(sums, vreinterpret_u8_s8(vabs_s8(vld1_s8(half))));
    }
  }
  uint16x4_t largest = vmax_u16(vget_low_u16(sums), vget_high_u16(sums));
  largest = vpmax_u16(largest, largest);
  largest = vpmax_u16(largest, largest);
  return vget_lane_u16(largest, 0) <= kMaxChainWeight;
}

bool FoursFit(const int8_t* block) {
  return ChannelFits(block) && ChannelFits(block + kChannelStep);
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

// w: one channel [length] to its halves of the blocks.
void PackChannel(const int8_t* w, int length, int8_t* to) {
  for (; length >= kRunsDepth; length -= kRunsDepth, w += kRunsDepth) {
    vst1_s8(to, vld1_s8(w));
    vst1_s8(to + kHalfStep, vld1_s8(w + kLanes));
    to += kBlockBytes;
  }
  if (length > kLanes) {
    vst1_s8(to, vld1_s8(w));
    std::memcpy(to + kHalfStep, w + kLanes, length - kLanes);
  } else if (length > 0) {
    std::memcpy(to, w, length);
  }
}

}  // namespace

// A new pair of runs starts after kMinFours chains and a block at the earliest.
size_t RunsBytes(int blocks) {
  const size_t numbers =
      size_t{2} * (blocks / (kMinFours * kFoursBlocks + 1) + 2);
  return (numbers * sizeof(uint16_t) + 15) / 16 * 16;
}

size_t RunsPairBytes(int blocks) {
  return RunsBytes(blocks) + size_t{1} * blocks * kBlockBytes;
}

uint64_t RunsPackedBytes(int blocks) {
  return uint64_t{kPairs} * RunsPairBytes(blocks);
}

void PackRuns(const int8_t* w, int columns, int length, int blocks,
              int8_t* packed) {
  std::memset(packed, 0, RunsPackedBytes(blocks));
  for (int pair = 0; pair < kPairs; ++pair, packed += RunsPairBytes(blocks)) {
    int8_t* first = packed + RunsBytes(blocks);
    for (int channel = 0; channel < kRunsPair; ++channel) {
      const int column = pair * kRunsPair + channel;
      if (column >= columns) break;
      PackChannel(w + ptrdiff_t{column} * length, length,
                  first + channel * kChannelStep);
    }
    WriteRuns(first, blocks, reinterpret_cast<uint16_t*>(packed));
  }
}

}  // namespace wqlite
