#include "delegate/kernels/kernels.h"
#include "delegate/kernels/requantize_neon.h"

namespace wqlite {
namespace {

// Instructions are counted, cycles are of llvm-mca's models of the Cortex-A9
// and the Cortex-A57.
double RowCost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return 34;
    case CostUnit::kOnePipeCycles:
    case CostUnit::kInOrderCycles:
    case CostUnit::kDotInOrderCycles:
      return 56;
    case CostUnit::kTwoPipeCycles:
    case CostUnit::kDotCycles:
      break;
  }
  return 18;
}

}  // namespace

const RequantizeKernel kRequantizeNeon32 = {
    "requantize_s32_s8__neon32", Isa::kNeon32, neon::Requantize, RowCost};

}  // namespace wqlite
