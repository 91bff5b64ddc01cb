#ifndef WQLITE_DELEGATE_PLAN_PLANNER_H_
#define WQLITE_DELEGATE_PLAN_PLANNER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/core.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

enum class Algorithm { kAuto, kDirect, kWinogradS16, kWinogradS8 };

/// What the user may ask for a layer.
struct KernelRequest {
  Algorithm algorithm = Algorithm::kAuto;
  const Tile* tile = nullptr;  ///< Only this tile, or null for the cheapest.
  /// With a tile of winograd_s16: so many groups of 8 output channels, or all
  /// there are, have their weights transformed ahead; without a value, what the
  /// budget allows.
  std::optional<int> ahead_groups;
};

/// What the user may ask of the planner: what holds for every layer that has no
/// request of its own, and what holds for the model.
struct PlanOptions : KernelRequest {
  /// Bytes that weights transformed ahead may take in a whole model; by default
  /// 1.4 times its int8 weights. (With that a Wav2letter takes no more than a
  /// quarter more memory than on TFLite's own ARMv7 kernels.)
  std::optional<size_t> memory_budget;
  std::optional<Core> core;  ///< To plan for; by default ThisCore().
  int threads = 1;           ///< Threads of the pool that Run will be given.
};

/// How one layer runs, and why.
struct Plan {
  Algorithm algorithm = Algorithm::kDirect;  ///< Never kAuto.
  const Tile* tile = nullptr;                ///< Null for direct.
  /// Groups of 8 output channels whose weights are transformed ahead; those of
  /// the others are, in blocks of input channels, while running.
  int ahead_groups = 0;
  int groups = 0;
  int channel_block = 0;
  int threads = 1;           ///< As asked for; `scratch_bytes` depends on it.
  double cost = 0;           ///< Predicted cycles of one Run (see CyclesOf).
  double instructions = 0;   ///< Predicted executed instructions of one Run.
  size_t weight_bytes = 0;   ///< Packed weights kept for the model's life.
  size_t scratch_bytes = 0;  ///< Working memory of one Run, for sharing.
  Proof proof;               ///< Why the tile is exact (or not used).
  std::string reason;        ///< One line for the log, no newline.
  /// Why what was asked for was not possible, and what is used instead; empty
  /// where it was.
  std::string refusal;
  /// winograd_s8 without a proof for its inputs: what computes a Run again
  /// whose inputs overflow. Null otherwise.
  std::shared_ptr<const Plan> fallback;

  /// Whether all weights are transformed ahead (or need not be at all).
  bool weights_ahead() const { return ahead_groups == groups; }
  /// "direct_s8", "winograd_s16" or "winograd_s8".
  const char* kernel() const;
  /// The tile's name, or "-".
  const char* tile_name() const;
  /// What ParseKernelRequest reads as a request for this plan.
  std::string AsRequest() const;
};

/// Reads "auto", "direct", "winograd_s16", and with a tile
/// "winograd_s16/F(4,4)", and with where its weights are transformed
/// "winograd_s16/F(4,4)/ahead", "/fly", or the number of groups of 8 output
/// channels ahead, such as "/12"; and "winograd_s8", also with a tile. False
/// where the text is none of these.
bool ParseKernelRequest(std::string_view text, KernelRequest* request);

/// One layer of a model, for PlanModel.
struct Layer {
  const Conv1DSpec* spec;
  Conv1DShape shape;
  const WeightRange* weights;              ///< MeasureWeights of the spec.
  const KernelRequest* request = nullptr;  ///< Its own, or null.
};

/// Chooses kernels, tiles and where weights are transformed for all layers of a
/// model at once: the least predicted cycles in total that the budget allows,
/// among kernels whose exactness is proved. (An optimum to within 1/256 of the
/// budget.) Weights that a layer's own request puts ahead come first, and only
/// a budget that the user has set limits them. Never fails: where a request
/// cannot be met, what would be chosen without it is, and `refusal` says so.
///
/// A layer takes winograd_s8 where the range of its inputs and its weights
/// prove it exact, or where the user asks for it: then with a fallback, if need
/// be.
std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options);

/// PlanModel for a single layer.
Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_PLANNER_H_
