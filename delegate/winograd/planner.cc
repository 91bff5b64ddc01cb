#include "delegate/winograd/planner.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "delegate/direct_size.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/winograd/cost.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/scratch.h"

namespace wqlite {
namespace {

// A block of weights transformed on the fly should stay in the L2 cache beside
// the inputs that it meets.
constexpr size_t kWeightBlockBytes = size_t{400} << 10;

Plan DirectPlan(const Layer& layer, const PlanOptions& options) {
  const DirectSize size(*layer.spec, layer.shape);
  Plan plan;
  plan.threads = options.threads;
  plan.cost = DirectCost(size).total();
  plan.weight_bytes = size.WeightBytes();
  plan.scratch_bytes = size.ScratchBytes();
  return plan;
}

/// The largest block of channels, a multiple of 4, whose weights fit the cache.
int ChannelBlock(const WinogradGeometry& geometry, const Tile& tile) {
  const size_t per_quad = size_t{64} * geometry.blocks * tile.points;
  const auto quads = std::max<size_t>(kWeightBlockBytes / per_quad, 1);
  const int most = static_cast<int>(std::min<size_t>(quads, geometry.quads));
  // Blocks of equal size: no small one at the end.
  const int blocks = (geometry.quads + most - 1) / most;
  return (geometry.quads + blocks - 1) / blocks * 4;
}

/// A layer on one tile: how its cost falls as more groups of output channels
/// have their weights transformed ahead.
class TileChoice {
 public:
  TileChoice(const Layer& layer, const PlanOptions& options, const Tile& tile,
             const Proof& proof)
      : tile_(&tile),
        geometry_(*layer.spec, layer.shape, tile, BestGemmS16().max_tiles),
        groups_((layer.spec->out_channels + 7) / 8),
        group_bytes_(size_t{64} * geometry_.blocks * tile.points *
                     geometry_.quads),
        lean_cost_(CostWith(0)),
        ahead_cost_(CostWith(groups_)) {
    plan_.tile = &tile;
    plan_.proof = proof;
    plan_.threads = options.threads;
    plan_.groups = groups_;
  }

  double Saving() const { return lean_cost_ - ahead_cost_; }
  size_t MostBytes() const { return group_bytes_ * groups_; }

  /// The groups that go ahead within so many bytes: as many as fit, if that
  /// saves anything at all.
  int AheadGroups(size_t bytes) const {
    if (Saving() <= 0) return 0;
    return static_cast<int>(std::min<size_t>(groups_, bytes / group_bytes_));
  }

  double Cost(size_t bytes) const {
    return lean_cost_ - Saving() * AheadGroups(bytes) / groups_;
  }

  wqlite::Plan Plan(size_t bytes) const {
    const int group = BestGemmS16().max_tiles;
    wqlite::Plan plan = plan_;
    plan.ahead_groups = AheadGroups(bytes);
    plan.channel_block =
        plan.weights_ahead() ? 0 : ChannelBlock(geometry_, *tile_);
    plan.cost = CostWith(plan.ahead_groups);
    plan.weight_bytes = group_bytes_ * plan.ahead_groups;
    plan.scratch_bytes =
        WinogradScratch(nullptr, geometry_, InputLayout(geometry_, group),
                        *tile_, plan.channel_block, plan.threads)
            .bytes;
    return plan;
  }

 private:
  double CostWith(int ahead_groups) const {
    return WinogradCost(geometry_, *tile_, BestGemmS16().max_tiles, groups_,
                        ahead_groups, ChannelBlock(geometry_, *tile_))
        .total();
  }

  const Tile* tile_;
  WinogradGeometry geometry_;
  int groups_;
  size_t group_bytes_;
  double lean_cost_;
  double ahead_cost_;
  wqlite::Plan plan_;
};

const char* WhyNot(Proof::Failure failure) {
  switch (failure) {
    case Proof::Failure::kInput:
      return "transformed inputs could overflow int16";
    case Proof::Failure::kWeights:
      return "transformed weights overflow int16";
    case Proof::Failure::kSum:
      return "sums could overflow int32";
    case Proof::Failure::kNone:
      break;
  }
  return "";
}

std::string Reason(const Plan& plan, const Plan& direct) {
  if (plan.tile == nullptr) return "cheapest of all kernels";
  char text[80];
  std::snprintf(text, sizeof(text), "%.2f times fewer instructions than direct",
                direct.cost / plan.cost);
  std::string reason = text;
  if (plan.weights_ahead()) return reason + ", weights transformed ahead";
  reason += ", weights transformed on the fly";
  if (plan.ahead_groups == 0) return reason;
  std::snprintf(text, sizeof(text), ", %d %% of them ahead",
                100 * plan.ahead_groups / plan.groups);
  return reason + text;
}

/// What one layer may run on: the tiles that the options allow and the proof
/// admits, and direct.
class LayerChoice {
 public:
  LayerChoice(const Layer& layer, const PlanOptions& options)
      : direct_(DirectPlan(layer, options)) {
    if (options.algorithm == Algorithm::kDirect) {
      refusal_ = "algorithm=direct";
      return;
    }
    const WeightRange weights = MeasureWeights(*layer.spec);
    for (const Tile* tile : AllTiles()) {
      if (options.tile != nullptr && tile != options.tile) continue;
      const Proof proof = ProveExact(*tile, weights);
      if (proof.exact()) {
        tiles_.emplace_back(layer, options, *tile, proof);
      } else {
        direct_.proof = proof;
      }
    }
    const bool forced =
        options.algorithm == Algorithm::kWinogradS16 || options.tile != nullptr;
    if (forced && tiles_.empty()) {
      refusal_ = (options.tile == nullptr ? std::string("every tile")
                                          : std::string(options.tile->name)) +
                 " is refused: " + WhyNot(direct_.proof.failure) +
                 " (output channel " + std::to_string(direct_.proof.channel) +
                 "); direct is used instead";
    }
    direct_allowed_ = !forced || tiles_.empty();
  }

