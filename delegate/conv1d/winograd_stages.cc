#include "delegate/conv1d/winograd_stages.h"

#include <algorithm>
#include <cstring>

namespace wqlite {

WinogradStages::WinogradStages(const Conv1DSpec& spec, const Conv1DShape& shape,
                               const WeightStats& weights,
                               const WinogradGeometry& geometry,
                               const Tile& tile, int32_t centre)
    : spec_(spec),
      shape_(shape),
      geometry_(geometry),
      tile_(tile),
      centre_(centre),
      output_(spec, shape, weights, centre) {}

void WinogradStages::StageRows(const int8_t* input, int sequence, int begin,
                               int end, int8_t* staged) const {
  const int batch = sequence / geometry_.residues;
  const int residue = sequence % geometry_.residues;
  const size_t channels = spec_.in_channels;
  input += size_t{1} * batch * shape_.in_time * channels;
  for (int u = begin; u < end; ++u) {
    int8_t* const row = staged + size_t{1} * u * geometry_.row_bytes;
    int8_t* to = row;
    for (int phase = 0; phase < geometry_.phases; ++phase, to += channels) {
      const int64_t t =
          int64_t{spec_.stride} * (int64_t{spec_.dilation} * u + residue) +
          int64_t{phase} * spec_.dilation - shape_.pad_left;
      if (t >= 0 && t < shape_.in_time) {
        std::memcpy(to, input + t * channels, channels);
      } else {
        std::memset(to, spec_.input_zero_point, channels);
      }
    }
    std::memset(to, centre_, row + geometry_.row_bytes - to);
  }
}

void WinogradStages::StoreTiles(const int32_t* acc, ptrdiff_t point_stride,
                                int first, int count, int channel_group,
                                int32_t* y, int8_t* output) const {
  int sequence = first / geometry_.tile_pitch;
  int tile = first - sequence * geometry_.tile_pitch;
  while (count > 0) {
    const int run = std::min(count, geometry_.tile_pitch - tile);
    StoreSequence(acc, point_stride, sequence, tile, run, channel_group, y,
                  output);
    acc += ptrdiff_t{OutputStage::kChannels} * run;
    count -= run;
    tile = 0;
    ++sequence;
  }
}

void WinogradStages::StoreSequence(const int32_t* acc, ptrdiff_t point_stride,
                                   int sequence, int first, int count,
                                   int channel_group, int32_t* y,
                                   int8_t* output) const {
  constexpr int kChannels = OutputStage::kChannels;
  const int batch = sequence / geometry_.residues;
  const int residue = sequence - batch * geometry_.residues;
  const int steps =
      (shape_.out_time - residue + spec_.dilation - 1) / spec_.dilation;
  const int step = first * tile_.outputs;
  const int rows = std::min(count * tile_.outputs, steps - step);
  // The last tiles may lie between two sequences.
  for (int row = 0; row < rows; row += tile_.outputs, acc += kChannels) {
    int32_t* to = y + ptrdiff_t{kChannels} * row;
    tile_.transform_output(acc, point_stride, to, kChannels);
    tile_.transform_output(acc + kChannels / 2, point_stride,
                           to + kChannels / 2, kChannels);
  }
  if (rows <= 0) return;
  const int64_t time = int64_t{spec_.dilation} * step + residue;
  int8_t* out = output +
                (batch * int64_t{shape_.out_time} + time) * spec_.out_channels +
                channel_group * kChannels;
  output_.Store(channel_group, y, rows, out,
                ptrdiff_t{spec_.dilation} * spec_.out_channels);
}

}  // namespace wqlite
