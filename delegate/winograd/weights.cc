#include "delegate/winograd/weights.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "delegate/winograd/simd.h"

namespace wqlite {
namespace {

constexpr int kLanes = 8;
constexpr int kMaxTaps = 64;

using I8x8 = int8_t __attribute__((vector_size(8)));

WQ_INLINE I8x8 ZipLow(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

WQ_INLINE I8x8 ZipHigh(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// One of the three perfect shuffles that transpose 8x8 bytes.
WQ_INLINE void Shuffle(const I8x8 (&in)[kLanes], I8x8 (&out)[kLanes]) {
  WQ_UNROLL for (int i = 0; i < kLanes / 2; ++i) {
    out[2 * i] = ZipLow(in[i], in[i + 4]);
    out[2 * i + 1] = ZipHigh(in[i], in[i + 4]);
  }
}

WQ_INLINE void Transpose(const I8x8 (&in)[kLanes], I8x8 (&out)[kLanes]) {
  I8x8 other[kLanes];
  Shuffle(in, out);
  Shuffle(out, other);
  Shuffle(other, out);
}

/// A filter seen through the geometry: [out_channels][width][channels], zero
/// outside.
class FilterView {
 public:
  FilterView(const Conv1DSpec& spec, const WinogradGeometry& geometry)
      : filter_(spec.filter),
        out_channels_(spec.out_channels),
        channels_(geometry.channels),
        row_(ptrdiff_t{spec.kernel_width} * spec.in_channels) {}

  /// Eight neighbouring channels of one tap of eight outputs: a row an output.
  WQ_INLINE void Load(int output, int tap, int channel,
                      I8x8 (&rows)[kLanes]) const {
    // With a stride the last tap's later phases lie beyond the filter's end.
    const ptrdiff_t at = ptrdiff_t{tap} * channels_ + channel;
    const ptrdiff_t count =
        std::min<ptrdiff_t>({kLanes, channels_ - channel, row_ - at});
    const int outputs = std::min(kLanes, out_channels_ - output);
    const int8_t* from = filter_ + output * row_ + at;
    if (count == kLanes && outputs == kLanes) {
      WQ_UNROLL for (int o = 0; o < kLanes; ++o, from += row_) {
        std::memcpy(&rows[o], from, kLanes);
      }
      return;
    }
    for (int o = 0; o < kLanes; ++o, from += row_) {
      rows[o] = I8x8{};
      if (o < outputs && count > 0) {
        std::memcpy(&rows[o], from, static_cast<size_t>(count));
      }
    }
  }

 private:
  const int8_t* filter_;
  int out_channels_;
  int channels_;
  ptrdiff_t row_;
};

/// Eight channels of 8 outputs, transposed for the transform:
/// [8][tile_taps][8].
template <int kInterleave>
void PackTaps(const FilterView& filter, int first_output, int first_tap,
              int taps, int tile_taps, int channel, int8_t* packed) {
  for (int k = 0; k < taps; ++k, packed += kLanes) {
    I8x8 rows[kLanes];
    I8x8 columns[kLanes];
    filter.Load(first_output, first_tap + k, channel, rows);
    Transpose(rows, columns);
    if constexpr (kInterleave == 2) {
      WQ_UNROLL for (int i = 0; i < kLanes; i += 2) {
        const I8x8 even = columns[i];
        columns[i] = ZipLow(even, columns[i + 1]);
        columns[i + 1] = ZipHigh(even, columns[i + 1]);
      }
    }
    WQ_UNROLL for (int i = 0; i < kLanes; ++i) {
      std::memcpy(packed + i * tile_taps * kLanes, &columns[i], kLanes);
    }
  }
}

}  // namespace

void TransformWeights(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                      const Tile& tile, int first_output, int first_channel,
                      int channels, int interleave, int16_t* u) {
  const FilterView filter(spec, geometry);
  const auto pack = interleave == 2 ? PackTaps<2> : PackTaps<1>;
  alignas(16) int8_t packed[kLanes * kMaxTaps * kLanes];
  const ptrdiff_t point_stride = ptrdiff_t{channels} * kLanes;
  for (int block = 0; block < geometry.blocks; ++block) {
    const int first_tap = block * tile.taps;
    // Taps beyond the kernel stay zero.
    const int taps = std::min(tile.taps, geometry.width - first_tap);
    if (taps < tile.taps) std::memset(packed, 0, sizeof(packed));
    for (int c = 0; c < channels; c += kLanes) {
      pack(filter, first_output, first_tap, taps, tile.taps, first_channel + c,
           packed);
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
