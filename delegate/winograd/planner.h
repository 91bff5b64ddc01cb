#ifndef WQLITE_DELEGATE_WINOGRAD_PLANNER_H_
#define WQLITE_DELEGATE_WINOGRAD_PLANNER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "delegate/conv1d_spec.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

enum class Algorithm { kAuto, kDirect, kWinogradS16 };

/// What the user may ask of the planner.
struct PlanOptions {
  Algorithm algorithm = Algorithm::kAuto;
  const Tile* tile = nullptr;  ///< Only this tile, or null for the cheapest.
  /// Bytes that weights transformed ahead may take in a whole model; by default
  /// 1.4 times its int8 weights. (With that a Wav2letter takes no more than a
  /// quarter more memory than on TFLite's own ARMv7 kernels.)
  std::optional<size_t> memory_budget;
  int threads = 1;  ///< Threads of the pool that Run will be given.
};

/// How one layer runs, and why.
struct Plan {
  const Tile* tile = nullptr;  ///< Null: the direct int8 kernel.
  /// Groups of 8 output channels whose weights are transformed ahead; those of
  /// the others are, in blocks of input channels, while running.
  int ahead_groups = 0;
  int groups = 0;
  int channel_block = 0;
  int threads = 1;           ///< As asked for; `scratch_bytes` depends on it.
  double cost = 0;           ///< Predicted instructions of one Run.
  size_t weight_bytes = 0;   ///< Packed weights kept for the model's life.
  size_t scratch_bytes = 0;  ///< Working memory of one Run, for sharing.
  Proof proof;               ///< Why the tile is exact (or not used).
  std::string reason;        ///< One line for the log, no newline.

  /// Whether all weights are transformed ahead (or need not be at all).
  bool weights_ahead() const { return ahead_groups == groups; }
  /// "direct_s8" or "winograd_s16".
  const char* kernel() const;
  /// The tile's name, or "-".
  const char* tile_name() const;
};

/// One layer of a model, for PlanModel.
struct Layer {
  const Conv1DSpec* spec;
  Conv1DShape shape;
};

/// Chooses kernels, tiles and where weights are transformed for all layers of a
/// model at once: the least predicted instructions in total that the budget
/// allows, among kernels whose exactness is proved. (An optimum to within 1/256
/// of the budget.) Never fails: direct is always possible; a forced tile that
/// cannot be used is named in `reason`.
std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options);

/// PlanModel for a single layer.
Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_PLANNER_H_
