#include "delegate/tflite/kernel.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "delegate/tflite/delegate.h"
#include "delegate/tflite/graph.h"
#include "delegate/tflite/int_array.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/placement.h"
#include "delegate/tflite/pointwise.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// One node of a partition: a convolution, or what follows it.
struct Step {
  const GraphNode* node;
  GraphLayer* layer;               // Null for a pointwise node.
  const PointwiseNode* pointwise;  // Null for a convolution.
  Place place;

  Use use() const { return {node->input, node->output, layer == nullptr}; }
};

// The nodes of one partition in execution order.
struct Partition {
  std::shared_ptr<Graph> graph;
  std::vector<Step> steps;
  // Tensors that only pass from one step here to the next. TFLite no longer
  // allocates them, as no node of its graph has them: those that hold something
  // become the partition's temporaries, so that its memory planner places them.
  std::vector<int> inner_tensors;
};

TfLiteStatus Fail(TfLiteContext* context, const std::string& message) {
  context->ReportError(context, "wqlite: %s\n", message.c_str());
  return kTfLiteError;
}

TfLiteStatus Fail(TfLiteContext* context, const GraphNode& node,
                  const std::string& message) {
  return Fail(context,
              Describe(node.index, node.name.c_str()) + ": " + message);
}

bool Contains(const TfLiteIntArray& array, int value) {
  const int* end = array.data + array.size;
  return std::find(array.data, end, value) != end;
}

bool HasDims(const TfLiteTensor& tensor, const int (&dims)[4]) {
  return tensor.dims != nullptr && tensor.dims->size == 4 &&
         std::equal(dims, dims + 4, tensor.dims->data);
}

// Decides whose memory each step uses.
void PlaceSteps(const TfLiteIntArray& outputs, Partition* partition) {
  std::vector<Use> uses;
  for (const Step& step : partition->steps) uses.push_back(step.use());
  const std::vector<Place> places = PlaceTensors(uses, outputs);
  for (size_t i = 0; i < places.size(); ++i) {
    partition->steps[i].place = places[i];
    const int target = places[i].target;
    if (target == uses[i].output && !Contains(outputs, target)) {
      partition->inner_tensors.push_back(target);
    }
  }
}

void* Init(TfLiteContext*, const char* buffer, size_t) {
  const auto* params = reinterpret_cast<const TfLiteDelegateParams*>(buffer);
  auto partition = std::make_unique<Partition>();
  partition->graph = Delegate::From(params->delegate)->graph_in_preparation();
  const TfLiteIntArray& nodes = *params->nodes_to_replace;
  for (int i = 0; i < nodes.size; ++i) {
    Step step = {};
    step.layer = partition->graph->FindLayer(nodes.data[i]);
    step.pointwise = partition->graph->FindPointwise(nodes.data[i]);
    if (step.layer != nullptr) {
      step.node = &step.layer->node;
    } else {
      step.node = step.pointwise;
    }
    if (step.node == nullptr) return nullptr;
    partition->steps.push_back(step);
  }
  PlaceSteps(*params->output_tensors, partition.get());
  return partition.release();
}

void Free(TfLiteContext*, void* buffer) {
  delete static_cast<Partition*>(buffer);
}

TfLiteStatus SetTemporaries(TfLiteContext* context, const Partition& partition,
                            TfLiteNode* node) {
  IntArray array = NewIntArray(partition.inner_tensors.data(),
                               partition.inner_tensors.size());
  if (array == nullptr) return Fail(context, "out of memory");
  std::free(node->temporaries);
  node->temporaries = array.release();
  return kTfLiteOk;
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

// Carries the shape of the step's input over to its output.
TfLiteStatus PropagateShape(TfLiteContext* context, const Step& step) {
  const GraphNode& node = *step.node;
  const TfLiteTensor* input = TensorAt(*context, node.input);
  TfLiteTensor* output = TensorAt(*context, node.output);
  if (input == nullptr || input->dims == nullptr || output == nullptr) {
    return Fail(context, node, "its tensors are gone");
  }
  std::vector<int> output_dims;
  Status status = ComputeOutputDims(step, *input->dims, &output_dims);
  if (!status.ok()) return Fail(context, node, status.message());
  IntArray dims = NewIntArray(output_dims.data(), output_dims.size());
  if (dims == nullptr) return Fail(context, node, "out of memory");
  return context->ResizeTensor(context, output, dims.release());
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  auto* partition = static_cast<Partition*>(node->user_data);
  if (partition == nullptr) return Fail(context, "a partition was not set up");
  TfLiteStatus result = SetTemporaries(context, *partition, node);
  if (result != kTfLiteOk) return result;

  std::vector<GraphLayer*> layers;
  bool unplanned = false;
  for (const Step& step : partition->steps) {
    result = PropagateShape(context, step);
    if (result != kTfLiteOk) return result;
    if (step.layer == nullptr) continue;
    layers.push_back(step.layer);
    unplanned = unplanned || step.layer->unplanned;
  }
  if (unplanned) {
    Status status = partition->graph->Plan(layers);
    if (!status.ok()) return Fail(context, status.message());
  }

  for (GraphLayer* layer : layers) {
    Status status = partition->graph->Build(layer);
    if (!status.ok()) return Fail(context, layer->node, status.message());
  }
  return kTfLiteOk;
}

// Whether the tensors still have the sizes that the step was prepared for.
bool IsPrepared(const Step& step, const TfLiteTensor& input,
                const TfLiteTensor& output) {
  if (step.layer == nullptr) return input.bytes == output.bytes;
  return step.layer->op != nullptr &&
         HasDims(input, step.layer->node.input_dims) &&
         HasDims(output, step.layer->node.output_dims);
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  auto* partition = static_cast<Partition*>(node->user_data);
  for (const Step& step : partition->steps) {
    // Read every time, since the memory may move between two runs.
    const TfLiteTensor* input = TensorAt(*context, step.node->input);
    const TfLiteTensor* output = TensorAt(*context, step.node->output);
    const auto* source = static_cast<const int8_t*>(
        TensorAt(*context, step.place.source)->data.data);
    auto* target =
        static_cast<int8_t*>(TensorAt(*context, step.place.target)->data.data);
    if (source == nullptr || target == nullptr ||
        !IsPrepared(step, *input, *output)) {
      return Fail(context, *step.node,
                  "its tensors changed since they were allocated; call "
                  "AllocateTensors again");
    }
    if (step.layer != nullptr) {
      partition->graph->Run(*step.layer, source, target);
    } else {
      partition->graph->Run(*step.pointwise, source, input->bytes, target);
    }
  }
  return kTfLiteOk;
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
