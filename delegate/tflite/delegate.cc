#include "delegate/tflite/delegate.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "delegate/tflite/int_array.h"
#include "delegate/tflite/kernel.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/pointwise.h"
#include "delegate/tflite/ranges.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// What became of the nodes of one graph.
struct Selection {
  std::vector<std::unique_ptr<GraphLayer>> layers;
  std::vector<std::unique_ptr<PointwiseNode>> pointwise;
  // "node 3 'conv': reason".
  std::vector<std::string> layers_left_out;
  std::vector<std::string> pointwise_left_out;
  std::set<int> tensors;  // What the taken nodes make.
  ValueRanges ranges;     // Of what all nodes make.

  std::string Summary() const {
    std::string text = "took " + std::to_string(layers.size()) + " of " +
                       std::to_string(layers.size() + layers_left_out.size()) +
                       " Conv1D layers";
    if (pointwise.size() == 1) text += " and 1 operator that follows them";
    if (pointwise.size() > 1) {
      text += " and " + std::to_string(pointwise.size()) +
              " operators that follow them";
    }
    return text;
  }
};

IntArray NodeIndices(const Selection& selection) {
  std::vector<int> indices;
  for (const auto& layer : selection.layers) {
    indices.push_back(layer->node.index);
  }
  for (const auto& node : selection.pointwise) indices.push_back(node->index);
  std::sort(indices.begin(), indices.end());
  return NewIntArray(indices.data(), indices.size());
}

std::string Reason(const TfLiteContext& context, int node_index,
                   const TfLiteNode& node, const Status& status) {
  const TfLiteTensor* output = TensorAt(context, At(node.outputs, 0));
  return Describe(node_index, output == nullptr ? "" : output->name) + ": " +
         status.message();
}

void ConsiderLayer(const TfLiteContext& context, int node_index,
                   const TfLiteNode& node, Selection* selection) {
  auto layer = std::make_unique<GraphLayer>();
  Status status = MatchConv1D(context, node_index, node, &layer->node);
  if (status.ok()) {
    const ValueRange range = selection->ranges.Of(layer->node.input);
    layer->node.spec.input_min = range.min;
    layer->node.spec.input_max = range.max;
    selection->tensors.insert(layer->node.output);
    selection->layers.push_back(std::move(layer));
  } else {
    selection->layers_left_out.push_back(
        Reason(context, node_index, node, status));
  }
}

void ConsiderPointwise(const TfLiteContext& context, int node_index,
                       const TfLiteNode& node,
                       const TfLiteRegistration& registration,
                       Selection* selection) {
  auto pointwise = std::make_unique<PointwiseNode>();
  Status status =
      MatchPointwise(context, node_index, node, registration, pointwise.get());
  if (status.ok()) {
    selection->tensors.insert(pointwise->output);
    selection->pointwise.push_back(std::move(pointwise));
  } else {
    selection->pointwise_left_out.push_back(
        Reason(context, node_index, node, status));
  }
}

// Nodes come in execution order, so that what a node reads is known here.
void Consider(const TfLiteContext& context, int node_index,
              const TfLiteNode& node, const TfLiteRegistration& registration,
              Selection* selection) {
  if (IsConv1D(context, node, registration)) {
    ConsiderLayer(context, node_index, node, selection);
  } else if (IsPointwise(registration) &&
             selection->tensors.count(At(node.inputs, 0)) != 0) {
    ConsiderPointwise(context, node_index, node, registration, selection);
  }
}

TfLiteStatus Select(TfLiteContext* context, Selection* selection) {
  TfLiteIntArray* plan = nullptr;
  TfLiteStatus result = context->GetExecutionPlan(context, &plan);
  if (result != kTfLiteOk) return result;
  for (int i = 0; i < plan->size; ++i) {
    TfLiteNode* node = nullptr;
    TfLiteRegistration* registration = nullptr;
    result = context->GetNodeAndRegistration(context, plan->data[i], &node,
                                             &registration);
    if (result != kTfLiteOk) return result;
    Consider(*context, plan->data[i], *node, *registration, selection);
    selection->ranges.Learn(*context, *node, *registration);
  }
  return kTfLiteOk;
}

}  // namespace

Delegate::Delegate(const Options& options)
    : options_(options), log_(options.log_level) {
  handle_.data_ = this;
  handle_.Prepare = Prepare;
  // Without it TFLite refuses us for a whole graph as soon as one of its
  // tensors gets its size at run time only. Our kernels follow any new size.
  handle_.flags = kTfLiteDelegateFlagsAllowDynamicTensors;
}

TfLiteStatus Delegate::Prepare(TfLiteContext* context, TfLiteDelegate* handle) {
  Delegate* delegate = From(handle);
  const std::lock_guard<std::mutex> lock(delegate->mutex_);
  const TfLiteStatus result = delegate->TakeNodes(context);
  delegate->graph_in_preparation_.reset();  // From here on the kernels own it.
  return result;
}

TfLiteStatus Delegate::TakeNodes(TfLiteContext* context) {
  Selection selection;
  TfLiteStatus result = Select(context, &selection);
  if (result != kTfLiteOk) return result;

  for (const auto* lines :
       {&selection.layers_left_out, &selection.pointwise_left_out}) {
    for (const std::string& line : *lines) log_.Info(line + "; left to TFLite");
  }
  if (options_.strict && !selection.layers_left_out.empty()) {
    const std::string message = "strict: " + selection.Summary() + "; " +
                                selection.layers_left_out.front();
    context->ReportError(context, "wqlite: %s\n", message.c_str());
    return kTfLiteError;
  }

  const IntArray nodes = NodeIndices(selection);
  if (nodes == nullptr) {
    context->ReportError(context, "wqlite: out of memory\n");
    return kTfLiteError;
  }
  const std::string summary = selection.Summary();
  graph_in_preparation_ = std::make_shared<Graph>(options_);
  for (auto& layer : selection.layers) {
    graph_in_preparation_->Add(std::move(layer));
  }
  const Status planned = graph_in_preparation_->PlanAll();
  if (!planned.ok()) {
    context->ReportError(context, "wqlite: %s\n", planned.message().c_str());
    return kTfLiteError;
  }
  for (auto& node : selection.pointwise) {
    log_.Info(Describe(node->index, node->name.c_str()) + ": " + node->op +
              (node->table.has_value() ? " as a table" : " as it is"));
    graph_in_preparation_->Add(std::move(node));
  }
  if (selection.layers_left_out.empty()) {
    log_.Info(summary);
  } else {
    log_.Warning(summary +
                 "; left out, first: " + selection.layers_left_out.front());
  }
  return context->ReplaceNodeSubsetsWithDelegateKernels(
      context, PartitionRegistration(), nodes.get(), handle());
}

}  // namespace wqlite
