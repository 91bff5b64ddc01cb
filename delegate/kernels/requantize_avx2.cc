// AVX2. The even and the odd lanes go through 64-bit products.
#include <immintrin.h>

#include <cstring>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// (x * multiplier + nudge) >> drop in every lane, modulo 2^32; 1 <= drop <= 31.
class MultiplyShift {
 public:
  MultiplyShift(__m256i multiplier, __m256i nudge, __m256i drop)
      : multiplier_{multiplier, Odd(multiplier)},
        nudge_{Even(nudge), Odd(nudge)},
        drop_even_(Even(drop)),
        lift_odd_(_mm256_sub_epi64(_mm256_set1_epi64x(32), Odd(drop))) {}

  __m256i operator()(__m256i x) const {
    const __m256i even =
        _mm256_add_epi64(_mm256_mul_epi32(x, multiplier_[0]), nudge_[0]);
    const __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(Odd(x), multiplier_[1]), nudge_[1]);
    // 32 bits of each product, from bit `drop` on, are the result.
    return _mm256_blend_epi32(_mm256_srlv_epi64(even, drop_even_),
                              _mm256_sllv_epi64(odd, lift_odd_), 0xaa);
  }

 private:
  static __m256i Even(__m256i x) {
    return _mm256_blend_epi32(x, _mm256_setzero_si256(), 0xaa);
  }
  static __m256i Odd(__m256i x) { return _mm256_srli_epi64(x, 32); }

  __m256i multiplier_[2];
  __m256i nudge_[2];
  __m256i drop_even_;
  __m256i lift_odd_;
};

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
  const __m256i zero = _mm256_setzero_si256();
  const __m256i shift = Load(params.shift);
  const __m256i up = _mm256_max_epi32(shift, zero);
  const __m256i right = _mm256_sub_epi32(up, shift);
  // Rounding once needs no left shift: the product drops fewer bits. With a
  // right shift it is that which rounds, and the product does not.
  const bool once = params.rounding == Rounding::kSingle;
  const __m256i left = once ? zero : up;
  const __m256i drop =
      _mm256_sub_epi32(_mm256_set1_epi32(31), once ? up : zero);
  const __m256i half = _mm256_sllv_epi32(
      _mm256_set1_epi32(1), _mm256_sub_epi32(drop, _mm256_set1_epi32(1)));
  const __m256i shifts_right = _mm256_cmpgt_epi32(right, zero);
  const MultiplyShift multiply_shift(
      Load(params.multiplier),
      once ? _mm256_andnot_si256(shifts_right, half) : half, drop);
  // -1 where a negative tie must round down.
  const __m256i fixup =
      params.rounding == Rounding::kDoubleAway ? shifts_right : zero;
  const __m256i zero_point = _mm256_set1_epi32(params.zero_point);
  const __m256i min = _mm256_set1_epi32(params.min - params.zero_point);
  const __m256i max = _mm256_set1_epi32(params.max - params.zero_point);
  for (int r = 0; r < rows; ++r, acc += 8, out += stride) {
    __m256i x = _mm256_sllv_epi32(_mm256_add_epi32(Load(acc), bias), left);
    x = multiply_shift(x);
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

// Measured on the layers of Wav2letter (Sapphire Rapids).
double RowCost(CostUnit) { return 12; }

}  // namespace

const RequantizeKernel kRequantizeAvx2 = {"requantize_s32_s8__avx2", Isa::kAvx2,
                                          Run, RowCost};

}  // namespace wqlite
