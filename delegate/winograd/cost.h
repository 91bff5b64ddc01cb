#ifndef WQLITE_DELEGATE_WINOGRAD_COST_H_
#define WQLITE_DELEGATE_WINOGRAD_COST_H_

#include "delegate/direct_size.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// Predicted ARMv7 instructions of one run, by part.
struct Cost {
  double input = 0;     ///< Staging, packing and transforming inputs.
  double weights = 0;   ///< Transforming weights on the fly.
  double products = 0;  ///< The inner products.
  double output = 0;    ///< Transforming and requantising outputs.

  double total() const { return input + weights + products + output; }
};

Cost DirectCost(const DirectSize& size);

/// `groups`: of 8 output channels; the weights of `ahead_groups` of them are
/// transformed ahead, those of the others in blocks of `channel_block` input
/// channels while running. `tile_group`: tiles that the product kernel takes at
/// once.
Cost WinogradCost(const WinogradGeometry& geometry, const Tile& tile,
                  int tile_group, int groups, int ahead_groups,
                  int channel_block);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_COST_H_
