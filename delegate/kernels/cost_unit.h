#ifndef WQLITE_DELEGATE_KERNELS_COST_UNIT_H_
#define WQLITE_DELEGATE_KERNELS_COST_UNIT_H_

#include "delegate/kernels/core.h"

namespace wqlite {

/// What one unit of a kernel's cost is. On x86-64, where instructions and
/// cycles say little, it always is what takes as long as a vector instruction.
///
/// Cycles are modelled, not measured (docs/performance.md says how), and leave
/// caches and memory out.
enum class CostUnit {
  kInstructions,      ///< Executed instructions.
  kOnePipeCycles,     ///< Of a Cortex-A9.
  kInOrderCycles,     ///< Of a Cortex-A53.
  kDotInOrderCycles,  ///< Of a Cortex-A55.
  kTwoPipeCycles,     ///< Of a Cortex-A57.
  kDotCycles,         ///< Of a Cortex-A76.
};

inline constexpr CostUnit kAllCostUnits[] = {
    CostUnit::kInstructions,  CostUnit::kOnePipeCycles,
    CostUnit::kInOrderCycles, CostUnit::kDotInOrderCycles,
    CostUnit::kTwoPipeCycles, CostUnit::kDotCycles};

constexpr CostUnit CyclesOf(Core core) {
  switch (core) {
    case Core::kOnePipe:
      return CostUnit::kOnePipeCycles;
    case Core::kInOrder:
      return CostUnit::kInOrderCycles;
    case Core::kDotInOrder:
      return CostUnit::kDotInOrderCycles;
    case Core::kTwoPipe:
      return CostUnit::kTwoPipeCycles;
    case Core::kDot:
      return CostUnit::kDotCycles;
  }
  return CostUnit::kInstructions;
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_COST_UNIT_H_
