#include "delegate/plan/budget.h"

#include <algorithm>
#include <utility>

#include "delegate/base/checked_size.h"

namespace wqlite {

size_t CountWeights(const Conv1DSpec& spec) {
  return (CheckedSize(spec.out_channels) * spec.kernel_width * spec.in_channels)
      .AsBytes();
}

size_t MemoryBudget(const std::vector<Layer>& layers,
                    const PlanOptions& options) {
  if (options.memory_budget) return *options.memory_budget;
  CheckedSize weights = 0;  // Layers may share them.
  for (const Layer& layer : layers) weights += CountWeights(*layer.spec);
  return (weights.DividedBy(5) * 7).AsBytes();
}

std::vector<size_t> ShareBudget(const std::vector<LayerChoice>& layers,
                                size_t budget) {
  constexpr int kUnits = 256;
  CheckedSize most = 0;
  for (const LayerChoice& layer : layers) most += layer.MostBytes();
  budget = std::min(budget, most.AsBytes());
  const auto bytes = [budget](int units) {
    return static_cast<size_t>(static_cast<double>(budget) / kUnits * units);
  };
  // least[u]: the least cost of the layers so far within u units;
  // taken[layer][u]: how many of them that layer takes then.
  std::vector<double> least(kUnits + 1, 0);
  std::vector<std::vector<int>> taken;
  for (const LayerChoice& layer : layers) {
    std::vector<double> cost(kUnits + 1);
    std::vector<int> useful;  // Units that lower the cost.
    for (int u = 0; u <= kUnits; ++u) {
      cost[u] = layer.CostWithin(bytes(u));
      if (u > 0 && cost[u] < cost[u - 1]) useful.push_back(u);
    }
    std::vector<double> next(kUnits + 1);
    std::vector<int> choice(kUnits + 1);
    for (int u = 0; u <= kUnits; ++u) {
      next[u] = least[u] + cost[0];
      for (const int mine : useful) {
        if (mine > u) break;
        if (least[u - mine] + cost[mine] < next[u]) {
          next[u] = least[u - mine] + cost[mine];
          choice[u] = mine;
        }
      }
    }
    least = std::move(next);
    taken.push_back(std::move(choice));
  }
  std::vector<size_t> shares(layers.size());
  int left = kUnits;
  for (size_t i = layers.size(); i-- > 0;) {
    const int mine = taken[i][left];
    shares[i] = bytes(mine);
    left -= mine;
  }
  return shares;
}

}  // namespace wqlite
