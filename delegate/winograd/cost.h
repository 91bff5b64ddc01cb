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

/// `channel_block`: input channels of a block of weights that is transformed
/// while running, or 0 for weights transformed ahead. `group`: tiles that the
/// product kernel takes at once.
Cost WinogradCost(const WinogradGeometry& geometry, const Tile& tile, int group,
                  int out_channels, int channel_block);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_COST_H_
