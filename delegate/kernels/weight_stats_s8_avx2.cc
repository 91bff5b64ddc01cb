// vpsadbw adds eight unsigned bytes into 64 bits, where nothing overflows: of
// |w|, and of w + 128.
#include <immintrin.h>

#include <algorithm>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr size_t kBlock = sizeof(__m256i);
constexpr int kOffset = 128;

int64_t AddLanes(__m256i x) {
  int64_t lanes[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), x);
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

int LargestLane(__m256i x) {
  uint8_t lanes[kBlock];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), x);
  return *std::max_element(lanes, lanes + kBlock);
}

ChannelStats Run(const int8_t* w, size_t count) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i offset = _mm256_set1_epi8(static_cast<char>(kOffset));
  __m256i sum = zero;
  __m256i abs_sum = zero;
  __m256i largest = zero;
  size_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    const __m256i x =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + i));
    const __m256i magnitude = _mm256_abs_epi8(x);  // Of -128: 128, unsigned.
    const __m256i shifted = _mm256_xor_si256(x, offset);
    sum = _mm256_add_epi64(sum, _mm256_sad_epu8(shifted, zero));
    abs_sum = _mm256_add_epi64(abs_sum, _mm256_sad_epu8(magnitude, zero));
    largest = _mm256_max_epu8(largest, magnitude);
  }
  ChannelStats stats = kWeightStatsS8Portable.run(w + i, count - i);
  return stats += {AddLanes(sum) - int64_t{kOffset} * static_cast<int64_t>(i),
                   AddLanes(abs_sum), LargestLane(largest)};
}

}  // namespace

const WeightStatsS8Kernel kWeightStatsS8Avx2 = {"weight_stats_s8__avx2",
                                                Isa::kAvx2, Run};

}  // namespace wqlite
