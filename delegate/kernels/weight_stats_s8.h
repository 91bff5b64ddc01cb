#ifndef WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_H_
#define WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/kernels/isa.h"

namespace wqlite {

/// What is known of the weights of one output channel.
struct ChannelStats {
  int64_t sum = 0;      ///< Of w.
  int64_t abs_sum = 0;  ///< Of |w|.
  int max_abs = 0;  ///< Largest |w|: 128 where, and only where, -128 occurs.

  ChannelStats& operator+=(const ChannelStats& other) {
    sum += other.sum;
    abs_sum += other.abs_sum;
    max_abs = max_abs < other.max_abs ? other.max_abs : max_abs;
    return *this;
  }
};

/// Looks at every weight of a channel once.
struct WeightStatsS8Kernel {
  const char* name;  ///< weight_stats_s8__<isa>
  Isa isa;
  ChannelStats (*run)(const int8_t* w, size_t count);
};

/// The kernel for each instruction set that this processor can run, best first.
const std::vector<const WeightStatsS8Kernel*>& AvailableWeightStatsS8();

/// The kernel for the best instruction set of this processor.
const WeightStatsS8Kernel& BestWeightStatsS8();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_WEIGHT_STATS_S8_H_
