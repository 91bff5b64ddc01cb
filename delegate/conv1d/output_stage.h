#ifndef WQLITE_DELEGATE_CONV1D_OUTPUT_STAGE_H_
#define WQLITE_DELEGATE_CONV1D_OUTPUT_STAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/requantize.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// The last step of every kernel: exact sums over raw inputs to int8 outputs.
class OutputStage {
 public:
  /// Output channels that go through together.
  static constexpr int kChannels = 8;

  /// Sums are over q - centre, q the raw inputs. Folds what is left of the
  /// input zero point into the bias: sum w*(q - zp) = sum w*(q - centre) - (zp
  /// - centre) * sum w.
  OutputStage(const Conv1DSpec& spec, const Conv1DShape& shape,
              const WeightStats& weights, int32_t centre = 0);

  int channel_groups() const { return static_cast<int>(params_.size()); }

  /// sums: [rows][8] of channels 8 * channel_group and on; out: where the first
  /// row's first channel goes, `stride` bytes from row to row.
  void Store(int channel_group, const int32_t* sums, int rows, int8_t* out,
             ptrdiff_t stride) const;

 private:
  const RequantizeKernel& kernel_;
  int out_channels_;
  std::vector<RequantizeParams> params_;  // Per channel group.
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_OUTPUT_STAGE_H_
