#include "delegate/winograd/proof.h"

namespace wqlite {
namespace {

constexpr int64_t kMaxAbsInput = 128;
constexpr int64_t kInt16Max = 32767;
constexpr int64_t kInt32Limit = int64_t{1} << 31;

}  // namespace

Proof ProveExact(const Tile& tile, const WeightStats& weights) {
  Proof proof;
  proof.max_input = kMaxAbsInput * tile.v_growth;
  proof.max_weight = int64_t{weights.max_abs()} * tile.u_growth;
  proof.max_sum = (kMaxAbsInput * weights.max_abs_sum()) << tile.shift;
  proof.channel = weights.max_abs_sum_channel();
  if (proof.max_input > kInt16Max) {
    proof.failure = Proof::Failure::kInput;
  } else if (proof.max_weight > kInt16Max) {
    proof.failure = Proof::Failure::kWeights;
  } else if (proof.max_sum >= kInt32Limit) {
    proof.failure = Proof::Failure::kSum;
  }
  return proof;
}

}  // namespace wqlite
