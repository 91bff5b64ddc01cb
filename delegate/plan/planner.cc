#include "delegate/plan/planner.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <utility>

#include "delegate/conv1d/direct_size.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/plan/cost.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/proof_s8.h"
#include "delegate/winograd/size_s16.h"
#include "delegate/winograd/size_s8.h"

namespace wqlite {
namespace {

// A block of weights transformed on the fly should stay in the L2 cache beside
// the inputs that it meets.
constexpr size_t kWeightBlockBytes = size_t{400} << 10;

// All groups of output channels, however many there are.
constexpr int kAllGroups = std::numeric_limits<int>::max();

CostUnit UnitOf(const PlanOptions& options) {
  return CyclesOf(options.core.value_or(ThisCore()));
}

Plan DirectPlan(const Layer& layer, const PlanOptions& options) {
  const DirectSize size(*layer.spec, layer.shape);
  Plan plan;
  plan.threads = options.threads;
  plan.cost = DirectCost(size, UnitOf(options)).total();
  plan.instructions = DirectCost(size, CostUnit::kInstructions).total();
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
        unit_(UnitOf(options)),
        geometry_(*layer.spec, layer.shape, tile, BestGemmS16().max_tiles),
        groups_((layer.spec->out_channels + 7) / 8),
        group_bytes_(size_t{64} * geometry_.blocks * tile.points *
                     geometry_.quads),
        lean_cost_(CostWith(0, unit_)),
        ahead_cost_(CostWith(groups_, unit_)) {
    plan_.algorithm = Algorithm::kWinogradS16;
    plan_.tile = &tile;
    plan_.proof = proof;
    plan_.threads = options.threads;
    plan_.groups = groups_;
  }

  const Tile& tile() const { return *tile_; }
  double Saving() const { return lean_cost_ - ahead_cost_; }
  /// The most bytes that are of any use.
  size_t MostBytes() const { return fixed_ ? 0 : group_bytes_ * groups_; }
  /// Bytes that the user's own number of groups takes, whatever the budget.
  size_t FixedBytes() const { return group_bytes_ * fixed_.value_or(0); }

  void FixGroups(int groups) { fixed_ = std::min(groups, groups_); }
  void FreeGroups() { fixed_.reset(); }

  /// The groups that go ahead within so many bytes: as many as fit, if that
  /// saves anything at all.
  int AheadGroups(size_t bytes) const {
    if (fixed_) return *fixed_;
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
    plan.cost = CostWith(plan.ahead_groups, unit_);
    plan.instructions = CostWith(plan.ahead_groups, CostUnit::kInstructions);
    plan.weight_bytes = group_bytes_ * plan.ahead_groups;
    plan.scratch_bytes =
        WinogradScratch(nullptr, geometry_, InputLayout(geometry_, group),
                        *tile_, plan.channel_block, plan.threads)
            .bytes;
    return plan;
  }

 private:
  double CostWith(int ahead_groups, CostUnit unit) const {
    return WinogradCost(geometry_, *tile_, BestGemmS16().max_tiles, groups_,
                        ahead_groups, ChannelBlock(geometry_, *tile_), unit)
        .total();
  }

  const Tile* tile_;
  CostUnit unit_;
  WinogradGeometry geometry_;
  int groups_;
  size_t group_bytes_;
  double lean_cost_;
  double ahead_cost_;
  std::optional<int> fixed_;
  wqlite::Plan plan_;
};

/// winograd_s8 on one tile; its weights are always transformed ahead.
Plan WinogradS8Plan(const Layer& layer, const PlanOptions& options,
                    const Tile& tile, const Proof& proof) {
  const WinogradS8Size size(*layer.spec, layer.shape, tile);
  Plan plan;
  plan.algorithm = Algorithm::kWinogradS8;
  plan.tile = &tile;
  plan.groups = size.groups;
  plan.ahead_groups = size.groups;
  plan.threads = options.threads;
  plan.cost = WinogradS8Cost(size, UnitOf(options)).total();
  plan.instructions = WinogradS8Cost(size, CostUnit::kInstructions).total();
  plan.weight_bytes = size.WeightBytes();
  plan.scratch_bytes = size.ScratchBytes(options.threads);
  plan.proof = proof;
  plan.reason = "inputs in [" + std::to_string(layer.spec->input_min) + ", " +
                std::to_string(layer.spec->input_max) + "] less " +
                std::to_string(proof.centre) +
                " give |V| <= " + std::to_string(proof.max_input) +
                ", and |U| <= " + std::to_string(proof.max_weight);
  return plan;
}

/// The same without a proof for the inputs.
Plan SpeculativePlan(Plan plan, const Plan& fallback) {
  plan.scratch_bytes = std::max(plan.scratch_bytes, fallback.scratch_bytes);
  plan.weight_bytes += fallback.weight_bytes;
  plan.reason = "|U| <= " + std::to_string(plan.proof.max_weight) +
                ", each run checks its inputs, and " + fallback.AsRequest() +
                " recomputes those that overflow";
  plan.fallback = std::make_shared<const Plan>(fallback);
  return plan;
}

std::string WhyNot(const Proof& proof, const char* type) {
  const std::string channel =
      " (output channel " + std::to_string(proof.channel) + ")";
  switch (proof.failure) {
    case Proof::Failure::kInput:
      return std::string("transformed inputs could overflow ") + type;
    case Proof::Failure::kWeights:
      return std::string("transformed weights overflow ") + type;
    case Proof::Failure::kSum:
      return "sums could overflow int32" + channel;
    case Proof::Failure::kNone:
      break;
  }
  return "";
}

std::string Reason(const Plan& plan, const Plan& direct) {
  if (plan.algorithm == Algorithm::kDirect) return "cheapest of all kernels";
  char text[80];
  std::snprintf(text, sizeof(text), "predicted %.2f times as fast as direct",
                direct.cost / plan.cost);
  std::string reason = text;
  if (plan.algorithm == Algorithm::kWinogradS8) {
    return reason + ": " + plan.reason;
  }
  if (plan.weights_ahead()) return reason + ", weights transformed ahead";
  reason += ", weights transformed on the fly";
  if (plan.ahead_groups == 0) return reason;
  std::snprintf(text, sizeof(text), ", %d %% of them ahead",
                100 * plan.ahead_groups / plan.groups);
  return reason + text;
}

/// What one layer may run on: the kernels and tiles that the request allows and
/// the proof admits, and direct.
class LayerChoice {
 public:
  LayerChoice(const Layer& layer, const PlanOptions& options)
      : direct_(DirectPlan(layer, options)) {
    const KernelRequest& request =
        layer.request == nullptr ? options : *layer.request;
    if (request.algorithm == Algorithm::kDirect) return;
    AddTiles(layer, options);
    AddInt8(layer, options);
    if (request.algorithm == Algorithm::kWinogradS8) {
      ForceInt8(layer, options, request.tile);
    } else if (request.tile != nullptr) {
      ForceTile(request, *layer.weights);
    } else if (request.algorithm == Algorithm::kWinogradS16) {
      ForceInt16();
    }
  }

