#ifndef WQLITE_DELEGATE_WINOGRAD_WEIGHT_STATS_H_
#define WQLITE_DELEGATE_WINOGRAD_WEIGHT_STATS_H_

#include <cstdint>
#include <map>
#include <utility>

#include "delegate/base/buffer.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/base/status.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// What proofs, the choice of kernels and output stages need to know of a
/// layer's weights. Measured once per layer, so that nothing else has to look
/// at all weights again, however often the layer is planned and built.
class WeightStats {
 public:
  /// Looks at all weights of `spec`. Fails only for want of memory.
  Status Measure(const Conv1DSpec& spec);

  /// Largest |w|: 128 where, and only where, a weight of -128 occurs.
  int max_abs() const { return max_abs_; }
  /// Largest sum of |w| of an output channel, and which one that is.
  int64_t max_abs_sum() const { return max_abs_sum_; }
  int max_abs_sum_channel() const { return max_abs_sum_channel_; }
  /// Sum of w of an output channel, modulo 2^32.
  uint32_t sum(int channel) const { return sums_.data()[channel]; }

  /// LargestTransformedWeight of the measured spec, which the second call for a
  /// tile remembers. Not for two threads at once.
  int LargestTransformed(const Conv1DSpec& spec,
                         const WinogradGeometry& geometry,
                         const Tile& tile) const;

 private:
  Buffer<uint32_t> sums_;  ///< [out_channels]
  int max_abs_ = 0;
  int64_t max_abs_sum_ = 0;
  int max_abs_sum_channel_ = 0;
  /// By tile and stride.
  mutable std::map<std::pair<const Tile*, int>, int> largest_transformed_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_WEIGHT_STATS_H_
