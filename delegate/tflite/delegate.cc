#include "delegate/tflite/delegate.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "delegate/tflite/dataflow.h"
#include "delegate/tflite/fail.h"
#include "delegate/tflite/guarded.h"
#include "delegate/tflite/int_array.h"
#include "delegate/tflite/kernel.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/pointwise.h"
#include "delegate/tflite/ranges.h"
#include "delegate/tflite/rounding_probe.h"
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
  std::set<int> indices;
  for (const auto& layer : selection.layers) indices.insert(layer->node.index);
  for (const auto& node : selection.pointwise) indices.insert(node->index);
  const std::vector<int> sorted(indices.begin(), indices.end());
  return NewIntArray(sorted.data(), sorted.size());
}

std::string Reason(const TfLiteContext& context, const PlannedNode& planned,
                   const Status& status) {
  const TfLiteTensor* output = TensorAt(context, At(planned.node->outputs, 0));
  return Describe(planned.index, NameOf(output)) + ": " + status.message();
}

void ConsiderLayer(const TfLiteContext& context, const PlannedNode& planned,
                   const Status& order, RoundingProbe* probe,
                   Selection* selection) {
  auto layer = std::make_unique<GraphLayer>();
  Status status = order;
  if (status.ok()) {
    status = MatchConv1D(context, planned.index, *planned.node, &layer->node);
  }
  if (status.ok()) {
    status = probe->Ask(*planned.registration, &layer->node.spec.rounding);
  }
  if (status.ok()) {
    layer->node.original.Remember(*planned.node, *planned.registration);
    const ValueRange range = selection->ranges.Of(layer->node.input);
    layer->node.spec.input_min = range.min;
    layer->node.spec.input_max = range.max;
    selection->tensors.insert(layer->node.output);
    selection->layers.push_back(std::move(layer));
  } else {
    selection->layers_left_out.push_back(Reason(context, planned, status));
  }
}

// Taken only where it reads what a taken node makes; what it does to values is
// good to know in any case.
void ConsiderPointwise(TfLiteContext* context, const PlannedNode& planned,
                       Selection* selection) {
  auto pointwise = std::make_unique<PointwiseNode>();
  const Status status = MatchPointwise(context, planned.index, *planned.node,
                                       *planned.registration, pointwise.get());
  const bool is_table = status.ok() && pointwise->table.has_value();
  selection->ranges.Learn(*context, *planned.node, *planned.registration,
                          is_table ? &*pointwise->table : nullptr);
  if (selection->tensors.count(At(planned.node->inputs, 0)) == 0) return;
  if (status.ok()) {
    pointwise->original.Remember(*planned.node, *planned.registration);
    selection->tensors.insert(pointwise->output);
    selection->pointwise.push_back(std::move(pointwise));
  } else {
    selection->pointwise_left_out.push_back(Reason(*context, planned, status));
  }
}

// Nodes come in execution order, so that what a node reads is known here.
// `order`: what CheckDataflow says of them.
void Consider(TfLiteContext* context, const PlannedNode& planned,
              const Status& order, RoundingProbe* probe, Selection* selection) {
  if (IsPointwise(*planned.registration)) {
    ConsiderPointwise(context, planned, selection);
    return;
  }
  if (IsConv1D(*context, *planned.node, *planned.registration)) {
    ConsiderLayer(*context, planned, order, probe, selection);
  }
  selection->ranges.Learn(*context, *planned.node, *planned.registration,
                          /*table=*/nullptr);
}

TfLiteStatus ReadPlan(TfLiteContext* context, std::vector<PlannedNode>* nodes) {
  TfLiteIntArray* plan = nullptr;
  TfLiteStatus result = context->GetExecutionPlan(context, &plan);
  if (result != kTfLiteOk) return result;
  for (int i = 0; i < plan->size; ++i) {
    TfLiteNode* node = nullptr;
    TfLiteRegistration* registration = nullptr;
    result = context->GetNodeAndRegistration(context, plan->data[i], &node,
                                             &registration);
    if (result != kTfLiteOk) return result;
    nodes->push_back({plan->data[i], node, registration});
  }
  return kTfLiteOk;
}

TfLiteStatus Select(TfLiteContext* context, RoundingProbe* probe,
                    Selection* selection) {
  std::vector<PlannedNode> nodes;
  const TfLiteStatus result = ReadPlan(context, &nodes);
  if (result != kTfLiteOk) return result;
  const Status order = CheckDataflow(*context, nodes);
  for (const PlannedNode& planned : nodes) {
    Consider(context, planned, order, probe, selection);
  }
  return kTfLiteOk;
}

}  // namespace

