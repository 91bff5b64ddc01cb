#include "delegate/conv1d/winograd_s8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/plan/plan.h"
#include "delegate/winograd/proof_s8.h"
#include "delegate/winograd/size_s8.h"
#include "tests/delegate/kernels/paths.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kLayers = 60;

/// A random layer whose inputs and weights keep inside what a tile takes.
struct NarrowLayer : RandomLayer {
  /// Inputs lie in a band as wide as the tile allows, anywhere; weights are
  /// scaled down until they fit, often to the last unit.
  NarrowLayer(const Tile& tile, std::mt19937& random) : RandomLayer(random) {
    const auto any = [&](int low, int high) {
      return std::uniform_int_distribution<int>(low, high)(random);
    };
    spec.input_min = any(-128, 0);
    spec.input_max = spec.input_min + 127;
    spec.input_zero_point = spec.input_min;
    while (Prove(tile).failure == Proof::Failure::kInput) --spec.input_max;
    const bool low_zero = any(0, 1) == 0;
    spec.input_zero_point =
        low_zero ? spec.input_min : any(spec.input_min, spec.input_max);
    for (int8_t& q : input) {
      const bool extreme = any(0, 1) == 0;
      q = static_cast<int8_t>(any(0, 2) > 0
                                  ? any(spec.input_min, spec.input_max)
                              : extreme ? spec.input_min
                                        : spec.input_max);
    }
    const int limit = any(0, 1) == 0 ? 127 : 127 / tile.u_growth;
    for (int8_t& w : filter) w = static_cast<int8_t>(w * limit / 128);
    while (!Prove(tile).exact()) {
      for (int8_t& w : filter) w = static_cast<int8_t>(w * 9 / 10);
    }
  }

  Proof Prove(const Tile& tile) const {
    return ProveExactS8(tile, spec, shape, Measured(spec));
  }
};

/// The plan for one kernel of a layer.
Plan MakePlan(const Tile& tile, const NarrowLayer& layer,
              const GemmS8Kernel& kernel, int threads = 1) {
  const WinogradS8Size size(layer.spec, layer.shape, tile, kernel);
  Plan plan;
  plan.algorithm = Algorithm::kWinogradS8;
  plan.tile = &tile;
  plan.gemm_s8 = &kernel;
  plan.threads = threads;
  plan.proof = layer.Prove(tile);
  EXPECT_TRUE(plan.proof.exact());
  plan.centre = plan.proof.centre;
  plan.scratch_bytes = size.ScratchBytes(threads).AsBytes();
  return plan;
}

std::unique_ptr<Conv1D> Create(const RandomLayer& layer, const Plan& plan) {
  std::unique_ptr<Conv1D> op;
  const Status status = CreateWinogradS8Conv1D(layer.spec, layer.shape,
                                               Measured(layer.spec), plan, &op);
  EXPECT_TRUE(status.ok()) << status.message();
  return op;
}

std::vector<int8_t> RunOp(const Conv1D& op, const RandomLayer& layer,
                          const Plan& plan, const ThreadPool* pool = nullptr) {
  Buffer<int8_t> scratch;
  EXPECT_TRUE(scratch.Allocate(plan.scratch_bytes));
  std::memset(scratch.data(), 0x5a, plan.scratch_bytes);
  std::vector<int8_t> output(size_t{1} * layer.shape.batch *
                             layer.shape.out_time * layer.spec.out_channels);
  op.Run(layer.input.data(), output.data(), scratch.data(), pool);
  return output;
}

class WinogradS8Test : public testing::TestWithParam<const Tile*> {};

TEST_P(WinogradS8Test, EqualsReferenceOnEveryPath) {
  const Tile& tile = *GetParam();
  ForEachPath(AvailableGemmS8(), [&](const GemmS8Kernel& kernel) {
    std::mt19937 random(11);
    int filled = 0;
    for (int i = 0; i < kLayers; ++i) {
      const NarrowLayer layer(tile, random);
      const Plan plan = MakePlan(tile, layer, kernel);
      filled += plan.proof.max_weight > 100;
      const auto op = Create(layer, plan);
      ASSERT_EQ(RunOp(*op, layer, plan),
                ReferenceConv1D(layer.spec, layer.shape, layer.input))
          << layer.Describe();
    }
    // The transformed weights came close to their limit, too.
    EXPECT_GT(filled, kLayers / 4);
  });
}

TEST_P(WinogradS8Test, EqualsReferenceWithThreads) {
  const Tile& tile = *GetParam();
  const ThreadPool pool(3);
  std::mt19937 random(12);
  for (int i = 0; i < kLayers / 3; ++i) {
    const NarrowLayer layer(tile, random);
    const Plan plan =
        MakePlan(tile, layer, *AvailableGemmS8().front(), pool.threads());
    ASSERT_EQ(RunOp(*Create(layer, plan), layer, plan, &pool),
              ReferenceConv1D(layer.spec, layer.shape, layer.input))
        << layer.Describe();
  }
}

std::string TestName(const testing::TestParamInfo<const Tile*>& info) {
  std::string name;
  for (const char* c = info.param->name; *c != 0; ++c) {
    if (std::isalnum(*c)) name += *c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(AllTiles, WinogradS8Test,
                         testing::ValuesIn(AllTiles()), TestName);

}  // namespace
}  // namespace wqlite
