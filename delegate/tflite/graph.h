#ifndef WQLITE_DELEGATE_TFLITE_GRAPH_H_
#define WQLITE_DELEGATE_TFLITE_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
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
  WeightRange weights;         ///< Measured when the graph takes it over.
  Plan plan;                   ///< Valid once the length of its input is known.
  bool unplanned = true;       ///< The shape is newer than `plan`.
  bool stale = true;           ///< The shape or the plan is newer than `op`.
  std::unique_ptr<Conv1D> op;  ///< Null until the partition is prepared.
};

/// The nodes of one TFLite graph that we run. Its convolutions are planned
/// together because they share the memory budget. All partitions of the graph
/// own it jointly; a graph is run by one thread at a time.
class Graph {
 public:
  explicit Graph(const Options& options)
      : options_(options),
        log_(options.log_level),
        pool_(options.num_threads) {}

  /// Takes a node over. Call PlanAll() after the last one.
  void Add(std::unique_ptr<GraphLayer> layer);
  void Add(std::unique_ptr<PointwiseNode> node);

  /// The layer made from that node, or null.
  GraphLayer* FindLayer(int node_index) const;

  /// The same for a node between layers.
  const PointwiseNode* FindPointwise(int node_index) const;

  /// Plans all layers. Requests of the options that cannot be met are logged;
  /// with `strict` the first one is an error.
  Status PlanAll();

  /// Plans anew for the changed sizes of `layers`, within what the others leave
  /// of the memory budget; the others keep their plans. Layers whose operator
  /// must be built anew become stale and are logged.
  Status Plan(const std::vector<GraphLayer*>& layers);

  /// Fits `layer` to an input of `dims`.
  static Status Resize(const TfLiteIntArray& dims, GraphLayer* layer);

  /// Builds the operator of a stale layer and the scratch memory it needs.
  Status Build(GraphLayer* layer);

  /// Runs a layer that was built. See Conv1D::Run.
  void Run(const GraphLayer& layer, const int8_t* input, int8_t* output);

  /// Runs a node between layers on `count` values; `output` may be `input`.
  void Run(const PointwiseNode& node, const int8_t* input, size_t count,
           int8_t* output);

 private:
  /// An override of the options for a node that no layer was made from.
  Status CheckOverrides() const;
  /// Logs what a request was refused for, or returns it with `strict`.
  Status Refuse(const std::string& sentence) const;
  /// The plans of all layers as the option `override` takes them.
  std::string PlanAsOption() const;

  Options options_;
  Logger log_;
  ThreadPool pool_;
  std::vector<std::unique_ptr<GraphLayer>> layers_;
  std::vector<std::unique_ptr<PointwiseNode>> pointwise_;
  Buffer<std::byte> scratch_;  ///< Shared by all layers: one runs at a time.
  size_t scratch_bytes_ = 0;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_GRAPH_H_
