#include "delegate/tflite/graph.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "delegate/kernels/lookup_s8.h"
#include "delegate/plan/budget.h"
#include "delegate/tflite/tensors.h"
#include "delegate/tflite/verification.h"

namespace wqlite {
namespace {

// The least work that is worth waking a thread for.
constexpr size_t kPointwiseBlock = 16384;

bool SameShape(const Conv1DShape& a, const Conv1DShape& b) {
  return a.batch == b.batch && a.in_time == b.in_time &&
         a.out_time == b.out_time && a.pad_left == b.pad_left;
}

// "node 1 'conv': width 7 stride 1 250->250, 148->148 steps: kernel=direct
// tile=-: why". Tools read kernel= and tile=.
std::string PlanLine(const GraphLayer& layer) {
  const Conv1DSpec& spec = layer.node.spec;
  const Conv1DShape& shape = layer.node.shape;
  std::string line = Describe(layer.node) + ": width " +
                     std::to_string(spec.kernel_width) + " stride " +
                     std::to_string(spec.stride) + " " +
                     std::to_string(spec.in_channels) + "->" +
                     std::to_string(spec.out_channels);
  if (shape.out_time <= 0) return line + ": planned when its length is known";
  return line + ", " + std::to_string(shape.in_time) + "->" +
         std::to_string(shape.out_time) +
         " steps: kernel=" + layer.plan.kernel() +
         " tile=" + layer.plan.tile_name() + ": " + layer.plan.reason;
}

std::string LeftLine(const GraphNode& node, const std::string& why) {
  return Describe(node) + ": " + why + "; left to TFLite's own kernel";
}

}  // namespace

void Graph::Add(std::unique_ptr<GraphLayer> layer) {
  layers_.push_back(std::move(layer));
}

void Graph::Add(std::unique_ptr<PointwiseNode> node) {
  pointwise_.push_back(std::move(node));
}

GraphLayer* Graph::FindLayer(int node_index) const {
  for (const auto& layer : layers_) {
    if (layer->node.index == node_index) return layer.get();
  }
  return nullptr;
}

PointwiseNode* Graph::FindPointwise(int node_index) const {
  for (const auto& node : pointwise_) {
    if (node->index == node_index) return node.get();
  }
  return nullptr;
}

Status Graph::PlanAll() {
  Status status = CheckOverrides();
  if (!status.ok()) return status;
  std::vector<GraphLayer*> layers;
  for (const auto& layer : layers_) layers.push_back(layer.get());
  return Plan(layers);
}

Status Graph::Plan(const std::vector<GraphLayer*>& layers) {
  const auto is_due = [&layers](const GraphLayer* layer) {
    return !layer->planned &&
           std::find(layers.begin(), layers.end(), layer) != layers.end();
  };
  const auto has_shape = [](const GraphLayer* layer) {
    return layer->node.shape.out_time > 0;
  };
  std::vector<Layer> inputs;
  for (const auto& layer : layers_) {
    const auto request = options_.overrides.find(layer->node.index);
    inputs.push_back(
        {&layer->node.spec, layer->node.shape, &layer->node.weights,
         request == options_.overrides.end() ? nullptr : &request->second});
  }
  const size_t budget = MemoryBudget(inputs, options_.plan);
  size_t weights = 0;
  for (const Layer& layer : inputs) weights += CountWeights(*layer.spec);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const GraphLayer* layer = layers_[i].get();
    if (is_due(layer) && has_shape(layer)) continue;
    inputs[i].reserved =
        Reserved(*layer, static_cast<double>(budget) / weights);
  }
  std::vector<wqlite::Plan> plans = PlanModel(inputs, options_.plan);
  bool changed = false;
  for (size_t i = 0; i < inputs.size(); ++i) {
    GraphLayer* layer = layers_[i].get();
    if (!is_due(layer)) continue;
    if (has_shape(layer)) {
      layer->plan = std::move(plans[i]);
      layer->planned = true;
      changed = true;
    }
    if (!layer->plan.refusal.empty()) {
      Status status =
          Refuse(Describe(layer->node) + ": " + layer->plan.refusal);
      if (!status.ok()) return status;
    }
    log_.Info(PlanLine(*layer));
  }
  if (changed) log_.Info("plan: override=" + PlanAsOption());
  return Status();
}

size_t Graph::Reserved(const GraphLayer& layer,
                       double budget_per_weight) const {
  const size_t taken = layer.planned ? layer.plan.ahead_bytes() : 0;
  if (layer.op != nullptr) return taken;
  const double share = budget_per_weight * CountWeights(layer.node.spec);
  return std::max(taken, static_cast<size_t>(share));
}

