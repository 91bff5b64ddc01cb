#include "delegate/kernels/kernels.h"
#include "delegate/kernels/requantize_neon.h"

namespace wqlite {
namespace {

// Instructions are counted, cycles are modelled as docs/performance.md says.
double RowCost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return 34;
    case CostUnit::kOnePipeCycles:
      return 33;
    case CostUnit::kInOrderCycles:
      return 50;
    case CostUnit::kDotInOrderCycles:
      return 34;
    case CostUnit::kTwoPipeCycles:
      return 14;
    case CostUnit::kDotCycles:
      break;
  }
  return 15;
}

}  // namespace

const RequantizeKernel kRequantizeNeon32 = {
    "requantize_s32_s8__neon32", Isa::kNeon32, neon::Requantize, RowCost};

}  // namespace wqlite
