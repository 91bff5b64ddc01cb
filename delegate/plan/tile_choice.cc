#include "delegate/plan/tile_choice.h"

#include <algorithm>
#include <cstdint>

namespace wqlite {
namespace {

// A block of weights transformed on the fly should stay in the L2 cache beside
// the inputs that it meets.
constexpr size_t kWeightBlockBytes = size_t{400} << 10;

// The most that weights transformed ahead may take: one block of memory.
constexpr size_t kMostBytes = PTRDIFF_MAX;

/// The largest block of channels, a multiple of 4, whose weights fit the cache.
int ChannelBlock(const WinogradS16Size& size) {
  const int quads = size.geometry.quads;
  const size_t per_quad = (size.GroupWeights(4) * sizeof(int16_t)).AsBytes();
  const size_t fit = std::max<size_t>(kWeightBlockBytes / per_quad, 1);
  const int most = static_cast<int>(std::min<size_t>(fit, quads));
  // Blocks of equal size: no small one at the end.
  const int blocks = (quads + most - 1) / most;
  return (quads + blocks - 1) / blocks * 4;
}

/// The cost of a share of the output channels by one kernel, and of the others
/// by another one. Inputs are prepared for both, whatever the share is.
double Split(const Cost& one, const Cost& other, double share) {
  return one.input + share * (one.total() - one.input) + other.input +
         (1 - share) * (other.total() - other.input);
}

}  // namespace

TileChoice::TileChoice(const Layer& layer, const PlanOptions& options,
                       const Tile& tile, const GemmS16Kernel& kernel,
                       const Proof& proof)
    : unit_(UnitOf(options)),
      size_(*layer.spec, layer.shape, tile, kernel),
      threads_(options.threads),
      proof_(proof),
      channel_block_(ChannelBlock(size_)),
      most_groups_(static_cast<int>(std::min<size_t>(
          size_.channel_groups, kMostBytes / size_.group_bytes))),
      lean_cost_(CostWith(0, unit_).total()),
      ahead_cost_(CostWith(size_.channel_groups, unit_)) {}

void TileChoice::AllowDirect(const Layer& layer, const Plan& direct,
                             bool always) {
  direct_.emplace(*layer.spec, layer.shape, *direct.gemm_s8);
  direct_cost_ = DirectCost(*direct_, unit_);
  always_direct_ = always;
}

bool TileChoice::fits() const {
  return size_.fits &&
         size_.ScratchBytes(channel_block_, threads_).fits_memory();
}

bool TileChoice::Dominates(const TileChoice& other) const {
  return lean_cost_ <= other.lean_cost_ &&
         ahead_cost_.total() <= other.ahead_cost_.total() &&
         size_.group_bytes <= other.size_.group_bytes;
}

size_t TileChoice::MostBytes() const {
  return fixed_groups_ ? 0 : size_.group_bytes * most_groups_;
}

size_t TileChoice::FixedBytes() const {
  return size_.group_bytes * fixed_groups_.value_or(0);
}

void TileChoice::FixGroups(int groups) {
  fixed_groups_ = std::min(groups, most_groups_);
}

int TileChoice::AheadGroups(size_t bytes) const {
  if (fixed_groups_) return *fixed_groups_;
  if (Saving() <= 0) return 0;
  return static_cast<int>(
      std::min<size_t>(most_groups_, bytes / size_.group_bytes));
}

double TileChoice::CostWithin(size_t bytes) const {
  const int groups = AheadGroups(bytes);
  return OthersDirect(groups) ? SplitCost(groups) : MixedCost(groups);
}

bool TileChoice::OthersDirect(int ahead_groups) const {
  // Without groups on either side there is nothing to split.
  if (!direct_ || ahead_groups == 0 || ahead_groups == size_.channel_groups) {
    return false;
  }
  return always_direct_ || SplitCost(ahead_groups) < MixedCost(ahead_groups);
}

double TileChoice::MixedCost(int ahead_groups) const {
  return lean_cost_ - Saving() * Share(ahead_groups);
}

double TileChoice::SplitCost(int ahead_groups) const {
  return Split(ahead_cost_, direct_cost_, Share(ahead_groups));
}

Cost TileChoice::CostWith(int ahead_groups, CostUnit unit) const {
  return WinogradS16Cost(size_, ahead_groups, channel_block_, unit);
}

Plan TileChoice::PlanWithin(size_t bytes) const {
  Plan plan;
  plan.algorithm = Algorithm::kWinogradS16;
  plan.tile = &size_.tile;
  plan.gemm_s16 = &size_.kernel;
  plan.proof = proof_;
  plan.threads = threads_;
  plan.channel_groups = size_.channel_groups;
  plan.ahead_groups = AheadGroups(bytes);
  plan.others_direct = OthersDirect(plan.ahead_groups);
  plan.weight_bytes = size_.group_bytes * plan.ahead_groups;
  if (plan.others_direct) {
    plan.gemm_s8 = &direct_->kernel;
    plan.cost = SplitCost(plan.ahead_groups);
    constexpr CostUnit kUnit = CostUnit::kInstructions;
    plan.instructions =
        Split(CostWith(plan.channel_groups, kUnit), DirectCost(*direct_, kUnit),
              Share(plan.ahead_groups));
    plan.direct_bytes =
        direct_->group_bytes * (plan.channel_groups - plan.ahead_groups);
    plan.weight_bytes += plan.direct_bytes;
    plan.scratch_bytes = std::max(direct_->scratch_bytes,
                                  size_.ScratchBytes(0, threads_).AsBytes());
    return plan;
  }
  plan.channel_block = plan.weights_ahead() ? 0 : channel_block_;
  plan.cost = CostWith(plan.ahead_groups, unit_).total();
  plan.instructions =
      CostWith(plan.ahead_groups, CostUnit::kInstructions).total();
  plan.scratch_bytes =
      size_.ScratchBytes(plan.channel_block, threads_).AsBytes();
  return plan;
}

}  // namespace wqlite
