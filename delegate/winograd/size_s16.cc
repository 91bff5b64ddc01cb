#include "delegate/winograd/size_s16.h"

#include "delegate/base/buffer.h"

namespace wqlite {

WinogradS16Size::WinogradS16Size(const Conv1DSpec& spec,
                                 const Conv1DShape& shape, const Tile& chosen,
                                 const GemmS16Kernel& products)
    : tile(chosen),
      kernel(products),
      geometry(spec, shape, chosen, products.max_tiles),
      layout(geometry, products.max_tiles) {
  fits = geometry.fits && layout.fits;
  channels = geometry.quads * 4;
  channel_groups =
      CheckedSize(spec.out_channels).DividedBy(kGemmS16Channels).AsIndex(&fits);
  sequence_bytes =
      (CheckedSize(geometry.rows) * geometry.row_bytes).AsBytes(&fits);
  group_bytes = (GroupWeights(channels) * sizeof(int16_t)).AsBytes(&fits);
}

CheckedSize WinogradS16Size::ScratchBytes(int channel_block,
                                          int threads) const {
  return WinogradS16Scratch(nullptr, *this, channel_block, threads).bytes;
}

WinogradS16Scratch::WinogradS16Scratch(void* block, const WinogradS16Size& size,
                                       int channel_block, int threads)
    : first(), worker_bytes(0), bytes(0) {
  const WinogradGeometry& geometry = size.geometry;
  const CheckedSize points = size.tile.points;
  Carver shared(block);
  staged = shared.Take<int8_t>(CheckedSize(geometry.sequences) *
                               size.sequence_bytes);
  v = shared.Take<int16_t>(points * size.layout.point_stride);

  Carver worker(shared.Take<std::byte>(0));
  first.u = worker.Take<int16_t>(size.GroupWeights(channel_block));
  // With several channel blocks the sums of all tiles wait for the last one.
  first.acc =
      worker.Take<int32_t>(points * kGemmS16Channels * geometry.set_pitch);
  first.y = worker.Take<int32_t>(CheckedSize(kGemmS16Channels) *
                                 kGemmS16MaxTiles * size.tile.outputs);
  worker_bytes = worker.used();
  bytes = shared.used() + worker_bytes * threads;
}

}  // namespace wqlite
