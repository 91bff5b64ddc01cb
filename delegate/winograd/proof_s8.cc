#include "delegate/winograd/proof_s8.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "delegate/winograd/geometry.h"
#include "delegate/winograd/weights_s8.h"

namespace wqlite {
namespace {

constexpr int kInt8Min = -128;
constexpr int kInt8Max = 127;
constexpr int64_t kInt32Limit = int64_t{1} << 31;

/// Integers from min to max; empty where min > max.
struct Range {
  int64_t min;
  int64_t max;
};

int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

int64_t CeilDiv(int64_t a, int64_t b) { return -FloorDiv(-a, b); }

/// What a row makes of inputs in `q`.
Range RowRange(const RowSums& row, const Range& q) {
  return {row.positive * q.min - row.negative * q.max,
          row.positive * q.max - row.negative * q.min};
}

/// The raw inputs that the kernel sees.
Range Inputs(const Conv1DSpec& spec) {
  return {std::min(spec.input_min, spec.input_zero_point),
          std::max(spec.input_max, spec.input_zero_point)};
}

/// The centres with which all rows fit int8.
Range Centres(const std::vector<RowSums>& rows, const Range& q) {
  Range centres = {std::numeric_limits<int32_t>::min(),
                   std::numeric_limits<int32_t>::max()};
  for (const RowSums& row : rows) {
    const Range v = RowRange(row, q);
    // min <= (positive - negative) * centre <= max
    const int64_t min = v.max - kInt8Max;
    const int64_t max = v.min - kInt8Min;
    const int sum = row.positive - row.negative;
    if (sum == 0) {
      if (min > 0 || max < 0) return {1, 0};
    } else if (sum > 0) {
      centres.min = std::max(centres.min, CeilDiv(min, sum));
      centres.max = std::min(centres.max, FloorDiv(max, sum));
    } else {
      centres.min = std::max(centres.min, CeilDiv(max, sum));
      centres.max = std::min(centres.max, FloorDiv(min, sum));
    }
  }
  return centres;
}

/// What holds for every input in `q`, with the centre nearest to 0 that fits.
Proof ProveInputs(const Tile& tile, const Range& q) {
  Proof proof;
  if (tile.v_growth * (q.max - q.min) > kInt8Max - kInt8Min) {
    proof.failure = Proof::Failure::kInput;  // As most are, without much work.
    return proof;
  }
  const std::vector<RowSums> rows = InputRows(tile);
  const Range centres = Centres(rows, q);
  if (centres.min > centres.max) {
    proof.failure = Proof::Failure::kInput;
    return proof;
  }
  const int64_t centre = std::clamp<int64_t>(0, centres.min, centres.max);
  proof.centre = static_cast<int>(centre);
  for (const RowSums& row : rows) {
    const Range v = RowRange(row, {q.min - centre, q.max - centre});
    proof.max_input = std::max({proof.max_input, -v.min, v.max});
  }
  return proof;
}

}  // namespace

std::vector<RowSums> InputRows(const Tile& tile) {
  constexpr int kLanes = 8;
  std::vector<RowSums> rows(tile.points);
  std::vector<int16_t> v(size_t{kLanes} * tile.points);
  for (int first = 0; first < tile.inputs(); first += kLanes) {
    // A unit input in each lane: the lanes of the answer are columns of B^T.
    std::vector<int8_t> units(size_t{kLanes} * tile.inputs());
    for (int lane = 0; lane < std::min(kLanes, tile.inputs() - first); ++lane) {
      units[(first + lane) * kLanes + lane] = 1;
    }
    tile.transform_input(units.data(), kLanes, v.data(), kLanes, kLanes / 2);
    for (int p = 0; p < tile.points; ++p) {
      for (int lane = 0; lane < kLanes; ++lane) {
        const int16_t x = v[p * kLanes + lane];
        (x > 0 ? rows[p].positive : rows[p].negative) += x > 0 ? x : -x;
      }
    }
  }
  return rows;
}

Proof ProveExactS8(const Tile& tile, const Conv1DSpec& spec,
                   const Conv1DShape& shape, const WeightStats& weights) {
  const Range q = Inputs(spec);
  Proof proof = ProveInputs(tile, q);
  if (!proof.exact()) return proof;
  const int64_t max_abs_input =
      std::max(q.max - proof.centre, proof.centre - q.min);
  proof.max_sum = (max_abs_input * weights.max_abs_sum()) << tile.shift;
  proof.channel = weights.max_abs_sum_channel();
  if (proof.max_sum >= kInt32Limit) {
    proof.failure = Proof::Failure::kSum;
    return proof;
  }
  const WinogradGeometry geometry(spec, shape, tile, /*tile_group=*/1,
                                  /*may_share=*/false);
  proof.max_weight = weights.LargestTransformed(spec, geometry, tile);
  if (proof.max_weight > kMaxTransformedWeight) {
    proof.failure = Proof::Failure::kWeights;
  }
  return proof;
}

}  // namespace wqlite