Delegate::Delegate(const Options& options, Status refusal)
    : options_(options), refusal_(std::move(refusal)), log_(options.log_level) {
  handle_.data_ = this;
  handle_.Prepare = Prepare;
  // Without it TFLite refuses us for a whole graph as soon as one of its
  // tensors gets its size at run time only. Our kernels follow any new size.
  handle_.flags = kTfLiteDelegateFlagsAllowDynamicTensors;
}

TfLiteDelegate* Delegate::New(const Options& options, Status refusal) {
  return (new Delegate(options, std::move(refusal)))->handle();
}

void Delegate::Release(TfLiteDelegate* handle) {
  if (handle == nullptr || From(handle) == nullptr) return;
  Delegate* delegate = From(handle);
  if (delegate->HasGraphs()) {
    // A list, so that a leak checker finds them.
    static std::atomic<Delegate*> kept{nullptr};
    delegate->next_kept_ = kept.exchange(delegate);
  } else {
    delete delegate;
  }
}

TfLiteStatus Delegate::Prepare(TfLiteContext* context, TfLiteDelegate* handle) {
  Delegate* delegate = From(handle);
  if (!delegate->refusal_.ok()) return Fail(context, delegate->refusal_);
  const std::lock_guard<std::mutex> lock(delegate->mutex_);
  const TfLiteStatus result =
      Guarded(context, [&] { return delegate->TakeNodes(context); });
  delegate->graph_in_preparation_.reset();  // From here on the kernels own it.
  return result;
}

void Delegate::Watch(const std::shared_ptr<Graph>& graph) {
  const auto is_gone = [](const auto& watched) { return watched.expired(); };
  graphs_.erase(std::remove_if(graphs_.begin(), graphs_.end(), is_gone),
                graphs_.end());
  graphs_.push_back(graph);
}

bool Delegate::HasGraphs() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::any_of(graphs_.begin(), graphs_.end(),
                     [](const auto& watched) { return !watched.expired(); });
}

std::string Delegate::PlanText() {
  std::vector<std::weak_ptr<Graph>> graphs;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    graphs = graphs_;
  }
  std::string text;
  for (const auto& watched : graphs) {
    const std::shared_ptr<Graph> graph = watched.lock();
    if (graph != nullptr) text += graph->PlanText();
  }
  return text;
}

TfLiteStatus Delegate::TakeNodes(TfLiteContext* context) {
  Selection selection;
  RoundingProbe probe(context, options_.rounding, log_);
  TfLiteStatus result = Select(context, &probe, &selection);
  if (result != kTfLiteOk) return result;

  for (const auto* lines :
       {&selection.layers_left_out, &selection.pointwise_left_out}) {
    for (const std::string& line : *lines) log_.Info(line + "; left to TFLite");
  }
  if (options_.strict && !selection.layers_left_out.empty()) {
    const std::string message = "strict: " + selection.Summary() + "; " +
                                selection.layers_left_out.front();
    return Fail(context, Status::Error(message));
  }

  const IntArray nodes = NodeIndices(selection);
  if (nodes == nullptr) throw std::bad_alloc();
  const std::string summary = selection.Summary();
  graph_in_preparation_ = std::make_shared<Graph>(
      options_, context->recommended_num_threads, pools_);
  for (auto& layer : selection.layers) {
    graph_in_preparation_->Add(std::move(layer));
  }
  const Status planned = graph_in_preparation_->PlanAll();
  if (!planned.ok()) return Fail(context, planned);
  for (auto& node : selection.pointwise) {
    log_.Info(Describe(*node) + ": " + node->op +
              (node->table.has_value() ? " as a table" : " as it is"));
    graph_in_preparation_->Add(std::move(node));
  }
  if (selection.layers_left_out.empty()) {
    log_.Info(summary);
  } else {
    log_.Warning(summary +
                 "; left out, first: " + selection.layers_left_out.front());
  }
  if (nodes->size == 0) return kTfLiteOk;
  Watch(graph_in_preparation_);
  return context->ReplaceNodeSubsetsWithDelegateKernels(
      context, PartitionRegistration(), nodes.get(), handle());
}

}  // namespace wqlite
