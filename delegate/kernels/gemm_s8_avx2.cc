// AVX2. Both operands are widened to int16, so that vpmaddwd is exact for every
// int8 value, -128 included: 16 products.
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kRows = 4;
constexpr int kColumns = 2;

__m256i Widen(const int8_t* x) {
  return _mm256_cvtepi8_epi16(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
}

int32_t AddLanes(__m256i x) {
  __m128i sum =
      _mm_add_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

void Run(int blocks, const int8_t* a, const int8_t* w, int32_t* acc) {
  for (int first = 0; first < kGemmS8Columns; first += kColumns) {
    __m256i sum[kRows][kColumns] = {};
    for (int block = 0; block < blocks; ++block) {
      const int8_t* rows = a + block * kRows * kGemmS8Depth;
      const __m256i w0 = Widen(w);
      const __m256i w1 = Widen(w + kGemmS8Depth);
      for (int r = 0; r < kRows; ++r) {
        const __m256i x = Widen(rows + r * kGemmS8Depth);
        sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(x, w0));
        sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(x, w1));
      }
      w += kColumns * kGemmS8Depth;
    }
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kColumns; ++c) {
        acc[r * kGemmS8Columns + first + c] = AddLanes(sum[r][c]);
      }
    }
  }
}

}  // namespace

const GemmS8Kernel kGemmS8Avx2 = {
    "gemm_s8_4x2__avx2",          Isa::kAvx2, kRows, kColumns,
    /*takes_lowest_weight=*/true, Run};

}  // namespace wqlite
