#include "delegate/winograd/weights.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace wqlite {
namespace {

constexpr int kLanes = 8;
constexpr int kMaxTaps = 64;

using I8x8 = int8_t __attribute__((vector_size(8)));

I8x8 ZipLow(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

I8x8 ZipHigh(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// One of the three perfect shuffles that transpose 8x8 bytes.
void Shuffle(const I8x8 (&in)[kLanes], I8x8 (&out)[kLanes]) {
  for (int i = 0; i < kLanes / 2; ++i) {
    out[2 * i] = ZipLow(in[i], in[i + 4]);
    out[2 * i + 1] = ZipHigh(in[i], in[i + 4]);
  }
}

void Transpose(I8x8 (&rows)[kLanes]) {
  I8x8 other[kLanes];
  Shuffle(rows, other);
  Shuffle(other, rows);
  Shuffle(rows, other);
  std::copy(std::begin(other), std::end(other), std::begin(rows));
}

/// A filter seen through the geometry: [out_channels][width][channels], zero
/// outside.
class FilterView {
 public:
  FilterView(const Conv1DSpec& spec, const WinogradGeometry& geometry)
      : filter_(spec.filter),
        out_channels_(spec.out_channels),
        channels_(geometry.channels),
        row_(int64_t{spec.kernel_width} * spec.in_channels) {}

  /// Eight neighbouring channels.
  I8x8 Load(int output, int tap, int channel) const {
    I8x8 lanes{};
    if (output >= out_channels_) return lanes;
    // With a stride the last tap's later phases lie beyond the filter's end.
    const int64_t at = int64_t{tap} * channels_ + channel;
    const int64_t count =
        std::min<int64_t>({kLanes, channels_ - channel, row_ - at});
    const int8_t* from = filter_ + output * row_ + at;
    if (count == kLanes) {
      std::memcpy(&lanes, from, kLanes);
    } else if (count > 0) {
      std::memcpy(&lanes, from, static_cast<size_t>(count));
    }
    return lanes;
  }

 private:
  const int8_t* filter_;
  int out_channels_;
  int channels_;
  int64_t row_;
};

/// Eight channels of 8 outputs, transposed for the transform:
/// [8][tile_taps][8].
void PackTaps(const FilterView& filter, int first_output, int first_tap,
              int taps, int tile_taps, int channel, int interleave,
              int8_t* packed) {
  for (int k = 0; k < taps; ++k) {
    I8x8 lanes[kLanes];
    for (int o = 0; o < kLanes; ++o) {
      lanes[o] = filter.Load(first_output + o, first_tap + k, channel);
    }
    Transpose(lanes);
    if (interleave == 2) {
      for (int i = 0; i < kLanes; i += 2) {
        const I8x8 even = lanes[i];
        lanes[i] = ZipLow(even, lanes[i + 1]);
        lanes[i + 1] = ZipHigh(even, lanes[i + 1]);
      }
    }
    for (int i = 0; i < kLanes; ++i) {
      std::memcpy(packed + (i * tile_taps + k) * kLanes, &lanes[i], kLanes);
    }
  }
}

}  // namespace

void TransformWeights(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                      const Tile& tile, int first_output, int first_channel,
                      int channels, int interleave, int16_t* u) {
  const FilterView filter(spec, geometry);
  alignas(16) int8_t packed[kLanes * kMaxTaps * kLanes];
  const ptrdiff_t point_stride = ptrdiff_t{channels} * kLanes;
  for (int block = 0; block < geometry.blocks; ++block) {
    const int first_tap = block * tile.taps;
    // Taps beyond the kernel stay zero.
    const int taps = std::min(tile.taps, geometry.width - first_tap);
    std::memset(packed, 0, sizeof(packed));
    for (int c = 0; c < channels; c += kLanes) {
      PackTaps(filter, first_output, first_tap, taps, tile.taps,
               first_channel + c, interleave, packed);
      const int lanes = std::min(kLanes, channels - c);
      for (int i = 0; i < lanes; ++i) {
        tile.transform_weights(packed + i * tile.taps * kLanes,
                               u + (c + i) * kLanes, point_stride);
      }
    }
    u += tile.points * point_stride;
  }
}

}  // namespace wqlite
