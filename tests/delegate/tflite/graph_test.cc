#include "delegate/tflite/graph.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "delegate/tflite/int_array.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int kChannels = 32;
constexpr int kWidth = 7;
constexpr int kLayers = 3;
constexpr size_t kBudget = 60000;

/// Three equal layers, each in a partition of its own, on winograd_s16 with a
/// budget that is too small for them all.
class GraphTest : public testing::Test {
 protected:
  GraphTest() : graph_(SmallBudget(), 1, std::make_shared<ThreadPools>()) {
    for (int i = 0; i < kLayers; ++i) {
      auto layer = std::make_unique<GraphLayer>();
      ConvNode& node = layer->node;
      node.index = i;
      node.filter_size[2] = node.spec.kernel_width = kWidth;
      node.spec.in_channels = node.spec.out_channels = kChannels;
      node.spec.filter = filter_.data();
      node.spec.multiplier.assign(kChannels, 1 << 30);
      node.spec.shift.assign(kChannels, -8);
      node.weights = Measured(node.spec);
      layers_.push_back(layer.get());
      graph_.Add(std::move(layer));
    }
  }

  static Options SmallBudget() {
    Options options;
    options.log_level = LogLevel::kSilent;
    options.plan.algorithm = Algorithm::kWinogradS16;
    options.plan.memory_budget = kBudget;
    return options;
  }

  void Resize(int layer, int time) {
    const int dims[] = {1, 1, time, kChannels};
    ASSERT_TRUE(Graph::Resize(*NewIntArray(dims, 4), layers_[layer]).ok());
  }

  /// What a partition's Prepare does.
  void Prepare(int layer) {
    ASSERT_TRUE(graph_.Plan({layers_[layer]}).ok());
    ASSERT_TRUE(graph_.Build(layers_[layer]).ok());
  }

  size_t Ahead(int layer) const {
    const GraphLayer& of = *layers_[layer];
    return of.planned ? of.plan.ahead_bytes() : 0;
  }

  size_t AheadInAll() const {
    size_t bytes = 0;
    for (int i = 0; i < kLayers; ++i) bytes += Ahead(i);
    return bytes;
  }

  std::vector<int8_t> filter_ =
      std::vector<int8_t>(kChannels * kWidth * kChannels, 3);
  Graph graph_;
  std::vector<GraphLayer*> layers_;
};

TEST_F(GraphTest, PartitionsKeepToTheBudgetWhenOneIsResized) {
  for (int i = 0; i < kLayers; ++i) Resize(i, 30);
  ASSERT_TRUE(graph_.PlanAll().ok());
  EXPECT_LE(AheadInAll(), kBudget);
  EXPECT_GT(AheadInAll(), kBudget / 2);
  for (int i = 0; i < kLayers; ++i) Prepare(i);
  for (const int time : {300, 4, 77, 1000, 30}) {
    for (int i = 0; i < kLayers; ++i) {
      Resize(i, time + i);
      Prepare(i);
      EXPECT_LE(AheadInAll(), kBudget) << "layer " << i << ", " << time;
    }
    EXPECT_GT(AheadInAll(), kBudget / 2) << time;
  }
}

TEST_F(GraphTest, LengthsThatAreKnownLateKeepToTheBudget) {
  ASSERT_TRUE(graph_.PlanAll().ok());
  EXPECT_EQ(AheadInAll(), 0u);
  for (int i = 0; i < kLayers; ++i) {
    Resize(i, 100);
    Prepare(i);
    EXPECT_GT(Ahead(i), 0u) << "layer " << i << " came too late";
    EXPECT_LE(AheadInAll(), kBudget);
  }
}

TEST_F(GraphTest, AResizeDoesOnlyWhatChanged) {
  for (int i = 0; i < kLayers; ++i) Resize(i, 30);
  ASSERT_TRUE(graph_.PlanAll().ok());
  for (int i = 0; i < kLayers; ++i) Prepare(i);
  const std::vector<const Conv1D*> before = {
      layers_[0]->op.get(), layers_[1]->op.get(), layers_[2]->op.get()};
  const size_t ahead = Ahead(0);
  Resize(0, 30);  // Not new.
  Resize(1, 31);
  ASSERT_TRUE(graph_.Plan(layers_).ok());
  for (int i = 0; i < kLayers; ++i) {
    ASSERT_TRUE(graph_.Build(layers_[i]).ok());
  }
  EXPECT_EQ(layers_[0]->op.get(), before[0]);
  EXPECT_EQ(layers_[2]->op.get(), before[2]);
  EXPECT_EQ(Ahead(0), ahead);
}

TEST_F(GraphTest, AShapeThatDoesNotFitGivesItsMemoryBack) {
  for (int i = 0; i < kLayers; ++i) Resize(i, 30);
  ASSERT_TRUE(graph_.PlanAll().ok());
  for (int i = 0; i < kLayers; ++i) Prepare(i);
  const int dims[] = {1, 2, 30, kChannels + 1};
  EXPECT_FALSE(Graph::Resize(*NewIntArray(dims, 4), layers_[0]).ok());
  EXPECT_EQ(layers_[0]->op, nullptr);
  EXPECT_FALSE(layers_[0]->planned);
  Resize(0, 30);
  Prepare(0);
  EXPECT_NE(layers_[0]->op, nullptr);
}

TEST_F(GraphTest, ThreadsAreTheInterpretersUnlessTheOptionsSay) {
  Options options = SmallBudget();
  const auto threads = [&options](int interpreter_threads) {
    const auto pools = std::make_shared<ThreadPools>();
    return Graph(options, interpreter_threads, pools).threads();
  };
  EXPECT_EQ(threads(3), 3);
  EXPECT_EQ(threads(-1), 1);
  EXPECT_EQ(threads(0), 1);
  EXPECT_EQ(threads(1000), kMaxThreads);
  options.num_threads = 2;
  EXPECT_EQ(threads(3), 2);
}

TEST_F(GraphTest, ANewNumberOfThreadsMakesPlansVoid) {
  for (int i = 0; i < kLayers; ++i) Resize(i, 30);
  ASSERT_TRUE(graph_.PlanAll().ok());
  Prepare(0);
  graph_.FollowThreads(1);
  EXPECT_NE(layers_[0]->op, nullptr);
  graph_.FollowThreads(2);
  EXPECT_EQ(graph_.threads(), 2);
  EXPECT_FALSE(layers_[0]->planned);
  EXPECT_EQ(layers_[0]->op, nullptr);
  Prepare(0);
  EXPECT_EQ(layers_[0]->plan.threads, 2);
}

}  // namespace
}  // namespace wqlite
