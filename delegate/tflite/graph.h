#ifndef WQLITE_DELEGATE_TFLITE_GRAPH_H_
#define WQLITE_DELEGATE_TFLITE_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/threads.h"
#include "delegate/conv1d/conv1d.h"
#include "delegate/plan/plan.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/options.h"
#include "delegate/tflite/pointwise.h"

namespace wqlite {

/// One convolution that we run.
struct GraphLayer {
  ConvNode node;
  Plan plan;                   ///< Valid where `planned`.
  bool planned = false;        ///< `plan` is for the shape that it has now.
  std::unique_ptr<Conv1D> op;  ///< Null, or built for `plan`.
};

/// The nodes of one TFLite graph that we run. Its convolutions are planned
/// together because they share the memory budget. All partitions of the graph
/// own it jointly; a graph is run by one thread at a time.
class Graph {
 public:
  /// `interpreter_threads`: the interpreter's own number of threads, which is
  /// used unless the options name another; -1 where it has none. `pools`: where
  /// it gets its threads from.
  Graph(const Options& options, int interpreter_threads,
        std::shared_ptr<ThreadPools> pools)
      : options_(options), log_(options.log_level), pools_(std::move(pools)) {
    FollowThreads(interpreter_threads);
  }

  /// Takes a node over. Call PlanAll() after the last one.
  void Add(std::unique_ptr<GraphLayer> layer);
  void Add(std::unique_ptr<PointwiseNode> node);

  /// The layer made from that node, or null.
  GraphLayer* FindLayer(int node_index) const;

  /// The same for a node between layers.
  PointwiseNode* FindPointwise(int node_index) const;

  /// Plans all layers. Requests of the options that cannot be met are logged;
  /// with `strict` the first one is an error.
  Status PlanAll();

  /// Plans those of `layers` whose shape is new, and logs them. All others keep
  /// their plans, and what these take of the memory budget; a layer that has
  /// not been built since its graph was planned, and which may be about to get
  /// another shape, keeps at least its share by weights.
  Status Plan(const std::vector<GraphLayer*>& layers);

  /// Takes the interpreter's number of threads where the options name none. A
  /// new one makes all plans void.
  void FollowThreads(int interpreter_threads);
  int threads() const { return pool_->threads(); }

  /// Fits `layer` to an input of `dims`. Where that is an error, the layer has
  /// no plan and no operator, and leaves their memory to the others.
  static Status Resize(const TfLiteIntArray& dims, GraphLayer* layer);

  /// Held while partitions are prepared, so that another thread can read plans.
  std::mutex& mutex() { return mutex_; }

  /// One line for each layer, and one with the plan as the option `override`;
  /// none without layers. Takes the mutex.
  std::string PlanText();

  /// Builds the operator of a planned layer, if it has none yet, and the
  /// scratch memory it needs.
  Status Build(GraphLayer* layer);

  /// Compares a layer that was built with TFLite's own kernel, as far as the
  /// options ask for it.
  Status Verify(TfLiteContext* context, const GraphLayer& layer);

  /// Leaves the node to TFLite's own kernel, and says why; with `strict` that
  /// is an error.
  Status LeaveToTFLite(const Status& why, GraphNode* node) const;

  /// Runs a layer that was built. See Conv1D::Run.
  void Run(const GraphLayer& layer, const int8_t* input, int8_t* output);

  /// Runs a node between layers on `count` values; `output` may be `input`.
  void Run(const PointwiseNode& node, const int8_t* input, size_t count,
           int8_t* output);

 private:
  /// Bytes of the memory budget that are kept for a layer that is not planned.
  size_t Reserved(const GraphLayer& layer, double budget_per_weight) const;
  /// An override of the options for a node that no layer was made from.
  Status CheckOverrides() const;
  /// Logs what a request was refused for, or returns it with `strict`.
  Status Refuse(const std::string& sentence) const;
  /// The plans of all layers as the option `override` takes them.
  std::string PlanAsOption() const;

  std::mutex mutex_;
  Options options_;
  Logger log_;
  std::shared_ptr<ThreadPools> pools_;
  std::shared_ptr<const ThreadPool> pool_;
  std::vector<std::unique_ptr<GraphLayer>> layers_;
  std::vector<std::unique_ptr<PointwiseNode>> pointwise_;
  Buffer<std::byte> scratch_;  ///< Shared by all layers: one runs at a time.
  size_t scratch_bytes_ = 0;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_GRAPH_H_
