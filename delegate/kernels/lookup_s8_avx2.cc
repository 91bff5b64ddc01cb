// vpshufb looks up 16 entries at a time, and gives 0 where an index has bit 7.
#include <immintrin.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr int kEntries = 16;

// 32 values. The index is lowered from part to part of the table; adding 0x70
// with saturation sets bit 7 of all that are not in [0, 16).
__m256i LookUp(const int8_t* table, __m256i index) {
  const __m256i step = _mm256_set1_epi8(kEntries);
  const __m256i beyond = _mm256_set1_epi8(0x70);
  __m256i values = _mm256_setzero_si256();
  for (int part = 0; part < 256 / kEntries; ++part, table += kEntries) {
    const __m256i entries = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
    const __m256i at = _mm256_adds_epu8(index, beyond);
    values = _mm256_or_si256(values, _mm256_shuffle_epi8(entries, at));
    index = _mm256_sub_epi8(index, step);
  }
  return values;
}

void Run(const int8_t* table, const int8_t* in, size_t count, int8_t* out) {
  constexpr size_t kBlock = sizeof(__m256i);
  size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const __m256i index =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i),
                        LookUp(table, index));
  }
  kLookupS8Portable.run(table, in + i, count - i, out + i);
}

}  // namespace

const LookupS8Kernel kLookupS8Avx2 = {"lookup_s8__avx2", Isa::kAvx2, Run};

}  // namespace wqlite
