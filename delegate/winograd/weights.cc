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

  /// Whether 8 channels of `taps` taps of 8 outputs lie inside.
  bool Holds(int output, int tap, int taps, int channel) const {
    return output + kLanes <= out_channels_ && channel + kLanes <= channels_ &&
           Offset(tap + taps - 1, channel) + kLanes <= row_;
  }

  /// Eight neighbouring channels of one tap of eight outputs: a row an output.
  /// All must lie inside.
  WQ_INLINE void Load(int output, int tap, int channel,
                      I8x8 (&rows)[kLanes]) const {
    const int8_t* from = filter_ + output * row_ + Offset(tap, channel);
    WQ_UNROLL for (I8x8& row : rows) {
      std::memcpy(&row, from, kLanes);
      from += row_;
    }
  }

  /// The same anywhere.
  void LoadPart(int output, int tap, int channel, I8x8 (&rows)[kLanes]) const {
    // With a stride the last tap's later phases lie beyond the filter's end.
    const ptrdiff_t at = Offset(tap, channel);
    const ptrdiff_t count =
        std::min<ptrdiff_t>({kLanes, channels_ - channel, row_ - at});
    for (int o = 0; o < kLanes; ++o) {
      rows[o] = I8x8{};
      if (output + o < out_channels_ && count > 0) {
        std::memcpy(&rows[o], filter_ + (output + o) * row_ + at,
                    static_cast<size_t>(count));
      }
    }
  }

 private:
  ptrdiff_t Offset(int tap, int channel) const {
    return ptrdiff_t{tap} * channels_ + channel;
  }

  const int8_t* filter_;
  int out_channels_;
  int channels_;
  ptrdiff_t row_;
};

/// Writes a tap of eight channels as the transform wants it: 8 vectors of 8.
template <int kInterleave>
WQ_INLINE void StoreTap(const I8x8 (&rows)[kLanes], int8_t* to) {
  I8x8 columns[kLanes];
  Transpose(rows, columns);
  if constexpr (kInterleave == 2) {
    WQ_UNROLL for (int i = 0; i < kLanes; i += 2) {
      const I8x8 even = columns[i];
      columns[i] = ZipLow(even, columns[i + 1]);
      columns[i + 1] = ZipHigh(even, columns[i + 1]);
    }
  }
  WQ_UNROLL for (const I8x8& column : columns) {
    std::memcpy(to, &column, kLanes);
    to += kLanes;
  }
}

/// Eight channels of 8 outputs for the transform: [taps][8 vectors][8].
template <int kInterleave>
void PackTaps(const FilterView& filter, int output, int first_tap, int taps,
              int channel, int8_t* packed) {
  const bool inside = filter.Holds(output, first_tap, taps, channel);
  for (int k = 0; k < taps; ++k) {
    I8x8 rows[kLanes];
    if (inside) {
      filter.Load(output, first_tap + k, channel, rows);
    } else {
      filter.LoadPart(output, first_tap + k, channel, rows);
    }
    StoreTap<kInterleave>(rows, packed + k * kWeightTapBytes);
  }
}

}  // namespace

void TransformWeights(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                      const Tile& tile, int first_output, int first_channel,
                      int channels, int interleave, int16_t* u) {
  const FilterView filter(spec, geometry);
  const auto pack = interleave == 2 ? PackTaps<2> : PackTaps<1>;
  alignas(16) int8_t packed[kMaxTaps * kWeightTapBytes];
  const ptrdiff_t point_stride = ptrdiff_t{channels} * kLanes;
  for (int block = 0; block < geometry.blocks; ++block) {
    const int first_tap = block * tile.taps;
    // Taps beyond the kernel stay zero.
    const int taps = std::min(tile.taps, geometry.width - first_tap);
    if (taps < tile.taps) std::memset(packed, 0, sizeof(packed));
    for (int c = 0; c < channels; c += kLanes) {
      pack(filter, first_output, first_tap, taps, first_channel + c, packed);
      const int lanes = std::min(kLanes, channels - c);
      for (int i = 0; i < lanes; ++i) {
        tile.transform_weights(packed + i * kLanes, u + (c + i) * kLanes,
                               point_stride);
      }
    }
    u += tile.points * point_stride;
  }
}

}  // namespace wqlite
