#include "delegate/tflite/delegate.h"

#include <string>
#include <utility>
#include <vector>

#include "delegate/tflite/int_array.h"
#include "delegate/tflite/kernel.h"
#include "delegate/tflite/matcher.h"

namespace wqlite {
namespace {

// What became of the nodes of one graph.
struct Selection {
  std::vector<std::unique_ptr<GraphLayer>> taken;
  std::vector<std::string> left_out;  // "node 3 'conv': reason".

  std::string Summary() const {
    return "took " + std::to_string(taken.size()) + " of " +
           std::to_string(taken.size() + left_out.size()) + " Conv1D layers";
  }
};

IntArray NodeIndices(const Selection& selection) {
  std::vector<int> indices;
  for (const auto& layer : selection.taken) {
    indices.push_back(layer->node.index);
  }
  return NewIntArray(indices.data(), indices.size());
}

void Consider(const TfLiteContext& context, int node_index,
              const TfLiteNode& node, const TfLiteRegistration& registration,
              Selection* selection) {
  if (!IsConv1D(context, node, registration)) return;
  auto layer = std::make_unique<GraphLayer>();
  Status status = MatchConv1D(context, node_index, node, &layer->node);
  if (status.ok()) {
    selection->taken.push_back(std::move(layer));
    return;
  }
  const TfLiteTensor* output = TensorAt(context, node.outputs->data[0]);
  selection->left_out.push_back(Describe(node_index, output->name) + ": " +
                                status.message());
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
  const TfLiteStatus result = delegate->TakeConvolutions(context);
  delegate->graph_in_preparation_.reset();  // From here on the kernels own it.
  return result;
}

TfLiteStatus Delegate::TakeConvolutions(TfLiteContext* context) {
  Selection selection;
  TfLiteStatus result = Select(context, &selection);
  if (result != kTfLiteOk) return result;

  for (const std::string& line : selection.left_out) {
    log_.Info(line + "; left to TFLite");
  }
  if (options_.strict && !selection.left_out.empty()) {
    const std::string message =
        "strict: " + selection.Summary() + "; " + selection.left_out.front();
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
  for (auto& layer : selection.taken) {
    graph_in_preparation_->Add(std::move(layer));
  }
  graph_in_preparation_->PlanAll();
  if (selection.left_out.empty()) {
    log_.Info(summary);
  } else {
    log_.Warning(summary + "; left out, first: " + selection.left_out.front());
  }
  return context->ReplaceNodeSubsetsWithDelegateKernels(
      context, PartitionRegistration(), nodes.get(), handle());
}

}  // namespace wqlite
