#include "delegate/kernels/kernels.h"
#include "delegate/kernels/weight_stats_s8_neon.h"

namespace wqlite {

const WeightStatsS8Kernel kWeightStatsS8Neon32 = {
    "weight_stats_s8__neon32", Isa::kNeon32, neon::MeasureWeights};

}  // namespace wqlite
