#include "delegate/winograd/weights_s8.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "delegate/winograd/simd.h"
#include "delegate/winograd/transpose.h"
#include "delegate/winograd/weights.h"

namespace wqlite {
namespace {

constexpr int kOutputs = 8;
constexpr int kChannels = kWeightVectorChannels;

using I16x8 = int16_t __attribute__((vector_size(16)));

/// Eight channels of eight outputs: [points][8 channels][8 outputs].
struct TransformedVector {
  alignas(16) int16_t at[kMaxTilePoints * kChannels * kOutputs];

  /// Eight outputs of a channel.
  WQ_INLINE I16x8 Load(int point, int channel) const {
    I16x8 x;
    std::memcpy(&x, at + (point * kChannels + channel) * kOutputs, sizeof(x));
    return x;
  }
};

/// Calls body(block, first channel, its transformed vector) for all vectors of
/// channels of 8 outputs, until it returns false; whether it never did.
template <class Body>
bool ForEachVector(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                   const Tile& tile, int first_output, Body body) {
  TransformedVector u;
  for (int b = 0; b < geometry.blocks; ++b) {
    for (int c = 0; c < geometry.channels; c += kChannels) {
      TransformWeightVector(spec, geometry, tile, first_output, b, c, u.at);
      if (!body(b, c, u)) return false;
    }
  }
  return true;
}

int LargestLane(I16x8 x) {
  int largest = x[0];
  for (int lane = 1; lane < kOutputs; ++lane) {
    largest = std::max<int>(largest, x[lane]);
  }
  return largest;
}

int LargestMagnitude(const TransformedVector& u, int points) {
  I16x8 most = {};
  I16x8 least = {};
  for (int p = 0; p < points; ++p) {
    for (int c = 0; c < kChannels; ++c) {
      const I16x8 x = u.Load(p, c);
      most = x > most ? x : most;
      least = x < least ? x : least;
    }
  }
  return std::max(LargestLane(most), LargestLane(-least));
}

}  // namespace

int LargestTransformedWeight(const Conv1DSpec& spec,
                             const WinogradGeometry& geometry,
                             const Tile& tile) {
  int largest = 0;
  const auto note = [&](int, int, const TransformedVector& u) {
    largest = std::max(largest, LargestMagnitude(u, tile.points));
    return largest <= kMaxTransformedWeight;
  };
  int output = 0;
  while (output < spec.out_channels &&
         ForEachVector(spec, geometry, tile, output, note)) {
    output += kOutputs;
  }
  return largest;
}

void TransformWeightsS8(const Conv1DSpec& spec,
                        const WinogradGeometry& geometry, const Tile& tile,
                        int first_output, int channels, int8_t* u) {
  const ptrdiff_t length = ptrdiff_t{geometry.blocks} * channels;
  const ptrdiff_t point_bytes = length * kOutputs;
  std::memset(u, 0, tile.points * point_bytes);
  const auto store = [&](int block, int channel, const TransformedVector& v) {
    int8_t* to = u + ptrdiff_t{block} * channels + channel;
    for (int p = 0; p < tile.points; ++p, to += point_bytes) {
      I8x8 rows[kChannels];
      I8x8 columns[kOutputs];
      WQ_UNROLL for (int c = 0; c < kChannels; ++c) {
        rows[c] = __builtin_convertvector(v.Load(p, c), I8x8);
      }
      Transpose(rows, columns);
      WQ_UNROLL for (int o = 0; o < kOutputs; ++o) {
        std::memcpy(to + o * length, &columns[o], sizeof(I8x8));
      }
    }
    return true;
  };
  ForEachVector(spec, geometry, tile, first_output, store);
}

}  // namespace wqlite
