#include "delegate/tflite/kernel.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "delegate/tflite/delegate.h"
#include "delegate/tflite/fail.h"
#include "delegate/tflite/graph.h"
#include "delegate/tflite/guarded.h"
#include "delegate/tflite/int_array.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/placement.h"
#include "delegate/tflite/pointwise.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// One node of a partition: a convolution, or what follows it.
struct Step {
  GraphNode* node;
  GraphLayer* layer;               // Null for a pointwise node.
  const PointwiseNode* pointwise;  // Null for a convolution.
  Place place;

  bool left_to_tflite() const { return !node->left_to_tflite.empty(); }
  Use use() const { return {node->input, node->output, layer == nullptr}; }
};

// The nodes of one partition in execution order.
struct Partition {
  std::shared_ptr<Graph> graph;
  std::vector<Step> steps;
  std::set<int> outputs;  // Tensors that the rest of the graph reads.
};

TfLiteStatus Fail(TfLiteContext* context, const GraphNode& node,
                  const std::string& message) {
  return Fail(context, Status::Error(Describe(node) + ": " + message));
}

bool HasDims(const TfLiteTensor& tensor, const int (&dims)[4]) {
  return tensor.dims != nullptr && tensor.dims->size == 4 &&
         std::equal(dims, dims + 4, tensor.dims->data);
}

std::unique_ptr<Partition> MakePartition(const TfLiteDelegateParams* params) {
  auto partition = std::make_unique<Partition>();
  partition->graph = Delegate::From(params->delegate)->graph_in_preparation();
  const TfLiteIntArray& nodes = *params->nodes_to_replace;
  for (int i = 0; i < nodes.size; ++i) {
    Step step = {};
    step.layer = partition->graph->FindLayer(nodes.data[i]);
    PointwiseNode* pointwise = partition->graph->FindPointwise(nodes.data[i]);
    step.pointwise = pointwise;
    if (step.layer != nullptr) {
      step.node = &step.layer->node;
    } else {
      step.node = pointwise;
    }
    if (step.node == nullptr) return nullptr;
    partition->steps.push_back(step);
  }
  const TfLiteIntArray& outputs = *params->output_tensors;
  partition->outputs.insert(outputs.data, outputs.data + outputs.size);
  return partition;
}

void Free(TfLiteContext* context, void* buffer) {
  const std::unique_ptr<Partition> partition(static_cast<Partition*>(buffer));
  if (partition == nullptr) return;
  for (const Step& step : partition->steps) step.node->original.Free(context);
}

// What `step` makes of an input of `dims`.
Status ComputeOutputDims(const Step& step, const TfLiteIntArray& dims,
                         std::vector<int>* output_dims) {
  if (step.layer == nullptr) {
    return OutputDims(*step.pointwise, dims, output_dims);
  }
  Status status = Graph::Resize(dims, step.layer);
  if (status.ok()) {
    const int(&made)[4] = step.layer->node.output_dims;
    output_dims->assign(made, made + 4);
  }
  return status;
}

// Gives the step's output its shape, by TFLite's own kernel.
TfLiteStatus LeaveToTFLite(TfLiteContext* context, const Graph& graph,
                           const Status& why, GraphNode* node) {
  if (!node->original.exists()) return Fail(context, *node, why.message());
  Status status = graph.LeaveToTFLite(why, node);
  if (!status.ok()) return Fail(context, status);
  return node->original.Prepare(context);
}

// Carries the shape of the step's input over to its output.
TfLiteStatus PropagateShape(TfLiteContext* context, const Graph& graph,
                            const Step& step) {
  GraphNode& node = *step.node;
  const TfLiteTensor* input = TensorAt(*context, node.input);
  TfLiteTensor* output = TensorAt(*context, node.output);
  if (input == nullptr || input->dims == nullptr || output == nullptr) {
    return Fail(context, node, "its tensors are gone");
  }
  node.left_to_tflite.clear();
  std::vector<int> output_dims;
  Status status = ComputeOutputDims(step, *input->dims, &output_dims);
  if (!status.ok()) return LeaveToTFLite(context, graph, status, &node);
  IntArray dims = NewIntArray(output_dims.data(), output_dims.size());
  if (dims == nullptr) return Fail(context, node, "out of memory");
  return context->ResizeTensor(context, output, dims.release());
}

// Builds the operator of a planned layer, if it has none yet.
Status BuildLayer(TfLiteContext* context, Graph* graph, GraphLayer* layer) {
  if (layer->op != nullptr) return Status();
  Status status = graph->Build(layer);
  if (status.ok()) status = graph->Verify(context, *layer);
  if (!status.ok()) layer->op.reset();
  return status;
}

// Plans and builds the convolutions that have none yet for their shapes.
TfLiteStatus BuildLayers(TfLiteContext* context, Partition* partition) {
  std::vector<GraphLayer*> layers;
  bool planned = true;
  for (const Step& step : partition->steps) {
    if (step.layer == nullptr || step.left_to_tflite()) continue;
    layers.push_back(step.layer);
    planned = planned && step.layer->planned;
  }
  if (!planned) {
    Status status = partition->graph->Plan(layers);
    if (!status.ok()) return Fail(context, status);
  }
  for (const Step& step : partition->steps) {
    if (step.layer == nullptr || step.left_to_tflite()) continue;
    Status status = BuildLayer(context, partition->graph.get(), step.layer);
    if (status.ok()) continue;
    const TfLiteStatus left =
        LeaveToTFLite(context, *partition->graph, status, step.node);
    if (left != kTfLiteOk) return left;
  }
  return kTfLiteOk;
}

