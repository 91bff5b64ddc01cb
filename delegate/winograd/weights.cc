#include "delegate/winograd/weights.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "delegate/winograd/simd.h"
#include "delegate/winograd/transpose.h"

namespace wqlite {
namespace {

constexpr int kLanes = kWeightVectorChannels;

/// A filter seen through the geometry: [out_channels][width][channels], zero
/// outside.
class FilterView {
 public:
  FilterView(const Conv1DSpec& spec, const WinogradGeometry& geometry)
      : filter_(spec.filter),
        out_channels_(spec.out_channels),
        channels_(geometry.channels),
        row_(ptrdiff_t{spec.kernel_width} * spec.in_channels) {}

  /// Whether whole vectors of 8 channels may be loaded for `taps` taps of 8
  /// outputs. What lies beyond the layer's last channel is read as well, but
  /// only ever meets inputs of 0.
  bool HoldsVectors(int output, int tap, int taps, int channel) const {
    const int last = tap + taps - 1;
    const int end = std::min(channel + kLanes, channels_);
    const ptrdiff_t last_row = (output + kLanes - 1) * row_;
    return output + kLanes <= out_channels_ && Offset(last, end) <= row_ &&
           last_row + Offset(last, channel) + kLanes <= out_channels_ * row_;
  }

  /// Eight neighbouring channels of one tap of eight outputs: a row an output.
  /// HoldsVectors must hold.
  WQ_INLINE void Load(int output, int tap, int channel,
                      I8x8 (&rows)[kLanes]) const {
    const int8_t* from = filter_ + output * row_ + Offset(tap, channel);
    const ptrdiff_t step = row_;
    WQ_UNROLL for (I8x8& row : rows) {
#if defined(__arm__)
      // One instruction, which compilers do not find by themselves.
      asm volatile("vld1.8 {%P0}, [%1], %2"
                   : "=w"(row), "+r"(from)
                   : "r"(step)
                   : "memory");
#else
      std::memcpy(&row, from, kLanes);
      from += step;
#endif
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
  auto* aligned = reinterpret_cast<I8x8*>(to);
  WQ_UNROLL for (int i = 0; i < kLanes; ++i) aligned[i] = columns[i];
}

/// Eight channels of 8 outputs for the transform: [taps][8 vectors][8].
/// `whole`: HoldsVectors.
template <int kInterleave>
void PackTaps(const FilterView& filter, bool whole, int output, int first_tap,
              int taps, int channel, int8_t* packed) {
  if (whole) {
    for (int k = 0; k < taps; ++k) {
      I8x8 rows[kLanes];
      filter.Load(output, first_tap + k, channel, rows);
      StoreTap<kInterleave>(rows, packed + k * kWeightTapBytes);
    }
  } else {
    for (int k = 0; k < taps; ++k) {
      I8x8 rows[kLanes];
      filter.LoadPart(output, first_tap + k, channel, rows);
      StoreTap<kInterleave>(rows, packed + k * kWeightTapBytes);
    }
  }
}

}  // namespace

void TransformWeights(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                      const Tile& tile, int first_output, int first_channel,
                      int channels, int interleave, int16_t* u) {
  const FilterView filter(spec, geometry);
  const auto pack = interleave == 2 ? PackTaps<2> : PackTaps<1>;
  alignas(16) int8_t packed[kMaxTileTaps * kWeightTapBytes];
  const ptrdiff_t point_stride = ptrdiff_t{channels} * kLanes;
  for (int block = 0; block < geometry.blocks; ++block) {
    const int first_tap = block * tile.taps;
    // Taps beyond the kernel stay zero.
    const int taps = std::min(tile.taps, geometry.width - first_tap);
    if (taps < tile.taps) std::memset(packed, 0, sizeof(packed));
    for (int c = 0; c < channels; c += kLanes) {
      const int channel = first_channel + c;
      pack(filter, filter.HoldsVectors(first_output, first_tap, taps, channel),
           first_output, first_tap, taps, channel, packed);
      const int lanes = std::min(kLanes, channels - c);
      for (int i = 0; i < lanes; ++i) {
        tile.transform_weights(packed + i * kLanes, u + (c + i) * kLanes,
                               point_stride);
      }
    }
    u += tile.points * point_stride;
  }
}

void TransformWeightVector(const Conv1DSpec& spec,
                           const WinogradGeometry& geometry, const Tile& tile,
                           int first_output, int block, int first_channel,
                           int16_t* u) {
  const FilterView filter(spec, geometry);
  const int first_tap = block * tile.taps;
  const int taps = std::min(tile.taps, geometry.width - first_tap);
  alignas(16) int8_t packed[kMaxTileTaps * kWeightTapBytes];
  std::memset(packed + taps * kWeightTapBytes, 0,
              (tile.taps - taps) * kWeightTapBytes);
  // Not beyond the layer's last channel, unlike TransformWeights.
  const bool whole =
      first_channel + kLanes <= geometry.channels &&
      filter.HoldsVectors(first_output, first_tap, taps, first_channel);
  PackTaps<1>(filter, whole, first_output, first_tap, taps, first_channel,
              packed);
  for (int i = 0; i < kLanes; ++i) {
    tile.transform_weights(packed + i * kLanes, u + i * kLanes,
                           kLanes * kLanes);
  }
}

}  // namespace wqlite
