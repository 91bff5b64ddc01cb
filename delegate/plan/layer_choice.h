#ifndef WQLITE_DELEGATE_PLAN_LAYER_CHOICE_H_
#define WQLITE_DELEGATE_PLAN_LAYER_CHOICE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "delegate/plan/plan.h"
#include "delegate/plan/tile_choice.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/tile.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// What one layer may run on: the kernels and tiles that its request allows and
/// the proofs admit, and direct.
class LayerChoice {
 public:
  LayerChoice(const Layer& layer, const PlanOptions& options);

  /// The most bytes that are of any use.
  size_t MostBytes() const;

  /// Bytes of weights that the request puts ahead. Where `budget` has not so
  /// many, the request is given up: none.
  size_t FixedBytes(size_t budget);

  /// The least cost, and its plan, within so many bytes of weights transformed
  /// ahead.
  double CostWithin(size_t bytes) const;
  Plan PlanWithin(size_t bytes) const;

 private:
  void AddInt16(const Layer& layer, const PlanOptions& options);
  void AddInt8(const Layer& layer, const PlanOptions& options);

  /// Only int8, on this tile or the cheapest that is proved.
  void ForceInt8(const Layer& layer, const PlanOptions& options,
                 const Tile* only);
  /// Only this tile: in int16, or also in int8 where the kernel is free.
  void ForceTile(const KernelRequest& request, const WeightStats& weights);
  /// Only int16, on any tile.
  void ForceInt16();
  void ForceCheaper(const Plan& plan);
  /// Leaves out the int16 tiles that are never the cheapest: budgets are tried
  /// with those that stay.
  void DropDominated();

  /// Null where there is none.
  const TileChoice* CheapestInt16(size_t bytes) const;
  /// Null where there is none within so many bytes.
  const Plan* CheapestInt8(size_t bytes) const;
  Plan Cheapest(size_t bytes) const;

  Plan direct_;
  std::vector<TileChoice> int16_;  // winograd_s16
  std::vector<Plan> int8_;         // winograd_s8
  bool direct_allowed_ = true;
  std::optional<Plan> forced_;  // Instead of all these.
  std::string refusal_;         // Why the request could not be met.
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_LAYER_CHOICE_H_
