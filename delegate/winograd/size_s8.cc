#include "delegate/winograd/size_s8.h"

#include "delegate/base/buffer.h"

namespace wqlite {

WinogradS8Size::WinogradS8Size(const Conv1DSpec& spec, const Conv1DShape& shape,
                               const Tile& chosen, const GemmS8Kernel& products)
    : tile(chosen),
      kernel(products),
      geometry(spec, shape, chosen, kernel.rows, /*may_share=*/false) {
  fits = geometry.fits;
  channels = geometry.row_bytes;
  const CheckedSize all_channels = CheckedSize(geometry.blocks) * channels;
  length = all_channels.AsIndex(&fits);
  depth_blocks = all_channels.DividedBy(kernel.depth).AsIndex(&fits);
  row_blocks =
      CheckedSize(geometry.out_tiles).DividedBy(kernel.rows).AsIndex(&fits);
  channel_groups =
      CheckedSize(spec.out_channels).DividedBy(kGemmS8Columns).AsIndex(&fits);
  // Tiles are transformed block by block.
  (CheckedSize(geometry.out_tiles) * geometry.blocks).AsIndex(&fits);

  const CheckedSize row_block =
      CheckedSize(kernel.rows) * depth_blocks * kernel.depth;
  const CheckedSize point = row_block * row_blocks;
  const CheckedSize weights =
      CheckedSize(kernel.packed_bytes(depth_blocks)).RoundedUpTo(kAlignment);
  sequence_bytes =
      (CheckedSize(geometry.rows) * geometry.row_bytes).AsBytes(&fits);
  row_block_bytes = row_block.AsBytes(&fits);
  point_bytes = point.AsBytes(&fits);
  point_weight_bytes = weights.AsBytes(&fits);
  weight_bytes = (weights * tile.points * channel_groups).AsBytes(&fits);
  point_sums = static_cast<ptrdiff_t>(
      (CheckedSize(kGemmS8Columns) * row_blocks * kernel.rows).AsBytes(&fits));
}

int WinogradS8Size::PointLength(int p) const {
  const int last_taps = (geometry.width - 1) % tile.taps + 1;
  return length - (tile.first_tap(p) >= last_taps ? channels : 0);
}

int WinogradS8Size::PointBlocks(int p) const {
  return (PointLength(p) + kernel.depth - 1) / kernel.depth;
}

CheckedSize WinogradS8Size::ScratchBytes(int threads) const {
  return WinogradS8Scratch(nullptr, *this, threads).bytes;
}

WinogradS8Scratch::WinogradS8Scratch(void* block, const WinogradS8Size& size,
                                     int threads)
    : bytes(0) {
  const CheckedSize worker = CheckedSize(size.tile.points) * size.point_sums +
                             CheckedSize(kGemmS8Columns) *
                                 WinogradS8Size::kStoreTiles *
                                 size.tile.outputs;
  Carver carver(block);
  staged = carver.Take<int8_t>(CheckedSize(size.geometry.sequences) *
                               size.sequence_bytes);
  v = carver.Take<int8_t>(CheckedSize(size.tile.points) * size.point_bytes);
  sums = carver.Take<int32_t>(worker * threads);
  worker_sums = worker.AsBytes();
  bytes = carver.used();
}

}  // namespace wqlite
