// Prints what the kernels that this processor can run cost, as their files say:
// one JSON object per kernel and unit, a line each.
#include <cstdio>
#include <string>

#include "delegate/kernels/gemm_s16.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/kernels/requantize.h"

namespace wqlite {
namespace {

const char* UnitName(CostUnit unit) {
  for (const Core core : kAllCores) {
    if (CyclesOf(core) == unit) return CoreName(core);
  }
  return "instructions";
}

template <class Kernel, class PrintCost>
void PrintAll(const std::vector<const Kernel*>& kernels, PrintCost print) {
  for (const Kernel* kernel : kernels) {
    for (const CostUnit unit : kAllCostUnits) {
      std::printf("{\"kernel\": \"%s\", \"isa\": \"%s\", \"unit\": \"%s\"",
                  kernel->name, IsaName(kernel->isa), UnitName(unit));
      print(*kernel, unit);
      std::printf("}\n");
    }
  }
}

int Main() {
  PrintAll(AvailableGemmS8(), [](const GemmS8Kernel& kernel, CostUnit unit) {
    const GemmS8Cost cost = kernel.cost(unit);
    std::printf(", \"rows\": %d, \"depth\": %d, \"block\": %g, \"call\": %g",
                kernel.rows, kernel.depth, cost.block, cost.call);
  });
  PrintAll(AvailableGemmS16(), [](const GemmS16Kernel& kernel, CostUnit unit) {
    const GemmS16Cost cost = kernel.cost(unit);
    std::printf(
        ", \"tiles\": %d, \"tile_quad\": %g, \"quad\": %g, \"point\": %g",
        kernel.max_tiles, cost.tile_quad, cost.quad, cost.point);
  });
  PrintAll(AvailableRequantize(),
           [](const RequantizeKernel& kernel, CostUnit unit) {
             std::printf(", \"row\": %g", kernel.row_cost(unit));
           });
  return 0;
}

}  // namespace
}  // namespace wqlite

int main() { return wqlite::Main(); }
