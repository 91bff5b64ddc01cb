#include "delegate/plan/layer_choice.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <utility>

#include "delegate/conv1d/direct_size.h"
#include "delegate/plan/cost.h"
#include "delegate/winograd/proof_s8.h"
#include "delegate/winograd/size_s8.h"

namespace wqlite {
namespace {

constexpr const char* kTooLarge =
    "it needs more memory than this machine can address";

/// The kernels of this processor that the family of cores has, too.
template <class Kernel>
std::vector<const Kernel*> Usable(const std::vector<const Kernel*>& available,
                                  const PlanOptions& options) {
  std::vector<const Kernel*> usable;
  for (const Kernel* kernel : available) {
    if (CoreHas(options.planned_core(), kernel->isa)) usable.push_back(kernel);
  }
  return usable;
}

/// A direct convolution with one kernel.
Plan DirectPlan(const Layer& layer, const PlanOptions& options,
                const GemmS8Kernel& kernel) {
  const DirectSize size(*layer.spec, layer.shape, kernel);
  Plan plan;
  plan.gemm_s8 = &kernel;
  plan.threads = options.threads;
  plan.cost = DirectCost(size, UnitOf(options)).total();
  plan.instructions = DirectCost(size, CostUnit::kInstructions).total();
  plan.weight_bytes = size.weight_bytes;
  plan.direct_bytes = size.weight_bytes;
  plan.scratch_bytes = size.scratch_bytes;
  return plan;
}

/// With the cheapest kernel that is exact for the layer's weights: TFLite keeps
/// them within +-127, and only other files need one that allows for -128.
Plan DirectPlan(const Layer& layer, const PlanOptions& options) {
  const bool has_lowest = layer.weights->max_abs() == 128;
  Plan cheapest;
  for (const GemmS8Kernel* kernel : Usable(AvailableGemmS8(), options)) {
    if (has_lowest && !kernel->takes_lowest_weight) continue;
    Plan plan = DirectPlan(layer, options, *kernel);
    if (cheapest.gemm_s8 == nullptr || plan.cost < cheapest.cost) {
      cheapest = std::move(plan);
    }
  }
  return cheapest;
}

/// The kernels with which winograd_s8 on this tile fits this machine.
std::vector<const GemmS8Kernel*> FittingInt8(const Layer& layer,
                                             const PlanOptions& options,
                                             const Tile& tile) {
  std::vector<const GemmS8Kernel*> fitting;
  for (const GemmS8Kernel* kernel : Usable(AvailableGemmS8(), options)) {
    const WinogradS8Size size(*layer.spec, layer.shape, tile, *kernel);
    if (size.fits && size.ScratchBytes(options.threads).fits_memory()) {
      fitting.push_back(kernel);
    }
  }
  return fitting;
}

/// winograd_s8 on one tile; its weights are always transformed ahead.
Plan WinogradS8Plan(const Layer& layer, const PlanOptions& options,
                    const Tile& tile, const GemmS8Kernel& kernel,
                    const Proof& proof) {
  const WinogradS8Size size(*layer.spec, layer.shape, tile, kernel);
  Plan plan;
  plan.gemm_s8 = &kernel;
  plan.algorithm = Algorithm::kWinogradS8;
  plan.tile = &tile;
  plan.channel_groups = size.channel_groups;
  plan.ahead_groups = size.channel_groups;
  plan.centre = proof.centre;
  plan.threads = options.threads;
  plan.cost = WinogradS8Cost(size, UnitOf(options)).total();
  plan.instructions = WinogradS8Cost(size, CostUnit::kInstructions).total();
  plan.weight_bytes = size.weight_bytes;
  plan.scratch_bytes = size.ScratchBytes(options.threads).AsBytes();
  plan.proof = proof;
  plan.reason = "inputs in [" + std::to_string(layer.spec->input_min) + ", " +
                std::to_string(layer.spec->input_max) + "] less " +
                std::to_string(proof.centre) +
                " give |V| <= " + std::to_string(proof.max_input) +
                ", and |U| <= " + std::to_string(proof.max_weight);
  return plan;
}

/// Why a tile is not used: what its proof says, or else its size.
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
  return kTooLarge;
}

std::string WhyNotInt8(const Layer& layer, const PlanOptions& options,
                       const Tile& tile) {
  if (FittingInt8(layer, options, tile).empty()) return kTooLarge;
  const Proof proof =
      ProveExactS8(tile, *layer.spec, layer.shape, *layer.weights);
  std::string why = WhyNot(proof, "int8");
  if (proof.failure != Proof::Failure::kInput) return why;
  return why + ", as they come from [" + std::to_string(layer.spec->input_min) +
         ", " + std::to_string(layer.spec->input_max) + "]";
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
  const int percent = 100 * plan.ahead_groups / plan.channel_groups;
  if (plan.others_direct) {
    std::snprintf(text, sizeof(text),
                  ", %d %% of the weights transformed ahead, direct for others",
                  percent);
    return reason + text;
  }
  reason += ", weights transformed on the fly";
  if (plan.ahead_groups == 0) return reason;
  std::snprintf(text, sizeof(text), ", %d %% of them ahead", percent);
  return reason + text;
}

}  // namespace

