#include "delegate/winograd/geometry.h"

#include <algorithm>

#include "delegate/base/checked_size.h"

namespace wqlite {
namespace {

constexpr int kVectorBytes = 16;

}  // namespace

WinogradGeometry::WinogradGeometry(const Conv1DSpec& spec,
                                   const Conv1DShape& shape, const Tile& tile,
                                   int tile_group, bool may_share) {
  phases = std::min(spec.stride, spec.kernel_width);
  residues = std::min(spec.dilation, shape.out_time);
  const CheckedSize all_channels = CheckedSize(phases) * spec.in_channels;
  channels = all_channels.AsIndex(&fits);
  quads = all_channels.DividedBy(4).AsIndex(&fits);
  row_bytes = all_channels.RoundedUpTo(kVectorBytes).AsIndex(&fits);
  width = CheckedSize(spec.kernel_width).DividedBy(spec.stride).AsIndex(&fits);
  blocks = CheckedSize(width).DividedBy(tile.taps).AsIndex(&fits);
  blocks_share_input = may_share && blocks > 1 && tile.taps % tile.outputs == 0;

  sequences = (CheckedSize(shape.batch) * residues).AsIndex(&fits);
  steps = CheckedSize(shape.out_time).DividedBy(spec.dilation).AsIndex(&fits);
  tiles = CheckedSize(steps).DividedBy(tile.outputs).AsIndex(&fits);
  const int taps_in_tiles = tile.taps / tile.outputs;
  const CheckedSize overlap =
      blocks_share_input ? CheckedSize(blocks - 1) * taps_in_tiles : 0;
  tile_pitch = (overlap + tiles).AsIndex(&fits);
  const CheckedSize numbers = CheckedSize(sequences - 1) * tile_pitch + tiles;
  out_tiles = numbers.AsIndex(&fits);
  input_sets = blocks_share_input ? 1 : blocks;
  set_tiles = (numbers + overlap).AsIndex(&fits);
  const CheckedSize set = CheckedSize(set_tiles).RoundedUpTo(tile_group);
  set_pitch = set.AsIndex(&fits);
  (set * input_sets).AsIndex(&fits);
  block_pitch_ = blocks_share_input ? taps_in_tiles : set_pitch;
  rows = (CheckedSize(tile_pitch - 1) * tile.outputs +
          CheckedSize(input_sets - 1) * tile.taps + tile.inputs())
             .AsIndex(&fits);
}

InputLayout::InputLayout(const WinogradGeometry& geometry, int kernel_tiles) {
  const CheckedSize tiles =
      CheckedSize(geometry.input_sets) * geometry.set_pitch;
  tile_group =
      geometry.blocks_share_input ? tiles.AsIndex(&fits) : kernel_tiles;
  const CheckedSize quad = CheckedSize(4) * tile_group;
  const CheckedSize group = quad * geometry.quads;
  quad_stride = static_cast<ptrdiff_t>(quad.AsBytes(&fits));
  group_stride = static_cast<ptrdiff_t>(group.AsBytes(&fits));
  point_stride = static_cast<ptrdiff_t>(
      (tiles.DividedBy(tile_group) * group).AsBytes(&fits));
}

}  // namespace wqlite
