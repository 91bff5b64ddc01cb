#include "delegate/tflite/pointwise.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

// TFLite's own kernels take up to 8.
constexpr int kMaxRank = 8;

struct Operands {
  const TfLiteContext& context;
  const TfLiteNode& node;
  const TfLiteTensor& input;
  const TfLiteTensor& output;
};

// Operators that only change the shape.

using Shape = PointwiseNode::Shape;

// Reads the second input: constant int32 values in at most one dimension.
Status ReadInts(const Operands& x, std::vector<int>* values) {
  const TfLiteTensor* tensor = TensorAt(x.context, At(x.node.inputs, 1));
  if (tensor == nullptr || tensor->dims == nullptr || tensor->dims->size > 1) {
    return Status::Error("its new shape is not a vector");
  }
  Status status = CheckType("new shape", *tensor, kTfLiteInt32);
  const int count = tensor->dims->size == 0 ? 1 : tensor->dims->data[0];
  if (status.ok() && (count < 0 || count > kMaxRank)) {
    status = Status::Error("its new shape has more than 8 dimensions");
  }
  if (status.ok()) {
    status = CheckConstant("new shape", *tensor, count * sizeof(int32_t));
  }
  if (!status.ok()) return status;
  values->resize(count);
  if (count > 0) {
    std::memcpy(values->data(), tensor->data.data, tensor->bytes);
  }
  return Status();
}

Status Squeeze(const Operands& x, std::vector<int>* axes) {
  const auto* params =
      static_cast<const TfLiteSqueezeParams*>(x.node.builtin_data);
  if (params == nullptr || params->num_squeeze_dims < 0 ||
      params->num_squeeze_dims > 8) {
    return Status::Error("it has no parameters");
  }
  axes->assign(params->squeeze_dims,
               params->squeeze_dims + params->num_squeeze_dims);
  return Status();
}

using ArgumentReader = Status (*)(const Operands&, std::vector<int>*);

// One operator: adding one is one row.
struct Row {
  TfLiteBuiltinOperator code;
  const char* name;
  Shape shape = Shape::kSame;  // kSame: a table.
  ArgumentReader read_argument = nullptr;
};

constexpr Row kRows[] = {
    {kTfLiteBuiltinLeakyRelu, "LEAKY_RELU"},
    {kTfLiteBuiltinRelu, "RELU"},
    {kTfLiteBuiltinRelu6, "RELU6"},
    {kTfLiteBuiltinReluN1To1, "RELU_N1_TO_1"},
    {kTfLiteBuiltinLogistic, "LOGISTIC"},
    {kTfLiteBuiltinTanh, "TANH"},
    {kTfLiteBuiltinElu, "ELU"},
    {kTfLiteBuiltinHardSwish, "HARD_SWISH"},
    {kTfLiteBuiltinQuantize, "QUANTIZE"},
    {kTfLiteBuiltinReshape, "RESHAPE", Shape::kReshape, ReadInts},
    {kTfLiteBuiltinExpandDims, "EXPAND_DIMS", Shape::kExpandDims, ReadInts},
    {kTfLiteBuiltinSqueeze, "SQUEEZE", Shape::kSqueeze, Squeeze},
};

const Row* FindRow(const TfLiteRegistration& registration) {
  for (const Row& row : kRows) {
    if (row.code == registration.builtin_code) return &row;
  }
  return nullptr;
}

Status MatchTable(TfLiteContext* context, const Operands& operands,
                  const TfLiteRegistration& registration,
                  PointwiseNode* pointwise) {
  Status status = CheckActivation("input", operands.input);
  if (status.ok()) status = CheckActivation("output", operands.output);
  if (!status.ok()) return status;
  return MakeTable(context, registration, operands.node.builtin_data,
                   operands.input, operands.output,
                   &pointwise->table.emplace());
}

Status MatchShape(const Operands& operands, const Row& row,
                  PointwiseNode* pointwise) {
  Status status = CheckType("input", operands.input, kTfLiteInt8);
  if (status.ok()) status = CheckType("output", operands.output, kTfLiteInt8);
  if (status.ok() && operands.output.is_variable) {
    status = Status::Error("its output is a variable");
  }
  if (!status.ok()) return status;
  pointwise->shape = row.shape;
  return row.read_argument(operands, &pointwise->shape_argument);
}

