// The ARMv7 NEON kernels' instructions, counted in their source (products) or
// estimated from the tiles' tables (transforms).
#include "delegate/winograd/cost.h"

namespace wqlite {
namespace {

constexpr double kRequantizePerRow = 25;  // 8 outputs.
constexpr double kStagePerByte = 0.4;     // memcpy and its loop.
constexpr double kDirectPerBlock = 26.5;  // 4 steps x 2 channels x 16 deep.
constexpr double kDirectPerCall = 60;
constexpr double kProductsPerQuad = 3.7;  // Loads and loop.
constexpr double kProductsPerTile = 8;    // vmlal per quad.
constexpr double kProductsPerPoint = 35;  // Call, load and store of the sums.
constexpr double kPackPerLane = 5;        // Transposing 8 weights.
constexpr double kTransformPerCall = 30;

double CeilDiv(double a, double b) {
  return static_cast<double>(
      (static_cast<long long>(a) + static_cast<long long>(b) - 1) /
      static_cast<long long>(b));
}

}  // namespace

Cost DirectCost(const DirectSize& size) {
  Cost cost;
  const double calls = 4.0 * size.row_blocks * size.groups;
  cost.input = kStagePerByte * static_cast<double>(size.ScratchBytes());
  cost.products = calls * (kDirectPerBlock * size.blocks + kDirectPerCall);
  cost.output = kRequantizePerRow * size.rows * size.groups;
  return cost;
}

Cost WinogradCost(const WinogradGeometry& geometry, const Tile& tile, int group,
                  int out_channels, int channel_block) {
  const double channels = geometry.quads * 4.0;
  const double groups = CeilDiv(out_channels, 8);
  const double tiles = geometry.out_tiles;
  const double tile_groups = CeilDiv(tiles, group);
  const double blocks = geometry.blocks;
  const double channel_blocks =
      channel_block == 0 ? 1 : CeilDiv(channels, channel_block);

  Cost cost;
  cost.input =
      kStagePerByte * geometry.sequences * geometry.rows * geometry.row_bytes +
      1.0 * geometry.input_sets * geometry.set_tiles * CeilDiv(channels, 8) *
          (tile.input_ops + kTransformPerCall);
  if (channel_block != 0) {
    cost.weights =
        groups * blocks * channels *
        (tile.weight_ops + kTransformPerCall + kPackPerLane * tile.taps);
  }
  cost.products = groups * blocks * tile.points *
                  (geometry.quads * (tiles * kProductsPerTile +
                                     tile_groups * kProductsPerQuad) +
                   channel_blocks * tile_groups * kProductsPerPoint);
  cost.output = groups * tiles *
                (2 * (tile.output_ops + kTransformPerCall) +
                 tile.outputs * kRequantizePerRow);
  return cost;
}

}  // namespace wqlite
