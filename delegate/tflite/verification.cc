#include "delegate/tflite/verification.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/conv1d/conv1d.h"
#include "delegate/plan/plan.h"
#include "delegate/tflite/graph.h"
#include "delegate/tflite/kernel_trial.h"
#include "delegate/tflite/lent_scales.h"
#include "delegate/tflite/tensors.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {
namespace {

constexpr int kMaxTemporaries = 4;  // For im2col and the like.

// What kQuick runs.
constexpr int kQuickChannels = 8;  // And what the last group of 8 has beside.
constexpr int kQuickSteps = 5;     // Of the output, at least.

// Signals of a layer.
enum class Signal { kRandom, kEnds, kLow, kHigh };

// Some output channels of a layer, or all, on an input that may be shorter.
struct Part {
  Conv1DSpec spec;
  Conv1DShape shape;
  int first_channel = 0;
  std::vector<int> input_dims;
  std::vector<int> output_dims;
};

Part WholeOf(const ConvNode& layer) {
  const int(&in)[4] = layer.input_dims;
  const int(&out)[4] = layer.output_dims;
  return {layer.spec, layer.shape, 0, {in, in + 4}, {out, out + 4}};
}

Part QuickPartOf(const ConvNode& layer) {
  Part part;
  part.spec = layer.spec;
  Conv1DSpec& spec = part.spec;
  // Whole groups of 8 channels, as the operator has them.
  part.first_channel = std::max(spec.out_channels - kQuickChannels, 0) / 8 * 8;
  spec.out_channels -= part.first_channel;
  const auto drop = [&](std::vector<int32_t>* values) {
    values->erase(values->begin(), values->begin() + part.first_channel);
  };
  drop(&spec.multiplier);
  drop(&spec.shift);
  spec.filter +=
      ptrdiff_t{part.first_channel} * spec.kernel_width * spec.in_channels;
  if (spec.bias != nullptr) spec.bias += part.first_channel;

  // Never one step of one signal, where it is more in the layer: TFLite has
  // another kernel for that.
  const int64_t reach = int64_t{spec.kernel_width - 1} * spec.dilation + 1;
  const int64_t time = reach + int64_t{kQuickSteps - 1} * spec.stride;
  part.shape = ComputeShape(
      layer.padding, std::min(layer.shape.batch, 2),
      static_cast<int>(std::min<int64_t>(layer.shape.in_time, time)), spec);
  part.input_dims = {part.shape.batch, 1, 1, spec.in_channels};
  part.input_dims[layer.time_axis] = part.shape.in_time;
  part.output_dims = {part.shape.batch, 1, 1, spec.out_channels};
  part.output_dims[layer.time_axis] = part.shape.out_time;
  return part;
}

size_t Elements(const std::vector<int>& dims) {
  size_t elements = 1;
  for (const int d : dims) elements *= static_cast<size_t>(d);
  return elements;
}

void Draw(Signal signal, const Conv1DSpec& spec, std::minstd_rand* random,
          int8_t* values, size_t count) {
  const auto low = static_cast<int8_t>(spec.input_min);
  const auto high = static_cast<int8_t>(spec.input_max);
  const unsigned size = static_cast<unsigned>(high - low + 1);
  std::generate_n(values, count, [&]() -> int8_t {
    switch (signal) {
      case Signal::kRandom:
        // The upper bits of this generator are the better ones.
        return static_cast<int8_t>(low + ((*random)() >> 8) % size);
      case Signal::kEnds:
        return ((*random)() >> 8) % 2 == 0 ? low : high;
      case Signal::kLow:
        return low;
      case Signal::kHigh:
        return high;
    }
    return 0;
  });
}

// Gives the trial the part's operands.
Status Prepare(const ConvNode& layer, const Part& part,
               const TfLiteTensor& input, const TfLiteTensor& filter,
               const TfLiteTensor* bias, const TfLiteTensor& output,
               const int8_t* values, KernelTrial* trial) {
  const Conv1DSpec& spec = part.spec;
  Status status = trial->AddInput(input, part.input_dims, values);
  if (status.ok()) {
    status = trial->AddInput(filter,
                             {spec.out_channels, layer.filter_size[1],
                              layer.filter_size[2], spec.in_channels},
                             spec.filter);
  }
  if (status.ok() && spec.bias != nullptr) {
    status = trial->AddInput(*bias, {spec.out_channels}, spec.bias);
  }
  return status.ok() ? trial->Prepare(output, part.output_dims) : status;
}

// What runs the part on our side: input, output.
using Ours = std::function<void(const int8_t*, int8_t*)>;

// Compares both sides on some signals.
Status Compare(TfLiteContext* context, const ConvNode& layer, const Part& part,
               bool is_whole, const std::vector<Signal>& signals,
               const Ours& ours, size_t* compared) {
  const TfLiteNode& node = layer.original.node();
  const TfLiteTensor& input = *TensorAt(*context, layer.input);
  const TfLiteTensor& filter = *TensorAt(*context, At(node.inputs, 1));
  const TfLiteTensor& output = *TensorAt(*context, layer.output);
  const TfLiteFloatArray& all = *AffineQuantization(filter)->scale;
  LentScales scales(all.size == 1 || is_whole ? 1 : part.spec.out_channels);
  const float* first = all.data + (all.size == 1 ? 0 : part.first_channel);
  std::copy_n(first, scales.size(), scales.data());
  const size_t read = Elements(part.input_dims);
  const size_t made = Elements(part.output_dims);
  Buffer<int8_t> values, bytes;
  if (!values.Allocate(read) || !bytes.Allocate(made)) {
    return Status::Error("out of memory for comparing it with TFLite's kernel");
  }
  KernelTrial trial(context, layer.original.registration(), node.builtin_data,
                    kMaxTemporaries);
  Status status = Prepare(
      layer, part, input, is_whole ? filter : scales.TensorOf(kTfLiteInt8),
      TensorAt(*context, At(node.inputs, 2)), output, values.data(), &trial);
  std::minstd_rand random(1);
  size_t differing = 0;
  for (const Signal signal : signals) {
    Draw(signal, part.spec, &random, values.data(), read);
    if (status.ok()) status = trial.Invoke();
    if (!status.ok()) return status;
    if (trial.output_bytes() != made) {
      return Status::Error("TFLite's kernel makes an output of another size");
    }
    ours(values.data(), bytes.data());
    for (size_t i = 0; i < made; ++i) {
      differing += bytes.data()[i] != trial.output()[i];
    }
  }
  *compared = made * signals.size();
  if (differing == 0) return Status();
  return Status::Error(std::to_string(differing) + " of " +
                       std::to_string(*compared) +
                       " bytes differ from those of TFLite's own kernel");
}

Status VerifyWhole(TfLiteContext* context, const GraphLayer& layer,
                   Graph* graph, size_t* bytes) {
  return Compare(
      context, layer.node, WholeOf(layer.node), /*is_whole=*/true,
      {Signal::kRandom, Signal::kEnds, Signal::kLow, Signal::kHigh},
      [&](const int8_t* input, int8_t* output) {
        graph->Run(layer, input, output);
      },
      bytes);
}

Status VerifyPart(TfLiteContext* context, const GraphLayer& layer,
                  size_t* bytes) {
  const Part part = QuickPartOf(layer.node);
  PlanOptions options;
  ParseKernelRequest(AsRequest(layer.plan), &options);
  WeightStats weights;
  Status status = weights.Measure(part.spec);
  if (!status.ok()) return status;
  const Plan plan = PlanConv1D(part.spec, part.shape, weights, options);
  std::unique_ptr<Conv1D> op;
  status = Conv1D::Create(part.spec, part.shape, weights, plan, &op);
  if (!status.ok()) return status;
  Buffer<std::byte> scratch;
  if (!scratch.Allocate(plan.scratch_bytes)) {
    return Status::Error("out of memory for comparing it with TFLite's kernel");
  }
  return Compare(
      context, layer.node, part, /*is_whole=*/false,
      {Signal::kRandom, Signal::kEnds},
      [&](const int8_t* input, int8_t* output) {
        op->Run(input, output, scratch.data(), /*pool=*/nullptr);
      },
      bytes);
}

}  // namespace

Status VerifyLayer(TfLiteContext* context, Verification verification,
                   const GraphLayer& layer, Graph* graph, size_t* bytes) {
  switch (verification) {
    case Verification::kOff:
      return Status();
    case Verification::kQuick:
      return VerifyPart(context, layer, bytes);
    case Verification::kFull:
      return VerifyWhole(context, layer, graph, bytes);
  }
  return Status();
}

}  // namespace wqlite
