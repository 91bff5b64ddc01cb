#ifndef WQLITE_DELEGATE_PLAN_PLAN_H_
#define WQLITE_DELEGATE_PLAN_PLAN_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/base/status.h"
#include "delegate/conv1d/kernel_choice.h"
#include "delegate/plan/request.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// How one layer runs, what that costs, and why.
struct Plan : KernelChoice {
  double cost = 0;          ///< Predicted cycles of one Run (see CyclesOf).
  double instructions = 0;  ///< Predicted executed instructions of one Run.
  Proof proof;              ///< Why the tile is exact (or not used).
  std::string reason;       ///< One line for the log, no newline.
  /// Why what was asked for was not possible, and what is used instead; empty
  /// where it was.
  std::string refusal;

  /// What the plan takes of the memory budget.
  size_t ahead_bytes() const { return weight_bytes - direct_bytes; }
};

/// One layer of a model, for PlanModel.
struct Layer {
  const Conv1DSpec* spec;
  Conv1DShape shape;
  const WeightStats* weights;              ///< Of the spec.
  const KernelRequest* request = nullptr;  ///< Its own, or null.
  /// With a value the layer is not planned: so many bytes of the memory budget
  /// are kept for it.
  std::optional<size_t> reserved = std::nullopt;
};

/// Whether this machine can count and address all that a run of the layer
/// needs on its plainest kernel, direct, which every layer can fall back to;
/// the reason if not. Looks at sizes only, and may be asked before the weights
/// are measured. PlanModel and Conv1D count on it: ask again with each new
/// shape.
Status Fits(const Conv1DSpec& spec, const Conv1DShape& shape);

/// Chooses kernels, tiles and where weights are transformed for all layers of a
/// model at once: the least predicted cycles in total that the budget allows,
/// among kernels whose exactness is proved and whose sizes fit this machine.
/// (An optimum to within 1/256 of the budget.) Weights that a layer's own
/// request puts ahead come first, and only a budget that the user has set
/// limits them. Never fails: where a request cannot be met, what would be
/// chosen without it is, and `refusal` says so.
///
/// Layers with `reserved` get an empty plan.
///
/// A layer takes winograd_s8 only where the range of its inputs and its weights
/// prove it exact.
std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options);

/// PlanModel for a single layer.
Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const WeightStats& weights, const PlanOptions& options);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_PLAN_H_
