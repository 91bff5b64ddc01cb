#ifndef WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_
#define WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_

#include <cstddef>

#include "delegate/base/buffer.h"
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
  int row_blocks;      ///< Blocks of kernel.rows tiles.
  int depth_blocks;    ///< Depth in kernel blocks.
  int channel_groups;  ///< Groups of 8 output channels.

  WinogradS8Size(const Conv1DSpec& spec, const Conv1DShape& shape,
                 const Tile& tile, const GemmS8Kernel& kernel = BestGemmS8());

  /// Depth of the products, before kernel blocks are filled up.
  int Length() const { return geometry.blocks * channels; }
  /// Depth of point `p`, and the same in kernel blocks. The last point is at
  /// infinity: all that it sees of a block of taps is the last one, which the
  /// kernel's last block may not have.
  int PointLength(int p) const;
  int PointBlocks(int p) const;

  /// One point of kernel.rows transformed tiles.
  size_t RowBlockBytes() const {
    return size_t{1} * kernel.rows * depth_blocks * kernel.depth;
  }
  /// One point of all tiles.
  size_t PointBytes() const { return row_blocks * RowBlockBytes(); }
  /// Packed weights of 8 output channels, for one point.
  size_t PointWeightBytes() const {
    return AlignUp(kernel.packed_bytes(depth_blocks));
  }
  size_t WeightBytes() const {
    return PointWeightBytes() * tile.points * channel_groups;
  }
  /// Sums of one point of all tiles.
  ptrdiff_t PointSums() const {
    return ptrdiff_t{kGemmS8Columns} * row_blocks * kernel.rows;
  }
  /// Staged inputs of a sequence.
  size_t SequenceBytes() const {
    return size_t{1} * geometry.rows * geometry.row_bytes;
  }
  size_t ScratchBytes(int threads) const;
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
  size_t bytes;

  WinogradS8Scratch(void* block, const WinogradS8Size& size, int threads);
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIZE_S8_H_