LayerChoice::LayerChoice(const Layer& layer, const PlanOptions& options)
    : direct_(DirectPlan(layer, options)) {
  const KernelRequest& request =
      layer.request == nullptr ? options : *layer.request;
  if (request.algorithm == Algorithm::kDirect) return;
  AddInt16(layer, options);
  AddInt8(layer, options);
  const bool is_free = !request.algorithm && request.tile == nullptr;
  if (is_free || request.others_direct) {
    for (TileChoice& tile : int16_) {
      tile.AllowDirect(layer, direct_, request.others_direct);
    }
  }
  if (request.algorithm == Algorithm::kWinogradS8) {
    ForceInt8(layer, options, request.tile);
  } else if (request.tile != nullptr) {
    ForceTile(request, *layer.weights);
  } else if (request.algorithm == Algorithm::kWinogradS16) {
    ForceInt16();
  }
  DropDominated();
}

size_t LayerChoice::MostBytes() const {
  size_t most = 0;
  if (forced_) return most;
  for (const TileChoice& tile : int16_) {
    most = std::max(most, tile.MostBytes());
  }
  for (const Plan& plan : int8_) most = std::max(most, plan.weight_bytes);
  return most;
}

size_t LayerChoice::FixedBytes(size_t budget) {
  const size_t bytes = forced_          ? forced_->weight_bytes
                       : int16_.empty() ? 0
                                        : int16_.front().FixedBytes();
  if (bytes <= budget) return bytes;
  refusal_ = "its weights transformed ahead take " + std::to_string(bytes) +
             " bytes, of which memory_budget_mb leaves " +
             std::to_string(budget);
  if (forced_) {
    forced_.reset();
  } else {
    int16_.front().FreeGroups();
  }
  return 0;
}

double LayerChoice::CostWithin(size_t bytes) const {
  double cost = std::numeric_limits<double>::infinity();
  if (forced_) return forced_->cost;
  if (direct_allowed_) cost = direct_.cost;
  if (const TileChoice* tile = CheapestInt16(bytes)) {
    cost = std::min(cost, tile->CostWithin(bytes));
  }
  if (const Plan* plan = CheapestInt8(bytes)) cost = std::min(cost, plan->cost);
  return cost;
}

Plan LayerChoice::PlanWithin(size_t bytes) const {
  Plan plan = Cheapest(bytes);
  plan.reason = Reason(plan, direct_);
  if (!refusal_.empty()) {
    plan.refusal = refusal_ + "; " + AsRequest(plan) + " is used instead";
  }
  return plan;
}

void LayerChoice::AddInt16(const Layer& layer, const PlanOptions& options) {
  auto kernels = Usable(AvailableGemmS16(), options);
  if (kernels.size() > 1) kernels.pop_back();  // The portable one.
  for (const Tile* tile : AllTiles()) {
    const Proof proof = ProveExact(*tile, *layer.weights);
    if (!proof.exact()) {
      direct_.proof = proof;
      continue;
    }
    std::optional<TileChoice> cheapest;
    for (const GemmS16Kernel* kernel : kernels) {
      TileChoice choice(layer, options, *tile, *kernel, proof);
      if (!choice.fits()) continue;
      if (!cheapest || choice.lean_cost() < cheapest->lean_cost()) {
        cheapest.emplace(std::move(choice));
      }
    }
    if (cheapest) {
      int16_.push_back(*std::move(cheapest));
    } else {
      direct_.proof = proof;
    }
  }
}

