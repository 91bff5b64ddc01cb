#include "delegate/plan/plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "delegate/base/checked_size.h"
#include "delegate/conv1d/direct_size.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/plan/budget.h"
#include "delegate/plan/layer_choice.h"

namespace wqlite {

Status Fits(const Conv1DSpec& spec, const Conv1DShape& shape) {
  Status status = Validate(spec);
  if (!status.ok()) return status;
  const CheckedSize rows = CheckedSize(shape.batch) * shape.out_time;
  bool fits =
      shape.in_time <= kMaxIndex && (rows * spec.out_channels).fits_memory();
  // Which of them it is follows from the weights.
  for (const GemmS8Kernel* kernel : AvailableGemmS8()) {
    fits = fits && DirectSize(spec, shape, *kernel).fits;
  }
  if (fits) return Status();
  return Status::Error(
      "its batch, length or filter is larger than this machine can address");
}

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
                const WeightStats& weights, const PlanOptions& options) {
  return PlanModel({{&spec, shape, &weights}}, options).front();
}

}  // namespace wqlite
