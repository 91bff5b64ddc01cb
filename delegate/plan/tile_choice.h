#ifndef WQLITE_DELEGATE_PLAN_TILE_CHOICE_H_
#define WQLITE_DELEGATE_PLAN_TILE_CHOICE_H_

#include <cstddef>
#include <optional>

#include "delegate/conv1d/direct_size.h"
#include "delegate/plan/cost.h"
#include "delegate/plan/plan.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/size_s16.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// A layer on one tile of winograd_s16: how its cost falls as more groups of
/// output channels have their weights transformed ahead.
class TileChoice {
 public:
  TileChoice(const Layer& layer, const PlanOptions& options, const Tile& tile,
             const GemmS16Kernel& kernel, const Proof& proof);

  const Tile& tile() const { return size_.tile; }
  /// Without any weights ahead.
  double lean_cost() const { return lean_cost_; }
  /// Whether it costs no more than the other whatever the budget.
  bool Dominates(const TileChoice& other) const;
  /// Whether this machine can run it at all, without weights ahead.
  bool fits() const;
  /// The most bytes that are of any use.
  size_t MostBytes() const;
  /// Bytes that the user's own number of groups takes, whatever the budget.
  size_t FixedBytes() const;

  /// The groups that do not go ahead may be direct instead, where that costs
  /// less, or with `always` whatever it costs; `direct` is the plan for all.
  void AllowDirect(const Layer& layer, const Plan& direct, bool always);

  /// Whatever the budget, so many groups go ahead; or again what it allows.
  void FixGroups(int groups);
  void FreeGroups() { fixed_groups_.reset(); }

  /// The cost, and the plan, within so many bytes of weights transformed ahead.
  double CostWithin(size_t bytes) const;
  Plan PlanWithin(size_t bytes) const;

 private:
  double Saving() const { return lean_cost_ - ahead_cost_.total(); }
  /// The groups that go ahead within so many bytes: as many as fit, if that
  /// saves anything at all.
  int AheadGroups(size_t bytes) const;
  double Share(int groups) const { return 1.0 * groups / size_.channel_groups; }
  Cost CostWith(int ahead_groups, CostUnit unit) const;
  /// With the weights of the other groups transformed on the fly, and with the
  /// others direct.
  double MixedCost(int ahead_groups) const;
  double SplitCost(int ahead_groups) const;
  bool OthersDirect(int ahead_groups) const;

  CostUnit unit_;
  WinogradS16Size size_;
  int threads_;
  Proof proof_;
  int channel_block_;  ///< Of the groups that do not go ahead.
  int most_groups_;    ///< That this machine can address ahead.
  double lean_cost_;   ///< With no group ahead, and with all.
  Cost ahead_cost_;
  std::optional<int> fixed_groups_;
  std::optional<DirectSize> direct_;  ///< Of all groups, where it is allowed.
  Cost direct_cost_;
  bool always_direct_ = false;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_TILE_CHOICE_H_
