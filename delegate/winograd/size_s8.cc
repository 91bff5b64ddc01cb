#include "delegate/winograd/size_s8.h"

namespace wqlite {
namespace {

int CeilDiv(int a, int b) { return (a + b - 1) / b; }

}  // namespace

WinogradS8Size::WinogradS8Size(const Conv1DSpec& spec, const Conv1DShape& shape,
                               const Tile& chosen, const GemmS8Kernel& products)
    : tile(chosen),
      kernel(products),
      geometry(spec, shape, chosen, kernel.rows, /*may_share=*/false) {
  channels = geometry.row_bytes;
  row_blocks = CeilDiv(geometry.out_tiles, kernel.rows);
  depth_blocks = CeilDiv(Length(), kernel.depth);
  channel_groups = CeilDiv(spec.out_channels, kGemmS8Columns);
}

int WinogradS8Size::PointLength(int p) const {
  const bool partial = geometry.width % tile.taps != 0;
  return Length() - (partial && p == tile.points - 1 ? channels : 0);
}

int WinogradS8Size::PointBlocks(int p) const {
  return CeilDiv(PointLength(p), kernel.depth);
}

size_t WinogradS8Size::ScratchBytes(int threads) const {
  return WinogradS8Scratch(nullptr, *this, threads).bytes;
}

WinogradS8Scratch::WinogradS8Scratch(void* block, const WinogradS8Size& size,
                                     int threads) {
  Carver carver(block);
  staged = carver.Take<int8_t>(size.geometry.sequences * size.SequenceBytes());
  v = carver.Take<int8_t>(size.tile.points * size.PointBytes());
  worker_sums =
      size.tile.points * size.PointSums() +
      size_t{kGemmS8Columns} * WinogradS8Size::kStoreTiles * size.tile.outputs;
  sums = carver.Take<int32_t>(worker_sums * threads);
  bytes = carver.used();
}

}  // namespace wqlite
