#include "delegate/tflite/ranges.h"

#include <algorithm>

#include "delegate/tflite/lookup_table.h"
#include "delegate/tflite/matcher.h"
#include "delegate/tflite/pointwise.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// Operators whose output holds values of the first input, at other places.
bool OnlyMoves(const TfLiteRegistration& registration) {
  switch (registration.builtin_code) {
    case kTfLiteBuiltinReshape:
    case kTfLiteBuiltinExpandDims:
    case kTfLiteBuiltinSqueeze:
    case kTfLiteBuiltinTranspose:
    case kTfLiteBuiltinStridedSlice:
    case kTfLiteBuiltinBatchToSpaceNd:
      return true;
    default:
      return false;
  }
}

// The same, and zeros between and around them.
bool MovesAndPads(const TfLiteRegistration& registration) {
  return registration.builtin_code == kTfLiteBuiltinPad ||
         registration.builtin_code == kTfLiteBuiltinSpaceToBatchNd;
}

ValueRange With(const ValueRange& range, int32_t value) {
  return {std::min(range.min, value), std::max(range.max, value)};
}

// What a table makes of the values in a range.
ValueRange Mapped(const LookupTable& table, const ValueRange& range) {
  ValueRange mapped = {127, -128};
  for (int32_t q = range.min; q <= range.max; ++q) {
    mapped = With(mapped, table[static_cast<uint8_t>(q)]);
  }
  return mapped;
}

}  // namespace

void ValueRanges::Learn(const TfLiteContext& context, const TfLiteNode& node,
                        const TfLiteRegistration& registration) {
  const TfLiteTensor* output = TensorAt(context, At(node.outputs, 0));
  if (output == nullptr || output->type != kTfLiteInt8) return;
  const ValueRange input = Of(At(node.inputs, 0));
  ValueRange range;
  if (registration.builtin_code == kTfLiteBuiltinConv2d) {
    if (!ConvOutputRange(context, node, &range.min, &range.max).ok()) return;
  } else if (OnlyMoves(registration)) {
    range = input;
  } else if (MovesAndPads(registration)) {
    range = With(input, output->params.zero_point);
  } else if (IsPointwise(registration)) {
    PointwiseNode pointwise;
    const Status status =
        MatchPointwise(context, 0, node, registration, &pointwise);
    if (!status.ok() || !pointwise.table.has_value()) return;
    range = Mapped(*pointwise.table, input);
  } else {
    return;
  }
  ranges_[At(node.outputs, 0)] = range;
}

ValueRange ValueRanges::Of(int tensor) const {
  const auto it = ranges_.find(tensor);
  return it == ranges_.end() ? ValueRange() : it->second;
}

}  // namespace wqlite