  /// The most bytes that are of any use.
  size_t MostBytes() const {
    size_t most = 0;
    if (forced_) return most;
    for (const TileChoice& tile : tiles_) {
      most = std::max(most, tile.MostBytes());
    }
    for (const wqlite::Plan& plan : int8_) {
      most = std::max(most, plan.weight_bytes);
    }
    return most;
  }

  /// Bytes of weights that the request puts ahead. Where `budget` has not so
  /// many, the request is given up: none.
  size_t FixedBytes(size_t budget) {
    const size_t bytes = forced_          ? forced_->weight_bytes
                         : tiles_.empty() ? 0
                                          : tiles_.front().FixedBytes();
    if (bytes <= budget) return bytes;
    refusal_ = "its weights transformed ahead take " + std::to_string(bytes) +
               " bytes, of which memory_budget_mb leaves " +
               std::to_string(budget);
    if (forced_) {
      forced_.reset();
    } else {
      tiles_.front().FreeGroups();
    }
    return 0;
  }

  /// The least cost within so many bytes of weights transformed ahead.
  double Cost(size_t bytes) const {
    double cost = std::numeric_limits<double>::infinity();
    if (forced_) return forced_->cost;
    if (direct_allowed_) cost = direct_.cost;
    if (const TileChoice* tile = CheapestTile(bytes)) {
      cost = std::min(cost, tile->Cost(bytes));
    }
    if (const wqlite::Plan* plan = CheapestInt8(bytes)) {
      cost = std::min(cost, plan->cost);
    }
    return cost;
  }

