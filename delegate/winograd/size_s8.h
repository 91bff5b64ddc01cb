#ifndef WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_
#define WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_

#include <cstddef>

#include "delegate/base/checked_size.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// The matrix products that a Winograd convolution in int8 is, one for each
/// point of the tile: rows are tiles, columns output channels, and the depth
/// runs over the kernel's blocks and their channels.
struct WinogradS8Size {
  /// Channels that are transformed at once.
  static constexpr int kVector = 16;
  /// Tiles whose outputs are stored at once.
  static constexpr int kStoreTiles = 16;

  const Tile& tile;
  const GemmS8Kernel& kernel;
  const WinogradGeometry geometry;
  int channels;        ///< Of one block, rounded up to a vector.
  int length;          ///< Depth of the products: the channels of all blocks.
  int depth_blocks;    ///< The same in kernel blocks.
  int row_blocks;      ///< Blocks of kernel.rows tiles.
  int channel_groups;  ///< Groups of 8 output channels.

  size_t sequence_bytes;      ///< Staged inputs of a sequence.
  size_t row_block_bytes;     ///< One point of kernel.rows transformed tiles.
  size_t point_bytes;         ///< One point of all tiles.
  size_t point_weight_bytes;  ///< Packed weights of a group, for one point.
  size_t weight_bytes;
  ptrdiff_t point_sums;  ///< Sums of one point of all tiles.

  /// Whether this machine can count and address all that a run needs, save for
  /// its scratch. Where it cannot, the numbers mean nothing.
  bool fits = true;

  WinogradS8Size(const Conv1DSpec& spec, const Conv1DShape& shape,
                 const Tile& tile, const GemmS8Kernel& kernel);

  /// Depth of point `p`, and the same in kernel blocks: without the kernel's
  /// last block where that has none of the taps that the point sees. (A point
  /// at infinity sees the last ones.)
  int PointLength(int p) const;
  int PointBlocks(int p) const;

  /// See WinogradS8Scratch.
  CheckedSize ScratchBytes(int threads) const;
};

/// The working memory, carved out of one block; with a null block only its
/// size.
struct WinogradS8Scratch {
  int8_t* staged;  ///< [sequences][rows][row_bytes]
  int8_t* v;       ///< [points][row_blocks][depth_blocks][kernel.rows][depth]
  /// What each thread has for itself, `worker_sums` elements: sums
  /// [points][tiles][8] and [kStoreTiles][tile.outputs][8].
  int32_t* sums;
  size_t worker_sums;
  CheckedSize bytes;

  WinogradS8Scratch(void* block, const WinogradS8Size& size, int threads);
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_
