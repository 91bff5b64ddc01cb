#ifndef WQLITE_DELEGATE_PLAN_COST_H_
#define WQLITE_DELEGATE_PLAN_COST_H_

#include "delegate/conv1d/direct_size.h"
#include "delegate/kernels/cost_unit.h"
#include "delegate/plan/request.h"
#include "delegate/winograd/size_s16.h"
#include "delegate/winograd/size_s8.h"

namespace wqlite {

/// The unit in which the planner compares kernels: cycles of the core that the
/// options name.
CostUnit UnitOf(const PlanOptions& options);

/// Predicted cost of one run, by part.
struct Cost {
  double input = 0;     ///< Staging, packing and transforming inputs.
  double weights = 0;   ///< Transforming weights on the fly.
  double products = 0;  ///< The inner products.
  double output = 0;    ///< Transforming and requantising outputs.

  double total() const { return input + weights + products + output; }
};

Cost DirectCost(const DirectSize& size, CostUnit unit);

/// The weights of `ahead_groups` groups of output channels are transformed
/// ahead, those of the others in blocks of `channel_block` input channels while
/// running.
Cost WinogradS16Cost(const WinogradS16Size& size, int ahead_groups,
                     int channel_block, CostUnit unit);

Cost WinogradS8Cost(const WinogradS8Size& size, CostUnit unit);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_COST_H_
