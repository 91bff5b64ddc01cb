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

namespace wqlite {
namespace {

// The convolutions of one partition in execution order.
struct Partition {
  std::shared_ptr<Graph> graph;
  std::vector<GraphLayer*> layers;
  // Tensors that only pass from one convolution here to the next. TFLite no
  // longer allocates them, as no node of its graph has them: they become the
  // partition's temporaries, so that its memory planner places them.
  std::vector<int> inner_tensors;
};

TfLiteStatus Fail(TfLiteContext* context, const std::string& message) {
  context->ReportError(context, "wqlite: %s\n", message.c_str());
  return kTfLiteError;
}

TfLiteStatus Fail(TfLiteContext* context, const GraphLayer& layer,
                  const std::string& message) {
  return Fail(context, Describe(layer.node.index, layer.node.name.c_str()) +
                           ": " + message);
}

bool Contains(const TfLiteIntArray* array, int value) {
  return array != nullptr && std::find(array->data, array->data + array->size,
                                       value) != array->data + array->size;
}

bool HasDims(const TfLiteTensor& tensor, const int (&dims)[4]) {
  return tensor.dims != nullptr && tensor.dims->size == 4 &&
         std::equal(dims, dims + 4, tensor.dims->data);
}

void* Init(TfLiteContext*, const char* buffer, size_t) {
  const auto* params = reinterpret_cast<const TfLiteDelegateParams*>(buffer);
  auto partition = std::make_unique<Partition>();
  partition->graph = Delegate::From(params->delegate)->graph_in_preparation();
  const TfLiteIntArray& nodes = *params->nodes_to_replace;
  for (int i = 0; i < nodes.size; ++i) {
    GraphLayer* layer = partition->graph->Find(nodes.data[i]);
    if (layer == nullptr) return nullptr;
    partition->layers.push_back(layer);
    if (!Contains(params->output_tensors, layer->node.output)) {
      partition->inner_tensors.push_back(layer->node.output);
    }
  }
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

// Carries the shape of the layer's input over to its output.
TfLiteStatus PropagateShape(TfLiteContext* context, GraphLayer* layer) {
  const TfLiteTensor* input = TensorAt(*context, layer->node.input);
  TfLiteTensor* output = TensorAt(*context, layer->node.output);
  if (input == nullptr || input->dims == nullptr || output == nullptr) {
    return Fail(context, *layer, "its tensors are gone");
  }
  Status status = Graph::Resize(*input->dims, layer);
  if (!status.ok()) return Fail(context, *layer, status.message());
  IntArray dims = NewIntArray(layer->node.output_dims, 4);
  if (dims == nullptr) return Fail(context, *layer, "out of memory");
  return context->ResizeTensor(context, output, dims.release());
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  auto* partition = static_cast<Partition*>(node->user_data);
  if (partition == nullptr) return Fail(context, "a partition was not set up");
  TfLiteStatus result = SetTemporaries(context, *partition, node);
  if (result != kTfLiteOk) return result;

  bool unplanned = false;
  for (GraphLayer* layer : partition->layers) {
    result = PropagateShape(context, layer);
    if (result != kTfLiteOk) return result;
    unplanned = unplanned || layer->unplanned;
  }
  if (unplanned) partition->graph->Plan(partition->layers);

  for (GraphLayer* layer : partition->layers) {
    Status status = partition->graph->Build(layer);
    if (!status.ok()) return Fail(context, *layer, status.message());
  }
  return kTfLiteOk;
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  auto* partition = static_cast<Partition*>(node->user_data);
  for (GraphLayer* layer : partition->layers) {
    // Read every time, since the memory may move between two runs.
    const TfLiteTensor* input = TensorAt(*context, layer->node.input);
    const TfLiteTensor* output = TensorAt(*context, layer->node.output);
    if (input->data.data == nullptr || output->data.data == nullptr ||
        layer->op == nullptr || !HasDims(*input, layer->node.input_dims) ||
        !HasDims(*output, layer->node.output_dims)) {
      return Fail(context, *layer,
                  "its tensors changed since they were allocated; call "
                  "AllocateTensors again");
    }
    partition->graph->Run(*layer, static_cast<const int8_t*>(input->data.data),
                          static_cast<int8_t*>(output->data.data));
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
