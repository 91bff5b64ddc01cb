#ifndef WQLITE_DELEGATE_WINOGRAD_GEOMETRY_H_
#define WQLITE_DELEGATE_WINOGRAD_GEOMETRY_H_

#include <cstddef>

#include "delegate/base/conv1d_spec.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// A strided, dilated convolution of a batch, seen as stride-1, undilated
/// convolutions that share their weights, and these cut into tiles.
///
/// - Stride s: tap s*j + phase of channel c becomes tap j of channel
///   phase * in_channels + c. (Weights in memory already lie that way.) Phases
///   that no tap has are left out.
/// - Dilation d: outputs t = d*u + residue only see inputs of one residue: d
///   interleaved sequences, or fewer where there are fewer outputs. Each batch
///   element has its own.
/// - A kernel longer than the tile's taps is cut into blocks that accumulate
///   in the transformed domain. If the tile's taps are a multiple of its
///   outputs, block b of tile t sees the transformed input of tile
///   t + b * taps / outputs: each input tile is then transformed once.
///
/// Output tiles are numbered through all sequences without a gap, so that
/// product kernels can take any run of them; where blocks share input tiles,
/// the last ones of a sequence are computed but not kept.
struct WinogradGeometry {
  int phases;     ///< At most the stride.
  int residues;   ///< At most the dilation.
  int channels;   ///< phases * in_channels.
  int quads;      ///< channels / 4, rounded up.
  int width;      ///< Taps after the stride is taken out.
  int sequences;  ///< batch * residues.
  int steps;      ///< Outputs of the longest sequence.
  int blocks;     ///< width / tile.taps, rounded up.
  bool blocks_share_input;
  int tiles;       ///< Output tiles of a sequence.
  int tile_pitch;  ///< From a sequence's first output tile to the next's.
  int out_tiles;   ///< Output tile numbers in all.
  /// Transformed inputs: one set of tiles for all blocks, or one for each.
  int input_sets;
  int set_tiles;
  int set_pitch;  ///< From a set's first tile to the next's: whole tile groups.
  int rows;       ///< Staged input rows of a sequence.
  int row_bytes;  ///< channels, rounded up to a vector.

  /// Whether all these, and all transformed tiles together, can be counted.
  /// Where they cannot, the numbers mean nothing.
  bool fits = true;

  /// `tile_group`: tiles that a product kernel takes at once. `may_share`:
  /// whether blocks may see each other's transformed inputs at all.
  WinogradGeometry(const Conv1DSpec& spec, const Conv1DShape& shape,
                   const Tile& tile, int tile_group, bool may_share = true);

  /// The input tile that block `b` of output tile `t` multiplies.
  int InputTile(int t, int b) const { return t + b * block_pitch_; }

 private:
  int block_pitch_;
};

/// Where transformed inputs lie: planes per point, in each quads of 4 channels
/// of tiles. Tiles come in the product kernel's groups, each contiguous, unless
/// blocks share input tiles: then groups begin anywhere and tiles lie in rows.
struct InputLayout {
  ptrdiff_t quad_stride;
  ptrdiff_t point_stride;
  int tile_group;  ///< Tiles that lie together.
  ptrdiff_t group_stride;
  bool fits = true;  ///< Whether this machine can address all of it.

  InputLayout(const WinogradGeometry& geometry, int kernel_tiles);

  /// Offset of a tile's first quad (elements).
  ptrdiff_t Offset(int tile) const {
    return tile / tile_group * group_stride + tile % tile_group * 4;
  }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_GEOMETRY_H_
