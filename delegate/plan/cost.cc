#include "delegate/plan/cost.h"

#include "delegate/kernels/isa.h"

namespace wqlite {
namespace {

/// What the kernels of one instruction set cost.
struct CostTable {
  double stage_byte;      ///< memcpy and its loop.
  double direct_byte;     ///< Packing inputs for the direct kernel.
  double requantize_row;  ///< 8 outputs.
  double direct_block;    ///< All rows times 8 channels, one block deep.
  double direct_call;
  double product_tile;   ///< 4 input times 8 output channels.
  double product_quad;   ///< Loads and loop.
  double product_point;  ///< Call, load and store of the sums.
  double weight_byte;    ///< Reading weights transformed ahead from memory.
  double transform;      ///< An instruction of a transform (Tile::input_cost).
  double pack_tap;       ///< A tap of 8 outputs, before its transform.
  double int8_block;     ///< As direct_block and direct_call, of winograd_s8.
  double int8_call;
};

// Counted in the kernels' source, or measured; a test holds predictions within
// 10 % for whole layers.
constexpr CostTable kNeon32 = {0.4, 0.9, 34, 74.6, 245,  8,  3.3,
                               50,  0,   1,  4.8,  73.3, 240};
// The same in cycles of llvm-mca's models of the Cortex-A9 and the Cortex-A57,
// which leave caches and memory out.
constexpr CostTable kOnePipe = {0.4, 0.6, 56,  71.6, 290, 7.8, 3,
                                50,  0,   1.1, 6.8,  69,  180};
constexpr CostTable kTwoPipe = {0.3, 0.4, 18,   49.1, 145,  7.45, 2.5,
                                45,  0,   0.55, 3.6,  48.9, 100};
// Measured on the layers of Wav2letter (Sapphire Rapids).
constexpr CostTable kAvx2 = {0.05, 0.1,  12, 110, 40,  1.5, 0.7,
                             15,   0.15, 1,  4.8, 110, 40};
constexpr CostTable kAvx512Vnni = {0.05, 0.1,  5, 60,  40, 1, 0.7,
                                   15,   0.15, 1, 4.8, 60, 40};
constexpr CostTable kPortable = {0.4, 1.3,  100, 500, 60,  24, 8,
                                 30,  0.15, 1,   4.8, 500, 60};

const CostTable& TableOf(Isa isa, CostUnit unit) {
  switch (isa) {
    case Isa::kNeon32:
      if (unit == CostUnit::kInstructions) return kNeon32;
      return unit == CostUnit::kOnePipeCycles ? kOnePipe : kTwoPipe;
    case Isa::kAvx2:
      return kAvx2;
    case Isa::kAvx512Vnni:
      return kAvx512Vnni;
    case Isa::kPortable:
      break;
  }
  return kPortable;
}

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
  return options.core.value_or(ThisCore()) == Core::kOnePipe
             ? CostUnit::kOnePipeCycles
             : CostUnit::kTwoPipeCycles;
}

Cost DirectCost(const DirectSize& size, CostUnit unit) {
  const CostTable& table = TableOf(size.kernel.isa, unit);
  Cost cost;
  const double calls = 1.0 * size.row_blocks * size.channel_groups;
  cost.input = table.direct_byte * static_cast<double>(size.scratch_bytes);
  cost.products =
      calls * (table.direct_block * size.blocks + table.direct_call);
  cost.output = table.requantize_row * size.rows * size.channel_groups;
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

  const CostTable& table = TableOf(size.kernel.isa, unit);
  const auto transform = [&table](int instructions) {
    return table.transform * (instructions + kTransformPerCall);
  };
  Cost cost;
  cost.input = table.stage_byte * geometry.sequences *
                   static_cast<double>(size.sequence_bytes) +
               1.0 * geometry.input_sets * geometry.set_tiles *
                   CeilDiv(channels, 8) * transform(tile.input_cost);
  cost.weights =
      transforms * (transform(tile.weight_cost) + table.pack_tap * tile.taps);
  cost.products =
      1.0 * geometry.blocks * tile.points *
          (1.0 * size.channel_groups * geometry.quads *
               (tiles * table.product_tile + tile_groups * table.product_quad) +
           passes * tile_groups * table.product_point) +
      table.weight_byte * static_cast<double>(size.group_bytes) * ahead_groups;
  cost.output = size.channel_groups * tiles *
                (2 * transform(tile.output_cost) +
                 tile.outputs * table.requantize_row + kStorePerTile);
  return cost;
}

Cost WinogradS8Cost(const WinogradS8Size& size, CostUnit unit) {
  const WinogradGeometry& geometry = size.geometry;
  const CostTable& table = TableOf(size.kernel.isa, unit);
  const double tiles = geometry.out_tiles;
  Cost cost;
  cost.input =
      (table.stage_byte + kCentreByte) * geometry.sequences *
          static_cast<double>(size.sequence_bytes) +
      tiles * size.length / WinogradS8Size::kVector * table.transform *
          (size.tile.input_cost * kNarrowTransform + kTransformPerCall);
  const double calls = 1.0 * size.row_blocks * size.channel_groups;
  for (int p = 0; p < size.tile.points; ++p) {
    cost.products +=
        calls * (table.int8_block * size.PointBlocks(p) + table.int8_call);
  }
  cost.output =
      size.channel_groups * tiles *
      (2 * table.transform * (size.tile.output_cost + kTransformPerCall) +
       size.tile.outputs * table.requantize_row + kStorePerTileS8);
  return cost;
}

}  // namespace wqlite
