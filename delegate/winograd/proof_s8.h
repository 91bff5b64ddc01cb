#ifndef WQLITE_DELEGATE_WINOGRAD_PROOF_S8_H_
#define WQLITE_DELEGATE_WINOGRAD_PROOF_S8_H_

#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// The coefficients of one row of B^T: sums of the positive ones and of the
/// absolute values of the negative ones.
struct RowSums {
  int positive = 0;
  int negative = 0;
};

/// All rows of a tile's B^T, from its answers to unit inputs.
std::vector<RowSums> InputRows(const Tile& tile);

/// Whether a tile computes a layer exactly with products of int8. With q the
/// raw inputs, padding included, and c the centre, a constant that the proof
/// chooses, all must hold:
///
///   V = B^T (q - c) in [-128, 127], row by row: with P and N the row's sums,
///       V lies between P min - N max - (P - N) c and P max - N min - (P - N) c
///   |U| = |G w| <= 127, from the layer's own weights
///   |y| * 2^shift <= max |q - c| * sum |w| * 2^shift < 2^31
///
/// Both transforms may be computed modulo 2^8 then, and products, sums and the
/// output transform modulo 2^32.
Proof ProveExactS8(const Tile& tile, const Conv1DSpec& spec,
                   const Conv1DShape& shape, const WeightStats& weights);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_PROOF_S8_H_
