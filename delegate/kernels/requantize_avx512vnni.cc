// AVX-512. Eight output channels in 64-bit lanes: the formulas of requantize.h,
// with all of kSingle's right shift of the product in its second step.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 mistakes the undefined operand of its own intrinsics for an error.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

__m256i Load(const int32_t* x) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
}

__m512i LoadWiden(const int32_t* x) { return _mm512_cvtepi32_epi64(Load(x)); }

void Run(const int32_t* acc, int rows, const RequantizeParams& params,
         int8_t* out, ptrdiff_t stride, int columns) {
  const __m256i bias = Load(params.bias);
  const __m512i one = _mm512_set1_epi64(1);
  const __m512i shift = LoadWiden(params.shift);
  const __m512i up = _mm512_max_epi64(shift, _mm512_setzero_si512());
  const __m512i right = _mm512_sub_epi64(up, shift);
  const __mmask8 shifts_right = _mm512_test_epi64_mask(right, right);
  // Rounding once needs no left shift: the product drops fewer bits. With a
  // right shift it is that which rounds, and the product does not.
  const bool once = params.rounding == Rounding::kSingle;
  const __m256i left = _mm512_maskz_cvtepi64_epi32(once ? 0 : 0xff, up);
  const __m512i drop = _mm512_mask_sub_epi64(
      _mm512_set1_epi64(31), once ? 0xff : 0, _mm512_set1_epi64(31), up);
  const __m512i lift = _mm512_sub_epi64(_mm512_set1_epi64(32), drop);
  const __m512i nudge = _mm512_maskz_sllv_epi64(
      once ? static_cast<__mmask8>(~shifts_right) : 0xff, one,
      _mm512_sub_epi64(drop, one));
  const __m512i multiplier = LoadWiden(params.multiplier);
  const __m512i half = _mm512_srli_epi64(_mm512_sllv_epi64(one, right), 1);
  // -1 where a negative tie must round down.
  const __m512i fixup = _mm512_maskz_set1_epi64(
      params.rounding == Rounding::kDoubleAway ? shifts_right : 0, -1);
  const __m512i zero_point = _mm512_set1_epi64(params.zero_point);
  const __m512i min = _mm512_set1_epi64(params.min);
  const __m512i max = _mm512_set1_epi64(params.max);
  const auto mask = static_cast<__mmask8>((1 << columns) - 1);
  for (int r = 0; r < rows; ++r, acc += 8, out += stride) {
    const __m256i sum =
        _mm256_sllv_epi32(_mm256_add_epi32(Load(acc), bias), left);
    __m512i x = _mm512_mul_epi32(_mm512_cvtepi32_epi64(sum), multiplier);
    // 32 bits, from bit `drop` on.
    x = _mm512_sllv_epi64(_mm512_add_epi64(x, nudge), lift);
    x = _mm512_srai_epi64(x, 32);
    const __m512i down = _mm512_and_si512(_mm512_srai_epi64(x, 63), fixup);
    x = _mm512_add_epi64(_mm512_add_epi64(x, down), half);
    x = _mm512_add_epi64(_mm512_srav_epi64(x, right), zero_point);
    x = _mm512_min_epi64(_mm512_max_epi64(x, min), max);
    _mm512_mask_cvtepi64_storeu_epi8(out, mask, x);
  }
}

// Measured on the layers of Wav2letter (Sapphire Rapids).
double RowCost(CostUnit) { return 5; }

}  // namespace

const RequantizeKernel kRequantizeAvx512Vnni = {"requantize_s32_s8__avx512vnni",
                                                Isa::kAvx512Vnni, Run, RowCost};

}  // namespace wqlite
