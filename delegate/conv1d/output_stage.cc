#include "delegate/conv1d/output_stage.h"

#include <algorithm>

namespace wqlite {
namespace {

// bias - offset * (sum of the channel's weights), modulo 2^32.
int32_t FoldedBias(const Conv1DSpec& spec, const WeightStats& weights,
                   int32_t offset, int channel) {
  const uint32_t bias =
      spec.bias == nullptr ? 0 : static_cast<uint32_t>(spec.bias[channel]);
  return static_cast<int32_t>(bias - static_cast<uint32_t>(offset) *
                                         weights.sum(channel));
}

}  // namespace

OutputStage::OutputStage(const Conv1DSpec& spec, const Conv1DShape& shape,
                         const WeightStats& weights, int32_t centre)
    : kernel_(BestRequantize()),
      out_channels_(spec.out_channels),
      params_((spec.out_channels + kChannels - 1) / kChannels) {
  for (RequantizeParams& params : params_) {
    params = {};
    params.zero_point = spec.output_zero_point;
    params.min = spec.activation_min;
    params.max = spec.activation_max;
    params.rounding = RoundingOf(spec, shape);
  }
  for (int c = 0; c < out_channels_; ++c) {
    RequantizeParams& params = params_[c / kChannels];
    const int lane = c % kChannels;
    params.bias[lane] =
        FoldedBias(spec, weights, spec.input_zero_point - centre, c);
    params.multiplier[lane] = spec.multiplier[c];
    params.shift[lane] = spec.shift[c];
  }
}

void OutputStage::Store(int channel_group, const int32_t* sums, int rows,
                        int8_t* out, ptrdiff_t stride) const {
  const int columns =
      std::min(kChannels, out_channels_ - channel_group * kChannels);
  kernel_.run(sums, rows, params_[channel_group], out, stride, columns);
}

}  // namespace wqlite
