#include "delegate/winograd/proof.h"

#include <algorithm>
#include <cstdlib>

namespace wqlite {
namespace {

constexpr int64_t kMaxAbsInput = 128;
constexpr int64_t kInt16Max = 32767;
constexpr int64_t kInt32Limit = int64_t{1} << 31;

}  // namespace

WeightRange MeasureWeights(const Conv1DSpec& spec) {
  WeightRange range;
  range.abs_sum.resize(spec.out_channels);
  const int8_t* w = spec.filter;
  const int64_t taps = int64_t{spec.kernel_width} * spec.in_channels;
  for (int64_t& sum : range.abs_sum) {
    for (int64_t i = 0; i < taps; ++i) {
      const int magnitude = std::abs(int{*w++});
      sum += magnitude;
      range.max_abs = std::max(range.max_abs, magnitude);
    }
  }
  return range;
}

Proof ProveExact(const Tile& tile, const WeightRange& weights) {
  Proof proof;
  proof.max_input = kMaxAbsInput * tile.v_growth;
  proof.max_weight = int64_t{weights.max_abs} * tile.u_growth;
  const auto largest =
      std::max_element(weights.abs_sum.begin(), weights.abs_sum.end());
  proof.max_sum = (kMaxAbsInput * *largest) << tile.shift;
  proof.channel = static_cast<int>(largest - weights.abs_sum.begin());
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