  wqlite::Plan Plan(size_t bytes) const {
    wqlite::Plan plan = Cheapest(bytes);
    plan.reason = Reason(plan, direct_);
    if (!refusal_.empty()) {
      plan.refusal = refusal_ + "; " + plan.AsRequest() + " is used instead";
    }
    return plan;
  }

 private:
  void AddTiles(const Layer& layer, const PlanOptions& options) {
    for (const Tile* tile : AllTiles()) {
      const Proof proof = ProveExact(*tile, *layer.weights);
      if (proof.exact()) {
        tiles_.emplace_back(layer, options, *tile, proof);
      } else {
        direct_.proof = proof;
      }
    }
  }

  void AddInt8(const Layer& layer, const PlanOptions& options) {
    for (const Tile* tile : AllTiles()) {
      const Proof proof = ProveExactS8(*tile, *layer.spec, layer.shape,
                                       *layer.weights, InputBound::kProved);
      if (!proof.exact()) continue;
      int8_.push_back(WinogradS8Plan(layer, options, *tile, proof));
    }
  }

  /// Only int8, on this tile or the cheapest: proved, or else speculative.
  void ForceInt8(const Layer& layer, const PlanOptions& options,
                 const Tile* only) {
    for (const wqlite::Plan& plan : int8_) {
      if (only == nullptr || plan.tile == only) ForceCheaper(plan);
    }
    if (forced_) return;
    std::string why = "has no form that checks its inputs";
    for (const Tile* tile : AllTiles()) {
      if (tile->transform_input_checked_s8 == nullptr) continue;
      if (only != nullptr && tile != only) continue;
      const Proof proof = ProveExactS8(*tile, *layer.spec, layer.shape,
                                       *layer.weights, InputBound::kChecked);
      if (!proof.exact()) {
        why = WhyNot(proof, "int8");
        continue;
      }
      ForceCheaper(SpeculativePlan(WinogradS8Plan(layer, options, *tile, proof),
                                   LeanPlan()));
    }
    if (!forced_) {
      refusal_ = std::string("winograd_s8") +
                 (only == nullptr ? "" : std::string("/") + only->name) +
                 " is refused: " + why;
    }
  }

  /// Only this tile: in int16, or also in int8 where the kernel is free.
  void ForceTile(const KernelRequest& request, const WeightRange& weights) {
    const bool free = request.algorithm == Algorithm::kAuto;
    std::vector<TileChoice> tiles;
    for (const TileChoice& choice : tiles_) {
      if (&choice.tile() == request.tile) tiles.push_back(choice);
    }
    std::vector<wqlite::Plan> int8;
    for (const wqlite::Plan& plan : int8_) {
      if (free && plan.tile == request.tile) int8.push_back(plan);
    }
    if (tiles.empty() && int8.empty()) {
      direct_.proof = ProveExact(*request.tile, weights);
      refusal_ = std::string(request.tile->name) +
                 " is refused: " + WhyNot(direct_.proof, "int16");
      return;
    }
    tiles_ = std::move(tiles);
    int8_ = std::move(int8);
    direct_allowed_ = tiles_.empty();  // int8 alone may exceed the budget.
    if (request.ahead_groups && !tiles_.empty()) {
      tiles_.front().FixGroups(*request.ahead_groups);
    }
  }

  /// Only int16, on any tile.
  void ForceInt16() {
    if (tiles_.empty()) {
      refusal_ = "every tile is refused: " + WhyNot(direct_.proof, "int16");
    } else {
      int8_.clear();
      direct_allowed_ = false;
    }
  }

  void ForceCheaper(const wqlite::Plan& plan) {
    if (!forced_ || plan.cost < forced_->cost) forced_ = plan;
  }

