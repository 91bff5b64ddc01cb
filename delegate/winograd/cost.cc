// The unit of cost is one vector instruction of a transform. On ARMv7 that is
// one executed instruction of any kind, counted in the kernels' source or
// measured (a test holds predictions within 10 % for whole layers). On x86-64
// instructions differ too much, so there it is what takes as long.
#include "delegate/winograd/cost.h"

#include "delegate/kernels/gemm_s16.h"
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
};

constexpr CostTable kNeon32 = {0.4, 1.3, 32, 196, 240, 8, 3.3, 50, 0};
// Measured on the layers of Wav2letter (Sapphire Rapids).
constexpr CostTable kAvx2 = {0.05, 0.1, 12, 110, 40, 1.5, 0.7, 15, 0.15};
constexpr CostTable kAvx512Vnni = {0.05, 0.1, 5, 60, 40, 1, 0.7, 15, 0.15};
constexpr CostTable kPortable = {0.4, 1.3, 100, 500, 60, 24, 8, 30, 0.15};

const CostTable& TableOf(Isa isa) {
  switch (isa) {
    case Isa::kNeon32:
      return kNeon32;
    case Isa::kAvx2:
      return kAvx2;
    case Isa::kAvx512Vnni:
      return kAvx512Vnni;
    case Isa::kPortable:
      break;
  }
  return kPortable;
}

constexpr double kPackPerTap = 4.8;       // A tap of 8 outputs.
constexpr double kTransformPerCall = 12;  // Call and loop around it.
constexpr double kStorePerTile = 60;

double CeilDiv(double a, double b) {
  return static_cast<double>(
      (static_cast<long long>(a) + static_cast<long long>(b) - 1) /
      static_cast<long long>(b));
}

}  // namespace

Cost DirectCost(const DirectSize& size) {
  const CostTable& table = TableOf(size.kernel.isa);
  Cost cost;
  const double calls = 1.0 * size.row_blocks * size.groups;
  cost.input = table.direct_byte * static_cast<double>(size.ScratchBytes());
  cost.products =
      calls * (table.direct_block * size.blocks + table.direct_call);
  cost.output = table.requantize_row * size.rows * size.groups;
  return cost;
}

Cost WinogradCost(const WinogradGeometry& geometry, const Tile& tile,
                  int tile_group, int groups, int ahead_groups,
                  int channel_block) {
  const double channels = geometry.quads * 4.0;
  const double tiles = geometry.out_tiles;
  const double tile_groups = CeilDiv(tiles, tile_group);
  const double fly_groups = groups - ahead_groups;
  const double transforms = geometry.blocks * channels * fly_groups;
  // Sums are loaded and stored once for each block of channels.
  const double passes =
      ahead_groups + fly_groups * CeilDiv(channels, channel_block);

  const CostTable& table = TableOf(BestGemmS16().isa);
  Cost cost;
  cost.input = table.stage_byte * geometry.sequences * geometry.rows *
                   geometry.row_bytes +
               1.0 * geometry.input_sets * geometry.set_tiles *
                   CeilDiv(channels, 8) * (tile.input_cost + kTransformPerCall);
  cost.weights = transforms * (tile.weight_cost + kTransformPerCall +
                               kPackPerTap * tile.taps);
  cost.products =
      geometry.blocks * tile.points *
          (groups * geometry.quads *
               (tiles * table.product_tile + tile_groups * table.product_quad) +
           passes * tile_groups * table.product_point) +
      table.weight_byte * 64 * geometry.blocks * tile.points * geometry.quads *
          ahead_groups;
  cost.output = groups * tiles *
                (2 * (tile.output_cost + kTransformPerCall) +
                 tile.outputs * table.requantize_row + kStorePerTile);
  return cost;
}

}  // namespace wqlite
