#ifndef WQLITE_DELEGATE_WINOGRAD_WEIGHTS_S8_H_
#define WQLITE_DELEGATE_WINOGRAD_WEIGHTS_S8_H_

#include <cstdint>

#include "delegate/base/conv1d_spec.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// What every int8 kernel takes as a transformed weight, and so symmetric.
inline constexpr int kMaxTransformedWeight = 127;

/// The largest |U| of a layer; as soon as one exceeds kMaxTransformedWeight,
/// any that does. (Most layers that do not fit do not from the first channels
/// on.)
int LargestTransformedWeight(const Conv1DSpec& spec,
                             const WinogradGeometry& geometry,
                             const Tile& tile);

/// Transforms the weights of 8 output channels from `first_output` on, for int8
/// products over all of the kernel's blocks at once.
///
/// u: [points][8][blocks][channels], zero where channels or taps exceed the
/// layer's; modulo 2^8.
void TransformWeightsS8(const Conv1DSpec& spec,
                        const WinogradGeometry& geometry, const Tile& tile,
                        int first_output, int channels, int8_t* u);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_WEIGHTS_S8_H_
