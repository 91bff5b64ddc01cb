#include "delegate/plan/plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "delegate/plan/budget.h"
#include "delegate/plan/layer_choice.h"

namespace wqlite {

std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options) {
  size_t budget = MemoryBudget(layers, options);
  std::vector<LayerChoice> choices;
  for (const Layer& layer : layers) {
    if (layer.reserved) {
      budget -= std::min(*layer.reserved, budget);
    } else {
      choices.emplace_back(layer, options);
    }
  }
  for (LayerChoice& choice : choices) {
    const size_t fixed = choice.FixedBytes(
        options.memory_budget ? budget : std::numeric_limits<size_t>::max());
    budget -= std::min(fixed, budget);
  }
  const std::vector<size_t> shares = ShareBudget(choices, budget);
  std::vector<Plan> plans(layers.size());
  size_t planned = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].reserved) continue;
    plans[i] = choices[planned].PlanWithin(shares[planned]);
    ++planned;
  }
  return plans;
}

Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options) {
  const WeightRange weights = MeasureWeights(spec);
  return PlanModel({{&spec, shape, &weights}}, options).front();
}

}  // namespace wqlite