// Shapes. Each takes `dims` from the input's shape to the output's.

Status NotOfThisShape() {
  return Status::Error("its input does not fit the new shape");
}

Status Reshape(const std::vector<int>& shape, std::vector<int>* dims) {
  int64_t elements = 1;
  for (const int d : *dims) {
    if (d < 0 || __builtin_mul_overflow(elements, d, &elements)) {
      return NotOfThisShape();
    }
  }
  int64_t known = 1;
  for (const int d : shape) {
    if (d < -1) return NotOfThisShape();
    if (d != -1 && __builtin_mul_overflow(known, d, &known)) {
      return NotOfThisShape();
    }
    if (known > elements) return NotOfThisShape();
  }
  *dims = shape;
  const auto open = std::find(dims->begin(), dims->end(), -1);
  if (open != dims->end() && known > 0) {
    *open = static_cast<int>(elements / known);
    known *= *open;
  }
  const bool settled = std::find(dims->begin(), dims->end(), -1) == dims->end();
  return settled && known == elements ? Status() : NotOfThisShape();
}

Status ExpandDims(const std::vector<int>& argument, std::vector<int>* dims) {
  if (argument.size() != 1) return NotOfThisShape();
  const int rank = static_cast<int>(dims->size());
  const int axis = argument[0] < 0 ? argument[0] + rank + 1 : argument[0];
  if (axis < 0 || axis > rank) return NotOfThisShape();
  dims->insert(dims->begin() + axis, 1);
  return Status();
}

Status SqueezeDims(const std::vector<int>& axes, std::vector<int>* dims) {
  const int rank = static_cast<int>(dims->size());
  std::vector<bool> drop(rank);
  for (int axis : axes) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || (*dims)[axis] != 1) return NotOfThisShape();
    drop[axis] = true;
  }
  std::vector<int> kept;
  for (int axis = 0; axis < rank; ++axis) {
    const int d = (*dims)[axis];
    if (axes.empty() ? d != 1 : !drop[axis]) kept.push_back(d);
  }
  *dims = kept;
  return Status();
}

}  // namespace

bool IsPointwise(const TfLiteRegistration& registration) {
  return FindRow(registration) != nullptr;
}

Status MatchPointwise(TfLiteContext* context, int node_index,
                      const TfLiteNode& node,
                      const TfLiteRegistration& registration,
                      PointwiseNode* pointwise) {
  const Row& row = *FindRow(registration);
  const TfLiteTensor* input = TensorAt(*context, At(node.inputs, 0));
  const TfLiteTensor* output = TensorAt(*context, At(node.outputs, 0));
  if (input == nullptr || output == nullptr) {
    return Status::Error("its input or output is missing");
  }
  Status status = CheckComputed("output", *output);
  if (!status.ok()) return status;
  pointwise->index = node_index;
  pointwise->input = node.inputs->data[0];
  pointwise->output = node.outputs->data[0];
  pointwise->op = row.name;
  pointwise->name = NameOf(output);
  const Operands operands = {*context, node, *input, *output};
  return row.shape == Shape::kSame
             ? MatchTable(context, operands, registration, pointwise)
             : MatchShape(operands, row, pointwise);
}

Status OutputDims(const PointwiseNode& node, const TfLiteIntArray& dims,
                  std::vector<int>* output_dims) {
  if (dims.size > kMaxRank) {
    return Status::Error("its input has more than 8 dimensions");
  }
  output_dims->assign(dims.data, dims.data + dims.size);
  switch (node.shape) {
    case Shape::kSame:
      return Status();
    case Shape::kReshape:
      return Reshape(node.shape_argument, output_dims);
    case Shape::kExpandDims:
      return ExpandDims(node.shape_argument, output_dims);
    case Shape::kSqueeze:
      return SqueezeDims(node.shape_argument, output_dims);
  }
  return Status();
}

}  // namespace wqlite
