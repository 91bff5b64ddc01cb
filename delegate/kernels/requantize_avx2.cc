// AVX2. The even and the odd lanes go through 64-bit products.
#include <immintrin.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// (x * multiplier + 2^30) >> 31 in every lane.
__m256i RoundingDoublingHigh(__m256i x, __m256i multiplier) {
  const __m256i nudge = _mm256_set1_epi64x(int64_t{1} << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), nudge);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32),
                                        _mm256_srli_epi64(multiplier, 32)),
                       nudge);
  // Bits 31 to 62 of each product are the result.
  return _mm256_blend_epi32(_mm256_srli_epi64(even, 31),
                            _mm256_slli_epi64(odd, 1), 0xaa);
}

// x >> shift, rounding half up, without overflow: the dropped part's top bit is
// added after the shift. A shift of 0 drops nothing.
__m256i RoundingShift(__m256i x, __m256i shift) {
  const __m256i one = _mm256_set1_epi32(1);
  const __m256i below = _mm256_sub_epi32(shift, one);  // -1 shifts all out.
  const __m256i half = _mm256_and_si256(_mm256_srlv_epi32(x, below), one);
  return _mm256_add_epi32(_mm256_srav_epi32(x, shift), half);
}

__m256i Load(const int32_t* x) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
}

void Run(const int32_t* acc, int rows, const RequantizeParams& params,
         int8_t* out, ptrdiff_t stride, int columns) {
  const __m256i bias = Load(params.bias);
  const __m256i multiplier = Load(params.multiplier);
  const __m256i left = Load(params.left_shift);
  const __m256i right = Load(params.right_shift);
  // -1 where a negative tie must round down.
  const __m256i fixup = params.ties_away
                            ? _mm256_cmpgt_epi32(right, _mm256_setzero_si256())
                            : _mm256_setzero_si256();
  const __m256i zero_point = _mm256_set1_epi32(params.zero_point);
  const __m256i min = _mm256_set1_epi32(params.min - params.zero_point);
  const __m256i max = _mm256_set1_epi32(params.max - params.zero_point);
  for (int r = 0; r < rows; ++r, acc += 8, out += stride) {
    __m256i x = _mm256_sllv_epi32(_mm256_add_epi32(Load(acc), bias), left);
    x = RoundingDoublingHigh(x, multiplier);
    x = _mm256_add_epi32(x, _mm256_and_si256(_mm256_srai_epi32(x, 31), fixup));
    x = RoundingShift(x, right);
    x = _mm256_min_epi32(_mm256_max_epi32(x, min), max);
    x = _mm256_add_epi32(x, zero_point);
    const __m128i narrow = _mm_packs_epi32(_mm256_castsi256_si128(x),
                                           _mm256_extracti128_si256(x, 1));
    const int64_t bytes = _mm_cvtsi128_si64(_mm_packs_epi16(narrow, narrow));
    std::memcpy(out, &bytes, columns);
  }
}

}  // namespace

const RequantizeKernel kRequantizeAvx2 = {"requantize_s32_s8__avx2", Isa::kAvx2,
                                          Run};

}  // namespace wqlite
