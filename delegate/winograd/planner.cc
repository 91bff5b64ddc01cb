#include "delegate/winograd/planner.h"

#include <algorithm>
#include <cstdio>

#include "delegate/direct_size.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/winograd/cost.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/scratch.h"

namespace wqlite {
namespace {

// A block of weights transformed on the fly should stay in the L2 cache beside
// the inputs that it meets.
constexpr size_t kWeightBlockBytes = size_t{192} << 10;

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

Plan WinogradPlan(const Layer& layer, const PlanOptions& options,
                  const Tile& tile, const Proof& proof, bool ahead) {
  const int group = BestGemmS16().max_tiles;
  const WinogradGeometry geometry(*layer.spec, layer.shape, tile, group);
  const InputLayout layout(geometry, group);
  Plan plan;
  plan.tile = &tile;
  plan.proof = proof;
  plan.threads = options.threads;
  plan.weights_ahead = ahead;
  plan.channel_block = ahead ? 0 : ChannelBlock(geometry, tile);
  plan.cost = WinogradCost(geometry, tile, group, layer.spec->out_channels,
                           plan.channel_block)
                  .total();
  if (ahead) {
    const size_t groups = (layer.spec->out_channels + 7) / 8;
    plan.weight_bytes =
        groups * geometry.blocks * tile.points * geometry.quads * 64;
  }
  plan.scratch_bytes = WinogradScratch(nullptr, geometry, layout, tile,
                                       plan.channel_block, options.threads)
                           .bytes;
  return plan;
}

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

/// What one layer may choose from: its cheapest plan with weights transformed
/// ahead and its cheapest plan without.
struct Choice {
  Plan lean;   ///< Direct, or Winograd on the fly.
  Plan ahead;  ///< With weights ahead, or the same as `lean`.

  double saving() const { return lean.cost - ahead.cost; }
};

std::string Describe(const char* format, double value) {
  char text[160];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Reason(const Plan& plan, const Plan& direct) {
  if (plan.tile == nullptr) return "cheapest of all kernels";
  return Describe("%.2f times fewer instructions than direct, ",
                  direct.cost / plan.cost) +
         (plan.weights_ahead ? "weights transformed ahead"
                             : "weights transformed on the fly");
}

/// Enumerates the tiles that the options allow and the proof admits.
Choice Enumerate(const Layer& layer, const PlanOptions& options) {
  const Plan direct = DirectPlan(layer, options);
  Choice choice{direct, direct};
  if (options.algorithm == Algorithm::kDirect) {
    choice.lean.reason = choice.ahead.reason = "algorithm=direct";
    return choice;
  }
  const bool forced =
      options.algorithm == Algorithm::kWinogradS16 || options.tile != nullptr;
  const WeightRange weights = MeasureWeights(*layer.spec);
  bool found = false;
  Proof refused;
  for (const Tile* tile : AllTiles()) {
    if (options.tile != nullptr && tile != options.tile) continue;
    const Proof proof = ProveExact(*tile, weights);
    if (!proof.exact()) {
      refused = proof;
      continue;
    }
    const Plan lean = WinogradPlan(layer, options, *tile, proof, false);
    const Plan ahead = WinogradPlan(layer, options, *tile, proof, true);
    const bool first = forced && !found;
    if (first || lean.cost < choice.lean.cost) choice.lean = lean;
    if (first || ahead.cost < choice.ahead.cost) choice.ahead = ahead;
    found = true;
  }
  choice.lean.reason = Reason(choice.lean, direct);
  choice.ahead.reason = Reason(choice.ahead, direct);
  if (forced && !found) {
    const std::string why =
        (options.tile == nullptr ? std::string("every tile")
                                 : std::string(options.tile->name)) +
        " is refused: " + WhyNot(refused.failure) + " (output channel " +
        std::to_string(refused.channel) + "); direct is used instead";
    choice.lean.proof = choice.ahead.proof = refused;
    choice.lean.reason = choice.ahead.reason = why;
  }
  return choice;
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
  std::vector<Choice> choices;
  std::vector<int> order;
  for (const Layer& layer : layers) {
    order.push_back(static_cast<int>(choices.size()));
    choices.push_back(Enumerate(layer, options));
  }
  // Weights go ahead where a byte saves most, until the budget is spent.
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return choices[a].saving() *
               static_cast<double>(choices[b].ahead.weight_bytes) >
           choices[b].saving() *
               static_cast<double>(choices[a].ahead.weight_bytes);
  });
  std::vector<Plan> plans(layers.size());
  size_t left = options.memory_budget;
  for (const int i : order) {
    const Plan& ahead = choices[i].ahead;
    const bool transformed = ahead.tile != nullptr;
    const bool fits = ahead.weight_bytes <= left;
    if (transformed && fits && choices[i].saving() > 0) {
      left -= ahead.weight_bytes;
      plans[i] = ahead;
    } else {
      plans[i] = choices[i].lean;
    }
  }
  return plans;
}

Plan PlanConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                const PlanOptions& options) {
  return PlanModel({{&spec, shape}}, options).front();
}

}  // namespace wqlite
