/// The planner's proofs: a tile that is admitted must be exact for the inputs
/// that are worst for it, and a plan must fit the sizes that it names.

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "delegate/plan/plan.h"
#include "delegate/winograd/proof.h"
#include "delegate/winograd/proof_s8.h"
#include "tests/fuzz/layer.h"

namespace wqlite {
namespace {

// Small weights, so that int8 proofs hold, too; or any.
void LimitWeights(int most, FuzzedLayer* layer) {
  for (int8_t& w : layer->filter) {
    w = static_cast<int8_t>(std::clamp<int>(w, -most, most));
  }
}

// Each input as far up or down as the signs of one channel's weights want it,
// so that this channel's sums become as large as they can.
std::vector<int8_t> WorstForSums(const FuzzedLayer& layer, int channel,
                                 bool upwards) {
  const Conv1DSpec& spec = layer.spec;
  const int8_t* weights =
      spec.filter + ptrdiff_t{channel} * spec.kernel_width * spec.in_channels;
  std::vector<int8_t> input(layer.input_size());
  for (size_t i = 0; i < input.size(); ++i) {
    const size_t tap = i / spec.in_channels / spec.dilation % spec.kernel_width;
    const int8_t w = weights[tap * spec.in_channels + i % spec.in_channels];
    input[i] = static_cast<int8_t>((w > 0) == upwards ? spec.input_max
                                                      : spec.input_min);
  }
  return input;
}

// Ends of the range in a pattern of the fuzzer's, repeated along time: the
// transform of a tile has a row that this is worst for.
std::vector<int8_t> WorstForTransform(const FuzzedLayer& layer,
                                      uint64_t pattern, int period) {
  const Conv1DSpec& spec = layer.spec;
  std::vector<int8_t> input(layer.input_size());
  for (size_t i = 0; i < input.size(); ++i) {
    const size_t step = i / spec.in_channels % period;
    input[i] = static_cast<int8_t>(pattern >> step & 1 ? spec.input_max
                                                       : spec.input_min);
  }
  return input;
}

void CheckTile(const FuzzedLayer& layer, const Tile& tile, Algorithm algorithm,
               const std::vector<std::vector<int8_t>>& inputs) {
  PlanOptions options;
  options.algorithm = algorithm;
  options.tile = &tile;
  options.memory_budget = SIZE_MAX;
  const Plan plan =
      PlanConv1D(layer.spec, layer.shape, Measured(layer.spec), options);
  WQ_CHECK(plan.refusal.empty());
  WQ_CHECK(plan.algorithm == algorithm && plan.tile == &tile);
  for (const std::vector<int8_t>& input : inputs) {
    CheckRun(layer, plan, input, nullptr);
  }
}

}  // namespace
}  // namespace wqlite

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wqlite;
  FuzzedDataProvider bytes(data, size);
  FuzzedLayer layer(&bytes);
  LimitWeights(bytes.ConsumeIntegralInRange(1, 128), &layer);
  const std::vector<const Tile*>& tiles = AllTiles();
  const Tile& tile =
      *tiles[bytes.ConsumeIntegralInRange<size_t>(0, tiles.size() - 1)];
  const int channel =
      bytes.ConsumeIntegralInRange(0, layer.spec.out_channels - 1);
  const std::vector<std::vector<int8_t>> inputs = {
      WorstForSums(layer, channel, true), WorstForSums(layer, channel, false),
      WorstForTransform(layer, bytes.ConsumeIntegral<uint64_t>(),
                        bytes.ConsumeIntegralInRange(1, 64))};

  const WeightStats weights = Measured(layer.spec);
  if (ProveExact(tile, weights).exact()) {
    CheckTile(layer, tile, Algorithm::kWinogradS16, inputs);
  }
  if (ProveExactS8(tile, layer.spec, layer.shape, weights).exact()) {
    CheckTile(layer, tile, Algorithm::kWinogradS8, inputs);
  }
  return 0;
}
