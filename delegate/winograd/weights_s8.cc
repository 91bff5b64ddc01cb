#include "delegate/winograd/weights_s8.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "delegate/winograd/weights.h"

namespace wqlite {

int TransformWeightsS8(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                       const Tile& tile, int first_output, int channels,
                       int8_t* u) {
  constexpr int kOutputs = 8;
  const int wide_channels = geometry.quads * 4;
  const ptrdiff_t length = ptrdiff_t{geometry.blocks} * channels;
  // [blocks][points][wide_channels][8]
  std::vector<int16_t> wide(size_t{kOutputs} * geometry.blocks * tile.points *
                            wide_channels);
  TransformWeights(spec, geometry, tile, first_output, 0, wide_channels,
                   /*interleave=*/1, wide.data());
  std::memset(u, 0, tile.points * kOutputs * length);
  int largest = 0;
  const int16_t* from = wide.data();
  for (int b = 0; b < geometry.blocks; ++b) {
    for (int p = 0; p < tile.points; ++p) {
      int8_t* to = u + p * kOutputs * length + ptrdiff_t{b} * channels;
      // Beyond the layer's last channel `wide` may hold anything.
      for (int c = 0; c < geometry.channels; ++c) {
        for (int o = 0; o < kOutputs; ++o) {
          const int16_t value = from[ptrdiff_t{c} * kOutputs + o];
          largest = std::max(largest, std::abs(int{value}));
          to[o * length + c] = static_cast<int8_t>(value);
        }
      }
      from += ptrdiff_t{wide_channels} * kOutputs;
    }
  }
  return largest;
}

}  // namespace wqlite
