#ifndef WQLITE_DELEGATE_WINOGRAD_WEIGHTS_H_
#define WQLITE_DELEGATE_WINOGRAD_WEIGHTS_H_

#include <cstdint>

#include "delegate/base/conv1d_spec.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// Transforms a block of weights: `channels` (a multiple of 4) input channels
/// from `first_channel` (of the geometry's) of 8 output channels from
/// `first_output`, all of the kernel's blocks.
///
/// u: [blocks][points][channels / interleave][8][interleave], zero where
/// channels or taps exceed the layer's.
void TransformWeights(const Conv1DSpec& spec, const WinogradGeometry& geometry,
                      const Tile& tile, int first_output, int first_channel,
                      int channels, int interleave, int16_t* u);

/// Input channels of TransformWeightVector.
inline constexpr int kWeightVectorChannels = 8;

/// The same for one block of taps, and 8 input channels from `first_channel`
/// on. u: [points][8 channels][8 outputs], zero where channels or taps exceed
/// the layer's.
void TransformWeightVector(const Conv1DSpec& spec,
                           const WinogradGeometry& geometry, const Tile& tile,
                           int first_output, int block, int first_channel,
                           int16_t* u);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_WEIGHTS_H_
