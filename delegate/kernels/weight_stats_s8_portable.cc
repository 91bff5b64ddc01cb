#include <algorithm>
#include <cstdlib>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

ChannelStats Run(const int8_t* w, size_t count) {
  ChannelStats stats;
  for (size_t i = 0; i < count; ++i) {
    const int magnitude = std::abs(int{w[i]});
    stats.sum += w[i];
    stats.abs_sum += magnitude;
    stats.max_abs = std::max(stats.max_abs, magnitude);
  }
  return stats;
}

}  // namespace

const WeightStatsS8Kernel kWeightStatsS8Portable = {"weight_stats_s8__portable",
                                                    Isa::kPortable, Run};

}  // namespace wqlite
