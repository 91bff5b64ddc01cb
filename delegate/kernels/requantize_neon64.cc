#include "delegate/kernels/kernels.h"
#include "delegate/kernels/requantize_neon.h"

namespace wqlite {
namespace {

// Instructions are counted, cycles are those of the rig's models of the
// Cortex-A53, the A57 and the A76.
double RowCost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return 25;
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return 40;
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return 12;
}

}  // namespace

const RequantizeKernel kRequantizeNeon64 = {
    "requantize_s32_s8__neon64", Isa::kNeon64, neon::Requantize, RowCost};

}  // namespace wqlite
