#include "delegate/plan/cost.h"

#include "delegate/kernels/requantize.h"

namespace wqlite {
namespace {

/// What code costs that compilers vectorise by themselves.
struct CompiledCost {
  double stage_byte;   ///< memcpy and its loop.
  double pack_block;   ///< Packing one row's block for direct products.
  double weight_byte;  ///< Reading weights transformed ahead from memory.
  double transform;    ///< An instruction of a transform (Tile::input_cost).
  double pack_tap;     ///< A tap of 8 outputs, before its transform.
};

// A test holds predictions within 10 % for whole layers. Instructions are
// counted, cycles are modelled as docs/performance.md says.
CompiledCost CompiledCostIn(CostUnit unit) {
#if defined(__x86_64__)
  (void)unit;
  return {/*stage_byte=*/0.05, /*pack_block=*/4, /*weight_byte=*/0.15,
          /*transform=*/1, /*pack_tap=*/4.8};
#else
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*stage_byte=*/0.4, /*pack_block=*/4.4, /*weight_byte=*/0,
              /*transform=*/1, /*pack_tap=*/4.9};
    case CostUnit::kOnePipeCycles:
      return {/*stage_byte=*/0.4, /*pack_block=*/1.9, /*weight_byte=*/0,
              /*transform=*/0.9, /*pack_tap=*/7};
    case CostUnit::kInOrderCycles:
      return {/*stage_byte=*/0.5, /*pack_block=*/6.4, /*weight_byte=*/0,
              /*transform=*/1.4, /*pack_tap=*/6.3};
    case CostUnit::kDotInOrderCycles:
      return {/*stage_byte=*/0.5, /*pack_block=*/5.4, /*weight_byte=*/0,
              /*transform=*/1.1, /*pack_tap=*/5};
    case CostUnit::kTwoPipeCycles:
      return {/*stage_byte=*/0.3, /*pack_block=*/2.1, /*weight_byte=*/0,
              /*transform=*/0.53, /*pack_tap=*/3.1};
    case CostUnit::kDotCycles:
      break;
  }
  return {/*stage_byte=*/0.2, /*pack_block=*/2.3, /*weight_byte=*/0,
          /*transform=*/0.67, /*pack_tap=*/3.5};
#endif
}

double RowCost(CostUnit unit) { return BestRequantize().row_cost(unit); }

constexpr double kTransformPerCall = 12;  // Call and loop around it.
constexpr double kStorePerTile = 60;
constexpr double kCentreByte = 0.3;  // Subtracting the centre.
constexpr double kStorePerTileS8 = 15;
// An input transform in int8 against one in int16, which widens first.
constexpr double kNarrowTransform = 0.5;

double CeilDiv(double a, double b) {
  return static_cast<double>(
      (static_cast<long long>(a) + static_cast<long long>(b) - 1) /
      static_cast<long long>(b));
}

}  // namespace

CostUnit UnitOf(const PlanOptions& options) {
  return CyclesOf(options.planned_core());
}

Cost DirectCost(const DirectSize& size, CostUnit unit) {
  const GemmS8Cost products = size.kernel.cost(unit);
  const double calls = 1.0 * size.row_blocks * size.channel_groups;
  Cost cost;
  cost.input = CompiledCostIn(unit).pack_block * size.row_blocks *
               size.kernel.rows * size.blocks;
  cost.products = calls * (products.block * size.blocks + products.call);
  cost.output = RowCost(unit) * size.rows * size.channel_groups;
  return cost;
}

Cost WinogradS16Cost(const WinogradS16Size& size, int ahead_groups,
                     int channel_block, CostUnit unit) {
  const WinogradGeometry& geometry = size.geometry;
  const Tile& tile = size.tile;
  const double channels = size.channels;
  const double tiles = geometry.out_tiles;
  const double tile_groups = CeilDiv(tiles, size.kernel.max_tiles);
  const double fly_groups = size.channel_groups - ahead_groups;
  const double transforms = geometry.blocks * channels * fly_groups;
  // Sums are loaded and stored once for each block of channels.
  const double passes =
      ahead_groups + fly_groups * CeilDiv(channels, channel_block);

  const GemmS16Cost products = size.kernel.cost(unit);
  const CompiledCost compiled = CompiledCostIn(unit);
  const auto transform = [&compiled](int instructions) {
    return compiled.transform * (instructions + kTransformPerCall);
  };
  Cost cost;
  cost.input = compiled.stage_byte * geometry.sequences *
                   static_cast<double>(size.sequence_bytes) +
               1.0 * geometry.input_sets * geometry.set_tiles *
                   CeilDiv(channels, 8) * transform(tile.input_cost);
  cost.weights = transforms *
                 (transform(tile.weight_cost) + compiled.pack_tap * tile.taps);
  cost.products =
      1.0 * geometry.blocks * tile.points *
          (1.0 * size.channel_groups * geometry.quads *
               (tiles * products.tile_quad + tile_groups * products.quad) +
           passes * tile_groups * products.point) +
      compiled.weight_byte * static_cast<double>(size.group_bytes) *
          ahead_groups;
  cost.output = size.channel_groups * tiles *
                (2 * transform(tile.output_cost) +
                 tile.outputs * RowCost(unit) + kStorePerTile);
  return cost;
}

Cost WinogradS8Cost(const WinogradS8Size& size, CostUnit unit) {
  const WinogradGeometry& geometry = size.geometry;
  const GemmS8Cost products = size.kernel.cost(unit);
  const CompiledCost compiled = CompiledCostIn(unit);
  const double tiles = geometry.out_tiles;
  Cost cost;
  cost.input =
      (compiled.stage_byte + kCentreByte) * geometry.sequences *
          static_cast<double>(size.sequence_bytes) +
      tiles * size.length / WinogradS8Size::kVector * compiled.transform *
          (size.tile.input_cost * kNarrowTransform + kTransformPerCall);
  const double calls = 1.0 * size.row_blocks * size.channel_groups;
  for (int p = 0; p < size.tile.points; ++p) {
    cost.products +=
        calls * (products.block * size.PointBlocks(p) + products.call);
  }
  cost.output =
      size.channel_groups * tiles *
      (2 * compiled.transform * (size.tile.output_cost + kTransformPerCall) +
       size.tile.outputs * RowCost(unit) + kStorePerTileS8);
  return cost;
}

}  // namespace wqlite
