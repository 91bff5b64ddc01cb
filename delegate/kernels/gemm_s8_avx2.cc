// AVX2. Both operands are widened to int16, so that vpmaddwd is exact for every
// int8 value, -128 included: 16 products. Weights are widened when they are
// packed. Three time steps times four output channels fill the 16 registers.
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 3;
constexpr int kColumns = 4;
constexpr int kDepth = 64;
constexpr int kStep = 16;  // Values of a vector.

__m256i Widen(const int8_t* x) {
  return _mm256_cvtepi8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
}

// Packed weights: int16 [8 / columns][blocks * depth / step][columns][step].
uint64_t PackedBytes(int blocks) {
  return uint64_t{sizeof(int16_t)} * blocks * kDepth * kGemmS8Columns;
}

void Pack(const int8_t* w, int columns, int length, int blocks,
          int8_t* packed) {
  auto* to = reinterpret_cast<int16_t*>(packed);
  for (int first = 0; first < kGemmS8Columns; first += kColumns) {
    for (int step = 0; step < blocks * kDepth; step += kStep) {
      for (int c = first; c < first + kColumns; ++c, to += kStep) {
        const int8_t* from = w + ptrdiff_t{c} * length;
        if (c < columns && step + kStep <= length) {
          _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                              Widen(from + step));
          continue;
        }
        for (int k = 0; k < kStep; ++k) {
          const bool inside = c < columns && step + k < length;
          to[k] = inside ? from[step + k] : 0;
        }
      }
    }
  }
}

// sum += the products of x and w, pairs of them added. With intrinsics GCC 12
// makes all products first and runs out of registers.
inline __attribute__((always_inline)) void MultiplyAdd(__m256i x,
                                                       const __m256i& w,
                                                       __m256i* sum) {
  __m256i products;
  asm("vpmaddwd %3, %2, %1\n"
      "vpaddd %1, %0, %0"
      : "+x"(*sum), "=&x"(products)
      : "x"(x), "m"(w));
}

// The sums over the lanes of four vectors.
__m128i AddLanes(const __m256i (&x)[kColumns]) {
  const __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(x[0], x[1]),
                                         _mm256_hadd_epi32(x[2], x[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(sums),
                       _mm256_extracti128_si256(sums, 1));
}

// All rows of four output channels.
void RunColumns(int blocks, const int8_t* a, const __m256i* w, int32_t* acc) {
  __m256i sum[kRows][kColumns] = {};
  for (int block = 0; block < blocks; ++block) {
    for (int step = 0; step < kDepth; step += kStep) {
      __m256i x[kRows];
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) x[r] = Widen(a + r * kDepth + step);
#pragma GCC unroll 4
      for (int c = 0; c < kColumns; ++c) {
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) MultiplyAdd(x[r], w[c], &sum[r][c]);
      }
      w += kColumns;
    }
    a += kRows * kDepth;
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(acc + r * kGemmS8Columns),
                     AddLanes(sum[r]));
  }
}

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  const auto* w = reinterpret_cast<const __m256i*>(packed);
  for (int first = 0; first < kGemmS8Columns; first += kColumns) {
    RunColumns(blocks, a, w, acc + first);
    w += ptrdiff_t{blocks} * (kDepth / kStep) * kColumns;
  }
}

// Measured on the layers of Wav2letter (Sapphire Rapids).
GemmS8Cost Cost(CostUnit) { return {/*block=*/110, /*call=*/40}; }

}  // namespace

const GemmS8Kernel kGemmS8Avx2 = {"gemm_s8_3x8__avx2",
                                  Isa::kAvx2,
                                  kRows,
                                  kDepth,
                                  /*flip=*/0,
                                  /*takes_lowest_weight=*/true,
                                  PackedBytes,
                                  Pack,
                                  Run,
                                  Cost};

}  // namespace wqlite