  /// The most bytes that are of any use.
  size_t MostBytes() const {
    size_t most = 0;
    for (const TileChoice& tile : tiles_) {
      most = std::max(most, tile.MostBytes());
    }
    return most;
  }

  /// The least cost within so many bytes of weights transformed ahead.
  double Cost(size_t bytes) const {
    const TileChoice* tile = Cheapest(bytes);
    return tile == nullptr ? direct_.cost : tile->Cost(bytes);
  }

  wqlite::Plan Plan(size_t bytes) const {
    const TileChoice* tile = Cheapest(bytes);
    wqlite::Plan plan = tile == nullptr ? direct_ : tile->Plan(bytes);
    plan.reason = refusal_.empty() ? Reason(plan, direct_) : refusal_;
    return plan;
  }

 private:
  /// The cheapest tile, or null where direct is cheaper still.
  const TileChoice* Cheapest(size_t bytes) const {
    const TileChoice* cheapest = nullptr;
    for (const TileChoice& tile : tiles_) {
      if (cheapest == nullptr || tile.Cost(bytes) < cheapest->Cost(bytes)) {
        cheapest = &tile;
      }
    }
    const bool dearer =
        cheapest == nullptr ||
        (direct_allowed_ && direct_.cost < cheapest->Cost(bytes));
    return dearer ? nullptr : cheapest;
  }

  wqlite::Plan direct_;
  std::vector<TileChoice> tiles_;
  bool direct_allowed_ = true;
  std::string refusal_;  // Why direct had to be taken.
};

/// Shares `budget` bytes out over the layers so that the total cost is least:
/// the knapsack problem by dynamic programming over kUnits parts of the budget.
/// Returns the bytes of each layer.
std::vector<size_t> ShareBudget(const std::vector<LayerChoice>& layers,
                                size_t budget) {
  constexpr int kUnits = 256;
  size_t useful = 0;
  for (const LayerChoice& layer : layers) useful += layer.MostBytes();
  budget = std::min(budget, useful);
  const auto bytes = [budget](int units) {
    return static_cast<size_t>(static_cast<double>(budget) / kUnits * units);
  };
  // least[u]: the least cost of the layers so far within u units;
  // taken[layer][u]: how many of them that layer takes then.
  std::vector<double> least(kUnits + 1, 0);
  std::vector<std::vector<int>> taken;
  for (const LayerChoice& layer : layers) {
    std::vector<double> cost(kUnits + 1);
    for (int u = 0; u <= kUnits; ++u) cost[u] = layer.Cost(bytes(u));
    std::vector<double> next(kUnits + 1);
    std::vector<int> choice(kUnits + 1);
    for (int u = 0; u <= kUnits; ++u) {
      next[u] = least[u] + cost[0];
      for (int mine = 1; mine <= u; ++mine) {
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

size_t AutomaticBudget(const std::vector<Layer>& layers) {
  size_t weights = 0;
  for (const Layer& layer : layers) {
    weights += size_t{1} * layer.spec->out_channels * layer.spec->kernel_width *
               layer.spec->in_channels;
  }
  return weights / 5 * 7;
}

}  // namespace

const char* Plan::kernel() const {
  return tile == nullptr ? "direct_s8" : "winograd_s16";
}

const char* Plan::tile_name() const {
  return tile == nullptr ? "-" : tile->name;
}

std::vector<Plan> PlanModel(const std::vector<Layer>& layers,
                            const PlanOptions& options) {
  std::vector<LayerChoice> choices;
  for (const Layer& layer : layers) choices.emplace_back(layer, options);
  const std::vector<size_t> shares = ShareBudget(
      choices, options.memory_budget.value_or(AutomaticBudget(layers)));
  std::vector<Plan> plans;
  for (size_t i = 0; i < layers.size(); ++i) {
    plans.push_back(choices[i].Plan(shares[i]));
  }
  return plans;
}

Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options) {
  return PlanModel({{&spec, shape}}, options).front();
}

}  // namespace wqlite
