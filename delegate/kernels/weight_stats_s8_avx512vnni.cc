// vpsadbw adds eight unsigned bytes into 64 bits, where nothing overflows: of
// |w|, and of w + 128. (AVX-512BW; no VNNI here.)
#include <immintrin.h>

#include <algorithm>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr size_t kBlock = sizeof(__m512i);
constexpr int kOffset = 128;

int64_t AddLanes(__m512i x) {
  int64_t lanes[8];
  _mm512_storeu_si512(lanes, x);
  int64_t sum = 0;
  for (const int64_t lane : lanes) sum += lane;
  return sum;
}

int LargestLane(__m512i x) {
  uint8_t lanes[kBlock];
  _mm512_storeu_si512(lanes, x);
  return *std::max_element(lanes, lanes + kBlock);
}

ChannelStats Run(const int8_t* w, size_t count) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(kOffset));
  __m512i sum = zero;
  __m512i abs_sum = zero;
  __m512i largest = zero;
  size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const __m512i x = _mm512_loadu_si512(w + i);
    const __m512i magnitude = _mm512_abs_epi8(x);  // Of -128: 128, unsigned.
    const __m512i shifted = _mm512_xor_si512(x, offset);
    sum = _mm512_add_epi64(sum, _mm512_sad_epu8(shifted, zero));
    abs_sum = _mm512_add_epi64(abs_sum, _mm512_sad_epu8(magnitude, zero));
    largest = _mm512_max_epu8(largest, magnitude);
  }
  ChannelStats stats = kWeightStatsS8Portable.run(w + i, count - i);
  return stats += {AddLanes(sum) - int64_t{kOffset} * static_cast<int64_t>(i),
                   AddLanes(abs_sum), LargestLane(largest)};
}

}  // namespace

const WeightStatsS8Kernel kWeightStatsS8Avx512Vnni = {
    "weight_stats_s8__avx512vnni", Isa::kAvx512Vnni, Run};

}  // namespace wqlite
