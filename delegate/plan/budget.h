#ifndef WQLITE_DELEGATE_PLAN_BUDGET_H_
#define WQLITE_DELEGATE_PLAN_BUDGET_H_

#include <cstddef>
#include <vector>

#include "delegate/plan/layer_choice.h"
#include "delegate/plan/plan.h"

namespace wqlite {

/// The bytes that weights transformed ahead may take where the user sets no
/// budget: see PlanOptions.
size_t AutomaticBudget(const std::vector<Layer>& layers);

/// Shares `budget` bytes out over the layers so that the total cost is least:
/// the knapsack problem by dynamic programming over 256 parts of the budget.
/// Returns the bytes of each layer.
std::vector<size_t> ShareBudget(const std::vector<LayerChoice>& layers,
                                size_t budget);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_BUDGET_H_
