#include "delegate/kernels/kernels.h"
#include "delegate/kernels/weight_stats_s8_neon.h"

namespace wqlite {

const WeightStatsS8Kernel kWeightStatsS8Neon64 = {
    "weight_stats_s8__neon64", Isa::kNeon64, neon::MeasureWeights};

}  // namespace wqlite
