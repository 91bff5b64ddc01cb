// vpshufb looks up 16 entries at a time by the low half of an index; the high
// half says which of the 16 times counts. (AVX-512BW; no VNNI here.)
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kEntries = 16;

// 64 values.
__m512i LookUp(const int8_t* table, __m512i index) {
  const __m512i low = _mm512_and_si512(index, _mm512_set1_epi8(0x0f));
  const __m512i high =
      _mm512_and_si512(index, _mm512_set1_epi8(static_cast<char>(0xf0)));
  __m512i values = _mm512_setzero_si512();
  for (int first = 0; first < 256; first += kEntries) {
    // GCC 12 warns of its own header at the form without a mask.
    const __m512i entries = _mm512_maskz_broadcast_i32x4(
        0xffff,
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + first)));
    const __mmask64 here = _mm512_cmpeq_epi8_mask(
        high, _mm512_set1_epi8(static_cast<char>(first)));
    values = _mm512_mask_shuffle_epi8(values, here, entries, low);
  }
  return values;
}

void Run(const int8_t* table, const int8_t* in, size_t count, int8_t* out) {
  constexpr size_t kBlock = sizeof(__m512i);
  size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    _mm512_storeu_si512(out + i, LookUp(table, _mm512_loadu_si512(in + i)));
  }
  kLookupS8Portable.run(table, in + i, count - i, out + i);
}

}  // namespace

const LookupS8Kernel kLookupS8Avx512Vnni = {"lookup_s8__avx512vnni",
                                            Isa::kAvx512Vnni, Run};

}  // namespace wqlite
