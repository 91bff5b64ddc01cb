#include "delegate/tflite/ranges.h"

#include <algorithm>
#include <cstdint>

#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// A node whose first output is int8.
struct Operator {
  const ValueRanges& ranges;
  const TfLiteContext& context;
  const TfLiteNode& node;
  const TfLiteTensor& output;

  const TfLiteTensor* Input(int i) const {
    return TensorAt(context, At(node.inputs, i));
  }
};

// What an operator can give.
using Rule = ValueRange (*)(const Operator&);

ValueRange With(const ValueRange& range, int32_t value) {
  return {std::min(range.min, value), std::max(range.max, value)};
}

ValueRange Union(const ValueRange& a, const ValueRange& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

bool SameQuantisation(const TfLiteTensor& a, const TfLiteTensor& b) {
  return a.params.scale == b.params.scale &&
         a.params.zero_point == b.params.zero_point;
}

// What the activation that is fused into an operator lets pass.
template <class Params>
ValueRange Fused(const Operator& op) {
  ValueRange range;
  const auto* params = static_cast<const Params*>(op.node.builtin_data);
  const bool known =
      params != nullptr && CheckActivation("output", op.output).ok() &&
      FusedActivation(params->activation, op.output, &range.min, &range.max)
          .ok();
  return known ? range : ValueRange();
}

// Values of the i-th input, at other places.
ValueRange MovedFrom(const Operator& op, int i) {
  const TfLiteTensor* input = op.Input(i);
  if (input == nullptr || input->type != kTfLiteInt8) return ValueRange();
  return op.ranges.Of(op.node.inputs->data[i]);
}

ValueRange Moved(const Operator& op) { return MovedFrom(op, 0); }

// The same, and real zeros around them, or the values of a third input.
ValueRange Padded(const Operator& op) {
  if (At(op.node.inputs, 2) == kTfLiteOptionalTensor) {
    return With(Moved(op), op.output.params.zero_point);
  }
  const TfLiteTensor* value = op.Input(2);
  const bool known = value != nullptr && value->type == kTfLiteInt8 &&
                     CheckConstant("padding", *value, 1).ok();
  if (!known) return ValueRange();
  return With(Moved(op), *static_cast<const int8_t*>(value->data.data));
}

// SPACE_TO_BATCH_ND's third input is not what it pads with.
ValueRange PaddedWithZero(const Operator& op) {
  return With(Moved(op), op.output.params.zero_point);
}

// Values of all inputs, none of which TFLite rescales.
ValueRange Joined(const Operator& op) {
  ValueRange range = {127, -128};
  const int count = op.node.inputs == nullptr ? 0 : op.node.inputs->size;
  for (int i = 0; i < count; ++i) {
    const TfLiteTensor* input = op.Input(i);
    if (input == nullptr || !SameQuantisation(*input, op.output)) {
      return ValueRange();
    }
    range = Union(range, MovedFrom(op, i));
  }
  return count == 0 ? ValueRange() : range;
}

// Averages and largest of some values lie between these.
ValueRange Pooled(const Operator& op) {
  const TfLiteTensor* input = op.Input(0);
  if (input == nullptr || !SameQuantisation(*input, op.output)) {
    return ValueRange();
  }
  const ValueRange range = Moved(op);
  const ValueRange clamp = Fused<TfLitePoolParams>(op);
  return {std::clamp(range.min, clamp.min, clamp.max),
          std::clamp(range.max, clamp.min, clamp.max)};
}

// What a table makes of the values in a range.
ValueRange Mapped(const LookupTable& table, const ValueRange& range) {
  ValueRange mapped = {127, -128};
  for (int32_t q = range.min; q <= range.max; ++q) {
    mapped = With(mapped, table[static_cast<uint8_t>(q)]);
  }
  return mapped;
}

struct Row {
  TfLiteBuiltinOperator code;
  Rule rule;
};

constexpr Row kRows[] = {
    {kTfLiteBuiltinConv2d, Fused<TfLiteConvParams>},
    {kTfLiteBuiltinDepthwiseConv2d, Fused<TfLiteDepthwiseConvParams>},
    {kTfLiteBuiltinFullyConnected, Fused<TfLiteFullyConnectedParams>},
    {kTfLiteBuiltinAdd, Fused<TfLiteArithmeticParams>},
    {kTfLiteBuiltinSub, Fused<TfLiteArithmeticParams>},
    {kTfLiteBuiltinMul, Fused<TfLiteArithmeticParams>},
    {kTfLiteBuiltinAveragePool2d, Pooled},
    {kTfLiteBuiltinMaxPool2d, Pooled},
    {kTfLiteBuiltinConcatenation, Joined},
    {kTfLiteBuiltinReshape, Moved},
    {kTfLiteBuiltinExpandDims, Moved},
    {kTfLiteBuiltinSqueeze, Moved},
    {kTfLiteBuiltinTranspose, Moved},
    {kTfLiteBuiltinStridedSlice, Moved},
    {kTfLiteBuiltinTile, Moved},
    {kTfLiteBuiltinBatchToSpaceNd, Moved},
    {kTfLiteBuiltinPad, Padded},
    {kTfLiteBuiltinPadv2, Padded},
    {kTfLiteBuiltinSpaceToBatchNd, PaddedWithZero},
};

Rule RuleOf(const TfLiteRegistration& registration) {
  for (const Row& row : kRows) {
    if (row.code == registration.builtin_code) return row.rule;
  }
  return nullptr;
}

}  // namespace

void ValueRanges::Learn(const TfLiteContext& context, const TfLiteNode& node,
                        const TfLiteRegistration& registration,
                        const LookupTable* table) {
  const TfLiteTensor* output = TensorAt(context, At(node.outputs, 0));
  if (output == nullptr || output->type != kTfLiteInt8) return;
  const Operator op = {*this, context, node, *output};
  if (table != nullptr) {
    ranges_[node.outputs->data[0]] = Mapped(*table, Moved(op));
  } else if (const Rule rule = RuleOf(registration)) {
    ranges_[node.outputs->data[0]] = rule(op);
  }
}

ValueRange ValueRanges::Of(int tensor) const {
  const auto it = ranges_.find(tensor);
  return it == ranges_.end() ? ValueRange() : it->second;
}

}  // namespace wqlite
