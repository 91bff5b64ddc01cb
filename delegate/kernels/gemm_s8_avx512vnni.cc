// AVX-512 VNNI. vpdpbusd adds four neighbouring products to each int32 lane: 64
// products in one instruction. One of its factors is unsigned, so a comes with
// its sign bits flipped, which adds 128 to every value; the sums begin at -128
// times the sum of the weights instead of 0.
//
// A vector of weights is 16 deep for four output channels, one in each quarter;
// 16 values of a time step are broadcast to all quarters.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 mistakes the undefined operand of its own intrinsics for an error.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 12;
constexpr int kDepth = 64;
constexpr int kStep = 16;  // Values of a quarter.
constexpr int kLanes = 4;  // Sums that belong to one output channel.
constexpr int kHalves = 2;
constexpr int kStarts = kGemmS8Columns * kLanes;

// Packed weights: what the sums begin with, int32 [8][4], of which only the
// first of four is used; then
// [blocks * 4][8][16].
uint64_t PackedBytes(int blocks) {
  return kStarts * sizeof(int32_t) +
         uint64_t{1} * blocks * kGemmS8Columns * kDepth;
}

void Pack(const int8_t* w, int columns, int length, int blocks,
          int8_t* packed) {
  std::memset(packed, 0, PackedBytes(blocks));
  int32_t starts[kStarts] = {};
  for (int c = 0; c < columns; ++c, w += length) {
    uint32_t sum = 0;
    for (int k = 0; k < length; ++k) sum += static_cast<uint32_t>(w[k]);
    starts[c * kLanes] = static_cast<int32_t>(sum * -128u);
    int8_t* to = packed + sizeof(starts) + c * kStep;
    for (int k = 0; k < length; k += kStep, to += kGemmS8Columns * kStep) {
      std::memcpy(to, w + k, length - k < kStep ? length - k : kStep);
    }
  }
  std::memcpy(packed, starts, sizeof(starts));
}

// The four lanes of each quarter added up, of four vectors: quarter q of the
// result holds those of a, b, c and d.
__m512i AddLanes(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b),
                                      _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d),
                                      _mm512_unpackhi_epi32(c, d));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd),
                          _mm512_unpackhi_epi64(ab, cd));
}

// The intrinsic, but GCC 12 copies its sums around.
inline __attribute__((always_inline)) void MultiplyAdd(__m512i a, __m512i w,
                                                       __m512i* sum) {
  asm("vpdpbusd %2, %1, %0" : "+v"(*sum) : "v"(a), "v"(w));
}

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  __m512i sum[kRows][kHalves];
#pragma GCC unroll 2
  for (int half = 0; half < kHalves; ++half) {
    const __m512i start = _mm512_loadu_si512(packed + half * 64);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sum[r][half] = start;
  }
  const int8_t* w = packed + kStarts * sizeof(int32_t);
  for (int block = 0; block < blocks; ++block) {
    for (int step = 0; step < kDepth / kStep; ++step) {
      const __m512i low = _mm512_loadu_si512(w);
      const __m512i high = _mm512_loadu_si512(w + 64);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const __m512i x = _mm512_broadcast_i32x4(_mm_loadu_si128(
            reinterpret_cast<const __m128i*>(a + r * kDepth + step * kStep)));
        MultiplyAdd(x, low, &sum[r][0]);
        MultiplyAdd(x, high, &sum[r][1]);
      }
      w += kGemmS8Columns * kStep;
    }
    a += kRows * kDepth;
  }
  // Lane 4 * q + i of AddLanes is channel q (even i) or q + 4 (odd i) of row
  // i / 2.
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
#pragma GCC unroll 16
  for (int r = 0; r < kRows; r += 2) {
    const __m512i both =
        AddLanes(sum[r][0], sum[r][1], sum[r + 1][0], sum[r + 1][1]);
    _mm512_storeu_si512(acc + r * kGemmS8Columns,
                        _mm512_permutexvar_epi32(order, both));
  }
}

// Measured on the layers of Wav2letter (Sapphire Rapids).
GemmS8Cost Cost(CostUnit) { return {/*block=*/60, /*call=*/40}; }

}  // namespace

const GemmS8Kernel kGemmS8Avx512Vnni = {"gemm_s8_12x8__avx512vnni",
                                        Isa::kAvx512Vnni,
                                        kRows,
                                        kDepth,
                                        /*flip=*/0x80,
                                        /*takes_lowest_weight=*/true,
                                        PackedBytes,
                                        Pack,
                                        Run,
                                        Cost};

}  // namespace wqlite