void Graph::FollowThreads(int interpreter_threads) {
  const int threads = std::clamp(
      options_.num_threads.value_or(interpreter_threads), 1, kMaxThreads);
  if (pool_ != nullptr && threads == options_.plan.threads) return;
  pool_ = pools_->OfThreads(threads);
  options_.plan.threads = threads;
  for (const auto& layer : layers_) {
    layer->planned = false;
    layer->op.reset();
  }
}

Status Graph::CheckOverrides() const {
  for (const auto& [node, request] : options_.overrides) {
    if (FindLayer(node) != nullptr) continue;
    Status status = Refuse("override: node " + std::to_string(node) +
                           " is not a Conv1D that was taken; log_level=info "
                           "lists those that were");
    if (!status.ok()) return status;
  }
  return Status();
}

Status Graph::Refuse(const std::string& sentence) const {
  if (options_.strict) return Status::Error("strict: " + sentence);
  log_.Warning(sentence);
  return Status();
}

Status Graph::LeaveToTFLite(const Status& why, GraphNode* node) const {
  Status status = Refuse(LeftLine(*node, why.message()));
  if (status.ok()) node->left_to_tflite = why.message();
  return status;
}

std::string Graph::PlanText() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (layers_.empty()) return "";
  std::string text;
  for (const auto& layer : layers_) {
    const std::string& why = layer->node.left_to_tflite;
    text +=
        (why.empty() ? PlanLine(*layer) : LeftLine(layer->node, why)) + "\n";
  }
  return text + "override=" + PlanAsOption() + "\n";
}

std::string Graph::PlanAsOption() const {
  std::string text;
  for (const auto& layer : layers_) {
    if (!layer->planned) continue;
    text += (text.empty() ? "" : "+") + std::to_string(layer->node.index) +
            "=" + AsRequest(layer->plan);
  }
  return text;
}

Status Graph::Resize(const TfLiteIntArray& dims, GraphLayer* layer) {
  const Conv1DShape shape = layer->node.shape;
  const int time_axis = layer->node.time_axis;
  Status status = FitShape(dims, &layer->node);
  if (status.ok() && layer->node.shape.out_time <= 0) {
    status = Status::Error("its filter is longer than its unpadded input");
  }
  if (!status.ok()) layer->node.shape = Conv1DShape();
  if (!status.ok() || time_axis != layer->node.time_axis ||
      !SameShape(shape, layer->node.shape)) {
    layer->planned = false;
    layer->op.reset();
  }
  return status;
}

Status Graph::Build(GraphLayer* layer) {
  if (layer->op != nullptr) return Status();
  Status status = Conv1D::Create(layer->node.spec, layer->node.shape,
                                 layer->node.weights, layer->plan, &layer->op);
  if (!status.ok()) return status;
  if (layer->plan.scratch_bytes <= scratch_bytes_) return Status();
  Buffer<std::byte> larger;
  if (!larger.Allocate(layer->plan.scratch_bytes)) {
    layer->op.reset();
    return Status::Error("out of memory for its working memory of " +
                         std::to_string(layer->plan.scratch_bytes) + " bytes");
  }
  scratch_ = std::move(larger);
  scratch_bytes_ = layer->plan.scratch_bytes;
  return Status();
}

Status Graph::Verify(TfLiteContext* context, const GraphLayer& layer) {
  size_t bytes = 0;
  Status status =
      VerifyLayer(context, options_.verification, layer, this, &bytes);
  if (status.ok() && bytes > 0) {
    log_.Info("verify: " + Describe(layer.node) + ": " + std::to_string(bytes) +
              " bytes equal those of TFLite's own kernel");
  }
  return status;
}

void Graph::Run(const GraphLayer& layer, const int8_t* input, int8_t* output) {
  layer.op->Run(input, output, scratch_.data(), pool_.get());
}

void Graph::Run(const PointwiseNode& node, const int8_t* input, size_t count,
                int8_t* output) {
  if (!node.table.has_value()) {
    if (output != input) std::memcpy(output, input, count);
    return;
  }
  const int8_t* table = node.table->data();
  const LookupS8Kernel& kernel = BestLookupS8();
  const size_t blocks = (count + kPointwiseBlock - 1) / kPointwiseBlock;
  pool_->ParallelFor(static_cast<int>(blocks), [&](int begin, int end, int) {
    const size_t first = begin * kPointwiseBlock;
    const size_t last = std::min(end * kPointwiseBlock, count);
    kernel.run(table, input + first, last - first, output + first);
  });
}

}  // namespace wqlite