void LayerChoice::AddInt8(const Layer& layer, const PlanOptions& options) {
  for (const Tile* tile : AllTiles()) {
    // Sizes first: the proof counts on those of the tile.
    const auto kernels = FittingInt8(layer, options, *tile);
    if (kernels.empty()) continue;
    const Proof proof =
        ProveExactS8(*tile, *layer.spec, layer.shape, *layer.weights);
    if (!proof.exact()) continue;
    std::optional<Plan> cheapest;
    for (const GemmS8Kernel* kernel : kernels) {
      Plan plan = WinogradS8Plan(layer, options, *tile, *kernel, proof);
      if (!cheapest || plan.cost < cheapest->cost) cheapest = std::move(plan);
    }
    if (cheapest) int8_.push_back(*std::move(cheapest));
  }
}

void LayerChoice::ForceInt8(const Layer& layer, const PlanOptions& options,
                            const Tile* only) {
  for (const Plan& plan : int8_) {
    if (only == nullptr || plan.tile == only) ForceCheaper(plan);
  }
  if (forced_) return;
  const Tile& tile = only == nullptr ? *AllTiles().front() : *only;
  refusal_ = std::string("winograd_s8") +
             (only == nullptr ? "" : std::string("/") + only->name) +
             " is refused: " + WhyNotInt8(layer, options, tile);
}

void LayerChoice::ForceTile(const KernelRequest& request,
                            const WeightStats& weights) {
  std::vector<TileChoice> int16;
  for (const TileChoice& choice : int16_) {
    if (&choice.tile() == request.tile) int16.push_back(choice);
  }
  std::vector<Plan> int8;
  for (const Plan& plan : int8_) {
    if (!request.algorithm && plan.tile == request.tile) int8.push_back(plan);
  }
  if (int16.empty() && int8.empty()) {
    direct_.proof = ProveExact(*request.tile, weights);
    refusal_ = std::string(request.tile->name) +
               " is refused: " + WhyNot(direct_.proof, "int16");
    return;
  }
  int16_ = std::move(int16);
  int8_ = std::move(int8);
  direct_allowed_ = int16_.empty();  // int8 alone may exceed the budget.
  if (request.ahead_groups && !int16_.empty()) {
    int16_.front().FixGroups(*request.ahead_groups);
  }
}

void LayerChoice::ForceInt16() {
  if (int16_.empty()) {
    refusal_ = "every tile is refused: " + WhyNot(direct_.proof, "int16");
  } else {
    int8_.clear();
    direct_allowed_ = false;
  }
}

void LayerChoice::ForceCheaper(const Plan& plan) {
  if (!forced_ || plan.cost < forced_->cost) forced_ = plan;
}

void LayerChoice::DropDominated() {
  std::vector<TileChoice> kept;
  for (const TileChoice& choice : int16_) {
    const auto is_better = [&choice](const TileChoice& other) {
      // Of equals the first stays.
      return other.Dominates(choice) &&
             (&other < &choice || !choice.Dominates(other));
    };
    if (std::none_of(int16_.begin(), int16_.end(), is_better)) {
      kept.push_back(choice);
    }
  }
  int16_ = std::move(kept);
}

const TileChoice* LayerChoice::CheapestInt16(size_t bytes) const {
  const TileChoice* cheapest = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const TileChoice& tile : int16_) {
    const double cost = tile.CostWithin(bytes);
    if (cost < least) {
      least = cost;
      cheapest = &tile;
    }
  }
  return cheapest;
}

const Plan* LayerChoice::CheapestInt8(size_t bytes) const {
  const Plan* cheapest = nullptr;
  for (const Plan& plan : int8_) {
    if (plan.weight_bytes > bytes) continue;
    if (cheapest == nullptr || plan.cost < cheapest->cost) cheapest = &plan;
  }
  return cheapest;
}

Plan LayerChoice::Cheapest(size_t bytes) const {
  if (forced_) return *forced_;
  const double least = CostWithin(bytes);
  const Plan* int8 = CheapestInt8(bytes);
  if (int8 != nullptr && int8->cost == least) return *int8;
  const TileChoice* tile = CheapestInt16(bytes);
  const bool int16 = tile != nullptr && tile->CostWithin(bytes) == least;
  return int16 ? tile->PlanWithin(bytes) : direct_;
}

}  // namespace wqlite