// Decides whose memory each step uses. TFLite's own kernels know nothing of
// it: beside one of them every tensor has its own.
void PlaceSteps(Partition* partition) {
  bool shares = true;
  for (const Step& step : partition->steps) {
    shares = shares && !step.left_to_tflite();
  }
  std::vector<Use> uses;
  for (const Step& step : partition->steps) {
    uses.push_back(step.use());
    uses.back().pointwise = uses.back().pointwise && shares;
  }
  const std::vector<Place> places = PlaceTensors(uses, partition->outputs);
  for (size_t i = 0; i < places.size(); ++i) {
    partition->steps[i].place = places[i];
  }
}

// Tensors that only pass from one step to the next, which TFLite no longer
// allocates, as no node of its graph has them, and those in which its own
// kernels work, become temporaries, so that its memory planner places them.
TfLiteStatus SetTemporaries(TfLiteContext* context, const Partition& partition,
                            TfLiteNode* node) {
  std::vector<int> tensors;
  for (const Step& step : partition.steps) {
    const int made = step.node->output;
    if (step.place.target == made && partition.outputs.count(made) == 0) {
      tensors.push_back(made);
    }
    if (!step.left_to_tflite()) continue;
    const TfLiteIntArray& own = step.node->original.temporaries();
    tensors.insert(tensors.end(), own.data, own.data + own.size);
  }
  IntArray array = NewIntArray(tensors.data(), tensors.size());
  if (array == nullptr) return Fail(context, Status::Error("out of memory"));
  std::free(node->temporaries);
  node->temporaries = array.release();
  return kTfLiteOk;
}

TfLiteStatus PreparePartition(TfLiteContext* context, TfLiteNode* node) {
  auto* partition = static_cast<Partition*>(node->user_data);
  if (partition == nullptr) {
    return Fail(context, Status::Error("a partition was not set up"));
  }
  Graph& graph = *partition->graph;
  const std::lock_guard<std::mutex> lock(graph.mutex());
  graph.FollowThreads(context->recommended_num_threads);
  for (const Step& step : partition->steps) {
    const TfLiteStatus result = PropagateShape(context, graph, step);
    if (result != kTfLiteOk) return result;
  }
  const TfLiteStatus result = BuildLayers(context, partition);
  if (result != kTfLiteOk) return result;
  PlaceSteps(partition);
  return SetTemporaries(context, *partition, node);
}

// Whether the tensors still have the sizes that the step was prepared for.
bool IsPrepared(const Step& step, const TfLiteTensor& input,
                const TfLiteTensor& output) {
  if (step.layer == nullptr) return input.bytes == output.bytes;
  return step.layer->op != nullptr &&
         HasDims(input, step.layer->node.input_dims) &&
         HasDims(output, step.layer->node.output_dims);
}

TfLiteStatus Run(TfLiteContext* context, const Step& step, Graph* graph) {
  if (step.left_to_tflite()) return step.node->original.Invoke(context);
  // Read every time, since the memory may move between two runs.
  const TfLiteTensor& input = *TensorAt(*context, step.node->input);
  const TfLiteTensor& output = *TensorAt(*context, step.node->output);
  const auto* source = static_cast<const int8_t*>(
      TensorAt(*context, step.place.source)->data.data);
  auto* target =
      static_cast<int8_t*>(TensorAt(*context, step.place.target)->data.data);
  const bool has_data =
      (source != nullptr && target != nullptr) || input.bytes == 0;
  if (!has_data || !IsPrepared(step, input, output)) {
    return Fail(context, *step.node,
                "its tensors changed since they were allocated; call "
                "AllocateTensors again");
  }
  if (step.layer != nullptr) {
    graph->Run(*step.layer, source, target);
  } else {
    graph->Run(*step.pointwise, source, input.bytes, target);
  }
  return kTfLiteOk;
}

TfLiteStatus RunPartition(TfLiteContext* context, TfLiteNode* node) {
  const auto* partition = static_cast<Partition*>(node->user_data);
  for (const Step& step : partition->steps) {
    const TfLiteStatus result = Run(context, step, partition->graph.get());
    if (result != kTfLiteOk) return result;
  }
  return kTfLiteOk;
}

// What TFLite calls.

void* Init(TfLiteContext*, const char* buffer, size_t) {
  const auto* params = reinterpret_cast<const TfLiteDelegateParams*>(buffer);
  // Without a partition, Prepare fails.
  return Guarded(
      [params]() -> void* { return MakePartition(params).release(); },
      []() -> void* { return nullptr; });
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  return Guarded(context, [&] { return PreparePartition(context, node); });
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  return Guarded(context, [&] { return RunPartition(context, node); });
}

}  // namespace

TfLiteRegistration PartitionRegistration() {
  TfLiteRegistration registration = {};
  registration.init = Init;
  registration.free = Free;
  registration.prepare = Prepare;
  registration.invoke = Invoke;
  registration.custom_name = "wqlite";
  registration.version = 1;
  return registration;
}

}  // namespace wqlite
