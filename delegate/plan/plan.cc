#include "delegate/plan/plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "delegate/plan/budget.h"
#include "delegate/plan/layer_choice.h"

namespace wqlite {

std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options) {
  std::vector<LayerChoice> choices;
  for (const Layer& layer : layers) choices.emplace_back(layer, options);
  size_t budget = options.memory_budget.value_or(AutomaticBudget(layers));
  for (LayerChoice& choice : choices) {
    const size_t fixed = choice.FixedBytes(
        options.memory_budget ? budget : std::numeric_limits<size_t>::max());
    budget -= std::min(fixed, budget);
  }
  const std::vector<size_t> shares = ShareBudget(choices, budget);
  std::vector<Plan> plans;
  for (size_t i = 0; i < layers.size(); ++i) {
    plans.push_back(choices[i].PlanWithin(shares[i]));
  }
  return plans;
}

Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options) {
  const WeightRange weights = MeasureWeights(spec);
  return PlanModel({{&spec, shape, &weights}}, options).front();
}

}  // namespace wqlite
