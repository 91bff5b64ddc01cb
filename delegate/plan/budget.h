#ifndef WQLITE_DELEGATE_PLAN_BUDGET_H_
#define WQLITE_DELEGATE_PLAN_BUDGET_H_

#include <cstddef>
#include <vector>

#include "delegate/plan/layer_choice.h"
#include "delegate/plan/plan.h"

namespace wqlite {

/// The weights of a layer, one byte each.
size_t CountWeights(const Conv1DSpec& spec);

/// The bytes that weights transformed ahead may take in a whole model: see
/// PlanOptions.
size_t MemoryBudget(const std::vector<Layer>& layers,
                    const PlanOptions& options);

/// Shares `budget` bytes out over the layers so that the total cost is least:
/// the knapsack problem by dynamic programming over 256 parts of the budget.
/// Returns the bytes of each layer.
std::vector<size_t> ShareBudget(const std::vector<LayerChoice>& layers,
                                size_t budget);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_BUDGET_H_