  /// int16 without weights ahead, where there is any tile.
  wqlite::Plan LeanPlan() const {
    const TileChoice* tile = CheapestTile(0);
    return tile == nullptr ? direct_ : tile->Plan(0);
  }

  /// Null where there is none.
  const TileChoice* CheapestTile(size_t bytes) const {
    const TileChoice* cheapest = nullptr;
    for (const TileChoice& tile : tiles_) {
      if (cheapest == nullptr || tile.Cost(bytes) < cheapest->Cost(bytes)) {
        cheapest = &tile;
      }
    }
    return cheapest;
  }

  /// Null where there is none within so many bytes.
  const wqlite::Plan* CheapestInt8(size_t bytes) const {
    const wqlite::Plan* cheapest = nullptr;
    for (const wqlite::Plan& plan : int8_) {
      if (plan.weight_bytes > bytes) continue;
      if (cheapest == nullptr || plan.cost < cheapest->cost) cheapest = &plan;
    }
    return cheapest;
  }

  wqlite::Plan Cheapest(size_t bytes) const {
    if (forced_) return *forced_;
    const double least = Cost(bytes);
    const wqlite::Plan* int8 = CheapestInt8(bytes);
    if (int8 != nullptr && int8->cost == least) return *int8;
    const TileChoice* tile = CheapestTile(bytes);
    const bool int16 = tile != nullptr && tile->Cost(bytes) == least;
    return int16 ? tile->Plan(bytes) : direct_;
  }

  wqlite::Plan direct_;
  std::vector<TileChoice> tiles_;   // winograd_s16
  std::vector<wqlite::Plan> int8_;  // winograd_s8
  bool direct_allowed_ = true;
  std::optional<wqlite::Plan> forced_;  // Instead of all these.
  std::string refusal_;                 // Why the request could not be met.
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
  switch (algorithm) {
    case Algorithm::kWinogradS16:
      return "winograd_s16";
    case Algorithm::kWinogradS8:
      return "winograd_s8";
    case Algorithm::kAuto:
    case Algorithm::kDirect:
      break;
  }
  return "direct_s8";
}

const char* Plan::tile_name() const {
  return tile == nullptr ? "-" : tile->name;
}

std::string Plan::AsRequest() const {
  if (algorithm == Algorithm::kDirect) return "direct";
  const std::string name = std::string(kernel()) + "/" + tile->name;
  if (algorithm == Algorithm::kWinogradS8) return name;
  const std::string weights = weights_ahead() ? "ahead"
                              : ahead_groups == 0
                                  ? "fly"
                                  : std::to_string(ahead_groups);
  return name + "/" + weights;
}

bool ParseKernelRequest(std::string_view text, KernelRequest* request) {
  const auto next_part = [&text] {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
  };
  *request = KernelRequest();
  if (text.empty() || text.back() == '/') return false;
  const std::string_view algorithm = next_part();
  if (algorithm == "auto" || algorithm == "direct") {
    if (algorithm == "direct") request->algorithm = Algorithm::kDirect;
    return text.empty();
  }
  const bool int8 = algorithm == "winograd_s8";
  if (!int8 && algorithm != "winograd_s16") return false;
  request->algorithm = int8 ? Algorithm::kWinogradS8 : Algorithm::kWinogradS16;
  if (text.empty()) return true;
  request->tile = FindTile(next_part());
  if (request->tile == nullptr || text.empty()) return request->tile != nullptr;
  if (int8) return false;
  const std::string_view weights = next_part();
  if (weights == "fly" || weights == "ahead") {
    request->ahead_groups = weights == "fly" ? 0 : kAllGroups;
    return text.empty();
  }
  int groups = 0;
  const char* end = weights.data() + weights.size();
  const auto result = std::from_chars(weights.data(), end, groups);
  request->ahead_groups = groups;
  return text.empty() && result.ec == std::errc() && result.ptr == end &&
         groups >= 0;
}

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
    plans.push_back(choices[i].Plan(shares[i]));
  }
  return plans;
}

Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options) {
  const WeightRange weights = MeasureWeights(spec);
  return PlanModel({{&spec, shape, &weights}}, options).front();
}

}  // namespace wqlite
