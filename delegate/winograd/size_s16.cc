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
  channels = geometry.quads * 4;
  channel_groups =
      (spec.out_channels + kGemmS16Channels - 1) / kGemmS16Channels;
}

size_t WinogradS16Size::ScratchBytes(int channel_block, int threads) const {
  return WinogradS16Scratch(nullptr, *this, channel_block, threads).bytes;
}

WinogradS16Scratch::WinogradS16Scratch(void* block, const WinogradS16Size& size,
                                       int channel_block, int threads)
    : first() {
  Carver carver(block);
  staged = carver.Take<int8_t>(size.geometry.sequences * size.SequenceBytes());
  v = carver.Take<int16_t>(size_t{1} * size.tile.points *
                           size.layout.point_stride);
  const size_t before = carver.used();
  first.u = carver.Take<int16_t>(size.GroupWeights(channel_block));
  // With several channel blocks the sums of all tiles wait for the last one.
  first.acc = carver.Take<int32_t>(size.Sums(size.geometry.set_pitch));
  first.y = carver.Take<int32_t>(size_t{kGemmS16Channels} * kGemmS16MaxTiles *
                                 size.tile.outputs);
  worker_bytes = carver.used() - before;
  bytes = before + worker_bytes * static_cast<size_t>(threads);
}

}  // namespace wqlite
