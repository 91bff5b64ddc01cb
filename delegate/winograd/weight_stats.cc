#include "delegate/winograd/weight_stats.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "delegate/kernels/weight_stats_s8.h"
#include "delegate/winograd/weights_s8.h"

namespace wqlite {

Status WeightStats::Measure(const Conv1DSpec& spec) {
  *this = WeightStats();
  if (!sums_.Allocate(spec.out_channels)) {
    return Status::Error("no memory for the sums of the weights of " +
                         std::to_string(spec.out_channels) +
                         " output channels; close other programs or use a "
                         "smaller model");
  }
  const WeightStatsS8Kernel& kernel = BestWeightStatsS8();
  const size_t length = size_t{1} * spec.kernel_width * spec.in_channels;
  for (int c = 0; c < spec.out_channels; ++c) {
    const ChannelStats stats = kernel.run(spec.filter + c * length, length);
    sums_.data()[c] = static_cast<uint32_t>(stats.sum);
    max_abs_ = std::max(max_abs_, stats.max_abs);
    if (stats.abs_sum > max_abs_sum_) {
      max_abs_sum_ = stats.abs_sum;
      max_abs_sum_channel_ = c;
    }
  }
  return Status();
}

int WeightStats::LargestTransformed(const Conv1DSpec& spec,
                                    const WinogradGeometry& geometry,
                                    const Tile& tile) const {
  const auto [known, is_new] =
      largest_transformed_.try_emplace({&tile, spec.stride});
  if (is_new) known->second = LargestTransformedWeight(spec, geometry, tile);
  return known->second;
}

}  // namespace wqlite
