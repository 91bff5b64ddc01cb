#include "delegate/winograd/geometry.h"

namespace wqlite {
namespace {

constexpr int kVectorBytes = 16;

int CeilDiv(int a, int b) { return (a + b - 1) / b; }

int RoundUp(int a, int multiple) { return CeilDiv(a, multiple) * multiple; }

}  // namespace

WinogradGeometry::WinogradGeometry(const Conv1DSpec& spec,
                                   const Conv1DShape& shape, const Tile& tile,
                                   int tile_group, bool may_share) {
  channels = spec.stride * spec.in_channels;
  quads = CeilDiv(channels, 4);
  width = CeilDiv(spec.kernel_width, spec.stride);
  sequences = shape.batch * spec.dilation;
  steps = CeilDiv(shape.out_time, spec.dilation);
  blocks = CeilDiv(width, tile.taps);
  blocks_share_input = may_share && blocks > 1 && tile.taps % tile.outputs == 0;
  tiles = CeilDiv(steps, tile.outputs);
  const int overlap =
      blocks_share_input ? (blocks - 1) * (tile.taps / tile.outputs) : 0;
  tile_pitch = tiles + overlap;
  out_tiles = (sequences - 1) * tile_pitch + tiles;
  input_sets = blocks_share_input ? 1 : blocks;
  set_tiles = out_tiles + overlap;
  set_pitch = RoundUp(set_tiles, tile_group);
  block_pitch_ = blocks_share_input ? tile.taps / tile.outputs : set_pitch;
  rows = (tile_pitch - 1) * tile.outputs + (input_sets - 1) * tile.taps +
         tile.inputs();
  row_bytes = RoundUp(channels, kVectorBytes);
}

InputLayout::InputLayout(const WinogradGeometry& geometry, int kernel_tiles) {
  const int tiles = geometry.input_sets * geometry.set_pitch;
  tile_group = geometry.blocks_share_input ? tiles : kernel_tiles;
  quad_stride = ptrdiff_t{4} * tile_group;
  group_stride = quad_stride * geometry.quads;
  point_stride = tiles / tile_group * group_stride;
}

}  // namespace wqlite
