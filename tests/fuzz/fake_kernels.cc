#include "tests/fuzz/fake_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/tflite/int_array.h"
#include "tests/delegate/reference.h"

namespace wqlite {
namespace {

constexpr int64_t kMostProducts = 1 << 20;

using Dims = std::vector<int>;

RoundingRules rounding_rules;  // Kernels get no argument of ours.

TfLiteTensor* Tensor(TfLiteContext* context, const TfLiteIntArray* indices,
                     int i) {
  if (i >= indices->size || indices->data[i] < 0) return nullptr;
  return &context->tensors[indices->data[i]];
}

bool IsInt8(const TfLiteTensor* tensor) {
  return tensor != nullptr && tensor->type == kTfLiteInt8;
}

int64_t Count(const TfLiteTensor& tensor) {
  int64_t count = 1;
  for (int i = 0; i < tensor.dims->size; ++i) count *= tensor.dims->data[i];
  return count;
}

Dims DimsOf(const TfLiteTensor& tensor) {
  return Dims(tensor.dims->data, tensor.dims->data + tensor.dims->size);
}

// The values of a constant INT32 tensor; empty where it is something else.
std::vector<int32_t> Constant(const TfLiteTensor* tensor) {
  if (tensor == nullptr || tensor->type != kTfLiteInt32 ||
      tensor->allocation_type != kTfLiteMmapRo ||
      static_cast<int64_t>(tensor->bytes) !=
          Count(*tensor) * ptrdiff_t{sizeof(int32_t)}) {
    return {};
  }
  std::vector<int32_t> values(tensor->bytes / sizeof(int32_t));
  if (values.empty()) return values;
  std::memcpy(values.data(), tensor->data.data, tensor->bytes);
  return values;
}

TfLiteStatus Resize(TfLiteContext* context, TfLiteTensor* tensor,
                    const Dims& dims) {
  return context->ResizeTensor(context, tensor,
                               NewIntArray(dims.data(), dims.size()).release());
}

const int8_t* Input(const TfLiteTensor& tensor) {
  return static_cast<const int8_t*>(tensor.data.data);
}

int8_t* Output(TfLiteTensor* tensor) {
  return static_cast<int8_t*>(tensor->data.data);
}

// CONV_2D

// One axis of a convolution.
struct Axis {
  int64_t in = 0;
  int64_t taps = 0;
  int64_t stride = 0;
  int64_t dilation = 0;
  int64_t out = 0;
  int64_t pad = 0;

  // TFLite's ComputePaddingHeightWidth.
  bool Fit(TfLitePadding padding) {
    // TFLite keeps them in int16.
    constexpr int64_t kMost = INT16_MAX;
    if (stride < 1 || dilation < 1 || stride > kMost || dilation > kMost) {
      return false;
    }
    const int64_t reach = (taps - 1) * dilation + 1;
    if (padding == kTfLitePaddingSame) {
      out = (in + stride - 1) / stride;
    } else if (padding == kTfLitePaddingValid) {
      out = (in - reach + stride) / stride;
    } else {
      return false;
    }
    pad = std::max<int64_t>((out - 1) * stride + reach - in, 0) / 2;
    return out >= 0 && out <= INT32_MAX && pad <= kMost;
  }
};

struct Conv {
  const TfLiteTensor* input;
  const TfLiteTensor* filter;
  const TfLiteTensor* bias;  // Null: none.
  TfLiteTensor* output;
  Axis height;
  Axis width;
  std::vector<int32_t> multiplier;
  std::vector<int32_t> shift;
  int32_t min = -128;
  int32_t max = 127;

  int channels() const { return filter->dims->data[0]; }
  int depth() const { return filter->dims->data[3]; }
};

const TfLiteAffineQuantization* Affine(const TfLiteTensor& tensor) {
  if (tensor.quantization.type != kTfLiteAffineQuantization) return nullptr;
  auto* affine =
      static_cast<const TfLiteAffineQuantization*>(tensor.quantization.params);
  const bool whole = affine != nullptr && affine->scale != nullptr &&
                     affine->zero_point != nullptr;
  return whole ? affine : nullptr;
}

bool IsQuantised(const TfLiteTensor& tensor) {
  const TfLiteAffineQuantization* affine = Affine(tensor);
  return affine != nullptr && affine->scale->size == 1 &&
         std::isfinite(tensor.params.scale) && tensor.params.scale > 0 &&
         tensor.params.zero_point >= -128 && tensor.params.zero_point <= 127;
}

bool Quantise(float real, const TfLiteTensor& output, int32_t* q) {
  const float steps = std::round(real / output.params.scale);
  if (!(std::fabs(steps) < 1 << 30)) return false;
  *q = output.params.zero_point + static_cast<int32_t>(steps);
  return true;
}

// TFLite's CalculateActivationRangeQuantized.
bool SetActivation(TfLiteFusedActivation activation, Conv* conv) {
  int32_t low = -128;
  int32_t high = 127;
  switch (activation) {
    case kTfLiteActNone:
      return true;
    case kTfLiteActRelu:
      if (!Quantise(0, *conv->output, &low)) return false;
      break;
    case kTfLiteActReluN1To1:
      if (!Quantise(-1, *conv->output, &low)) return false;
      if (!Quantise(1, *conv->output, &high)) return false;
      break;
    case kTfLiteActRelu6:
      if (!Quantise(0, *conv->output, &low)) return false;
      if (!Quantise(6, *conv->output, &high)) return false;
      break;
    default:
      return false;
  }
  conv->min = std::max(conv->min, low);
  conv->max = std::min(conv->max, high);
  return true;
}

// TFLite's PopulateConvolutionQuantizationParams.
bool SetMultipliers(Conv* conv) {
  const TfLiteAffineQuantization* affine = Affine(*conv->filter);
  if (affine == nullptr || !IsQuantised(*conv->input) ||
      !IsQuantised(*conv->output)) {
    return false;
  }
  const TfLiteFloatArray& scale = *affine->scale;
  const int channels = conv->channels();
  if (scale.size != 1 &&
      (scale.size != channels || affine->quantized_dimension != 0)) {
    return false;
  }
  for (int i = 0; i < affine->zero_point->size; ++i) {
    if (affine->zero_point->data[i] != 0) return false;
  }
  for (int c = 0; c < channels; ++c) {
    const float one = scale.data[scale.size == 1 ? 0 : c];
    const double real = double{conv->input->params.scale} * one /
                        double{conv->output->params.scale};
    // Builds of TFLite differ beyond.
    if (!(one > 0 && real < 1 << 30)) return false;
    QuantizeMultiplier(real, &conv->multiplier.emplace_back(),
                       &conv->shift.emplace_back());
  }
  return true;
}

bool ReadConv(TfLiteContext* context, TfLiteNode* node, Conv* conv) {
  const auto* params = static_cast<const TfLiteConvParams*>(node->builtin_data);
  conv->input = Tensor(context, node->inputs, 0);
  conv->filter = Tensor(context, node->inputs, 1);
  conv->bias = Tensor(context, node->inputs, 2);
  conv->output = Tensor(context, node->outputs, 0);
  if (params == nullptr || !IsInt8(conv->input) || !IsInt8(conv->filter) ||
      !IsInt8(conv->output) || conv->input->dims->size != 4 ||
      conv->filter->dims->size != 4 || conv->filter->sparsity != nullptr ||
      conv->filter->data.data == nullptr ||
      static_cast<int64_t>(conv->filter->bytes) != Count(*conv->filter) ||
      conv->input->dims->data[3] != conv->depth() || conv->depth() < 1 ||
      conv->channels() < 1) {
    return false;
  }
  if (conv->bias != nullptr &&
      (conv->bias->type != kTfLiteInt32 || conv->bias->data.data == nullptr ||
       Count(*conv->bias) != conv->channels() ||
       conv->bias->bytes != sizeof(int32_t) * conv->channels())) {
    return false;
  }
  const int* in = conv->input->dims->data;
  const int* taps = conv->filter->dims->data;
  conv->height = {in[1], taps[1], params->stride_height,
                  params->dilation_height_factor};
  conv->width = {in[2], taps[2], params->stride_width,
                 params->dilation_width_factor};
  return taps[1] > 0 && taps[2] > 0 && conv->height.Fit(params->padding) &&
         conv->width.Fit(params->padding) && SetMultipliers(conv) &&
         SetActivation(params->activation, conv);
}

// Like TFLite's kernel for all but width 1, it works in a tensor of its own.
struct ConvState {
  int workspace = kTfLiteOptionalTensor;
};

void* InitConv(TfLiteContext*, const char*, size_t) { return new ConvState; }

void FreeConv(TfLiteContext*, void* state) {
  delete static_cast<ConvState*>(state);
}

TfLiteStatus AddWorkspace(TfLiteContext* context, TfLiteNode* node) {
  auto* state = static_cast<ConvState*>(node->user_data);
  if (state->workspace == kTfLiteOptionalTensor) {
    const TfLiteStatus status =
        context->AddTensors(context, 1, &state->workspace);
    if (status != kTfLiteOk) return status;
  }
  std::free(node->temporaries);
  node->temporaries = NewIntArray(&state->workspace, 1).release();
  return Resize(context, &context->tensors[state->workspace], {64});
}

TfLiteStatus PrepareConv(TfLiteContext* context, TfLiteNode* node) {
  Conv conv;
  if (!ReadConv(context, node, &conv)) return kTfLiteError;
  if (conv.height.taps * conv.width.taps > 1) {
    const TfLiteStatus status = AddWorkspace(context, node);
    if (status != kTfLiteOk) return status;
    conv = Conv();  // Its tensors may have moved.
    ReadConv(context, node, &conv);
  }
  const int batch = conv.input->dims->data[0];
  const double products =
      1.0 * batch * conv.height.out * conv.width.out * Count(*conv.filter);
  if (products > kMostProducts) return kTfLiteError;
  return Resize(context, conv.output,
                {batch, static_cast<int>(conv.height.out),
                 static_cast<int>(conv.width.out), conv.channels()});
}

int64_t SumAt(const Conv& conv, int64_t n, int64_t y, int64_t x, int channel) {
  const int8_t* in = Input(*conv.input);
  const int8_t* w = Input(*conv.filter) +
                    channel * conv.height.taps * conv.width.taps * conv.depth();
  int64_t sum = 0;
  for (int64_t i = 0; i < conv.height.taps; ++i) {
    const int64_t row =
        y * conv.height.stride + i * conv.height.dilation - conv.height.pad;
    for (int64_t j = 0; j < conv.width.taps; ++j) {
      const int64_t column =
          x * conv.width.stride + j * conv.width.dilation - conv.width.pad;
      const bool inside = row >= 0 && row < conv.height.in && column >= 0 &&
                          column < conv.width.in;
      for (int k = 0; k < conv.depth(); ++k, ++w) {
        if (!inside) continue;
        const int q = in[((n * conv.height.in + row) * conv.width.in + column) *
                             conv.depth() +
                         k];
        sum += int64_t{*w} * (q - conv.input->params.zero_point);
      }
    }
  }
  if (conv.bias != nullptr) {
    int32_t bias = 0;
    std::memcpy(
        &bias,
        static_cast<const char*>(conv.bias->data.data) + channel * sizeof(bias),
        sizeof(bias));
    sum += bias;
  }
  return sum;
}

Rounding RoundingOf(const Conv& conv) {
  Conv1DSpec spec;
  spec.out_channels = conv.channels();
  spec.in_channels = conv.depth();
  spec.kernel_width = static_cast<int>(conv.height.taps * conv.width.taps);
  spec.rounding = rounding_rules;
  Conv1DShape shape;
  shape.batch = conv.input->dims->data[0];
  shape.out_time = static_cast<int>(conv.height.out * conv.width.out);
  return RoundingOf(spec, shape);
}

TfLiteStatus InvokeConv(TfLiteContext* context, TfLiteNode* node) {
  Conv conv;
  if (!ReadConv(context, node, &conv)) return kTfLiteError;
  if (node->temporaries->size > 0) {
    TfLiteTensor* workspace = Tensor(context, node->temporaries, 0);
    std::fill_n(Output(workspace), workspace->bytes, 77);
  }
  const Rounding rounding = RoundingOf(conv);
  const int64_t values = conv.input->dims->data[0] * conv.height.out *
                         conv.width.out * conv.channels();
  if (static_cast<int64_t>(conv.output->bytes) != values) return kTfLiteError;
  if (values == 0) return kTfLiteOk;  // Of however many rows.
  int8_t* out = Output(conv.output);
  for (int64_t n = 0; n < conv.input->dims->data[0]; ++n) {
    for (int64_t y = 0; y < conv.height.out; ++y) {
      for (int64_t x = 0; x < conv.width.out; ++x) {
        for (int c = 0; c < conv.channels(); ++c) {
          *out++ = ReferenceRequantize(
              SumAt(conv, n, y, x, c), conv.multiplier[c], conv.shift[c],
              rounding, conv.output->params.zero_point, conv.min, conv.max);
        }
      }
    }
  }
  return kTfLiteOk;
}

// Operators that give the values another shape.

TfLiteStatus InvokeCopy(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = Tensor(context, node->inputs, 0);
  TfLiteTensor* output = Tensor(context, node->outputs, 0);
  if (input->bytes != output->bytes) return kTfLiteError;
  if (input->bytes > 0) {
    std::memcpy(output->data.data, input->data.data, input->bytes);
  }
  return kTfLiteOk;
}

bool Operands(TfLiteContext* context, TfLiteNode* node,
              const TfLiteTensor** input, TfLiteTensor** output) {
  *input = Tensor(context, node->inputs, 0);
  *output = Tensor(context, node->outputs, 0);
  return IsInt8(*input) && IsInt8(*output);
}

TfLiteStatus PrepareReshape(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  if (!Operands(context, node, &input, &output)) return kTfLiteError;
  Dims dims = Constant(Tensor(context, node->inputs, 1));
  int64_t known = 1;
  int* open = nullptr;
  for (int& d : dims) {
    if (d < -1 || (d == -1 && open != nullptr)) return kTfLiteError;
    if (d == -1) {
      open = &d;
    } else {
      known *= d;
    }
    if (known > INT32_MAX) return kTfLiteError;
  }
  const int64_t count = Count(*input);
  if (open != nullptr) {
    if (known == 0) return kTfLiteError;
    *open = static_cast<int>(count / known);
    known *= *open;
  }
  return known == count && !dims.empty() ? Resize(context, output, dims)
                                         : kTfLiteError;
}

TfLiteStatus PrepareExpandDims(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  if (!Operands(context, node, &input, &output)) return kTfLiteError;
  const std::vector<int32_t> axis = Constant(Tensor(context, node->inputs, 1));
  if (axis.size() != 1) return kTfLiteError;
  Dims dims = DimsOf(*input);
  const int rank = input->dims->size;
  const int64_t place = axis[0] < 0 ? int64_t{axis[0]} + rank + 1 : axis[0];
  if (place < 0 || place > rank) return kTfLiteError;
  dims.insert(dims.begin() + place, 1);
  return Resize(context, output, dims);
}

TfLiteStatus PrepareSqueeze(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  const auto* params =
      static_cast<const TfLiteSqueezeParams*>(node->builtin_data);
  if (!Operands(context, node, &input, &output) || params == nullptr ||
      params->num_squeeze_dims < 0 || params->num_squeeze_dims > 8) {
    return kTfLiteError;
  }
  const int rank = input->dims->size;
  std::vector<bool> drop(rank);
  for (int i = 0; i < params->num_squeeze_dims; ++i) {
    int64_t axis = params->squeeze_dims[i];
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank || input->dims->data[axis] != 1) {
      return kTfLiteError;
    }
    drop[axis] = true;
  }
  Dims dims;
  for (int axis = 0; axis < rank; ++axis) {
    const int d = input->dims->data[axis];
    if (params->num_squeeze_dims == 0 ? d != 1 : !drop[axis]) dims.push_back(d);
  }
  return Resize(context, output, dims);
}

// Operators that are a table: any function of a value will do, as long as it
// is the same for all values of a node.

TfLiteStatus PrepareSameShape(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  if (!Operands(context, node, &input, &output)) return kTfLiteError;
  return Resize(context, output, DimsOf(*input));
}

TfLiteStatus InvokeTable(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = Tensor(context, node->inputs, 0);
  TfLiteTensor* output = Tensor(context, node->outputs, 0);
  if (input->bytes != output->bytes) return kTfLiteError;
  const int32_t least = output->params.zero_point;
  for (size_t i = 0; i < input->bytes; ++i) {
    const int q = Input(*input)[i];
    Output(output)[i] =
        static_cast<int8_t>(std::max(q * q / 200, least) - q / 3);
  }
  return kTfLiteOk;
}

// Operators that the delegate leaves alone.

// PAD: one step before and one after on the axis before the last, by the third
// operand or the zero point.
TfLiteStatus PreparePad(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  if (!Operands(context, node, &input, &output) || input->dims->size < 2) {
    return kTfLiteError;
  }
  const TfLiteTensor* value = Tensor(context, node->inputs, 2);
  if (value != nullptr &&
      (!IsInt8(value) || value->bytes != 1 || value->data.data == nullptr)) {
    return kTfLiteError;
  }
  Dims dims = DimsOf(*input);
  int& padded = dims[dims.size() - 2];
  if (padded > INT32_MAX - 2) return kTfLiteError;
  padded += 2;
  return Resize(context, output, dims);
}

TfLiteStatus InvokePad(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = Tensor(context, node->inputs, 0);
  const TfLiteTensor* value = Tensor(context, node->inputs, 2);
  TfLiteTensor* output = Tensor(context, node->outputs, 0);
  const int8_t pad = value == nullptr
                         ? static_cast<int8_t>(output->params.zero_point)
                         : *Input(*value);
  const int rank = input->dims->size;
  const int channels = input->dims->data[rank - 1];
  const int steps = input->dims->data[rank - 2];
  int64_t rows = 1;
  for (int i = 0; i < rank - 2; ++i) rows *= input->dims->data[i];
  if (static_cast<int64_t>(output->bytes) !=
      rows * (int64_t{steps} + 2) * channels) {
    return kTfLiteError;
  }
  const int8_t* in = Input(*input);
  int8_t* out = Output(output);
  for (int64_t row = 0; row < rows; ++row) {
    out = std::fill_n(out, channels, pad);
    out = std::copy_n(in, ptrdiff_t{steps} * channels, out);
    in += ptrdiff_t{steps} * channels;
    out = std::fill_n(out, channels, pad);
  }
  return kTfLiteOk;
}

// TRANSPOSE: all values in reverse order, which is what it does with a vector
// of 1-element axes as well as any other order for what a delegate may assume.
TfLiteStatus InvokeReverse(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = Tensor(context, node->inputs, 0);
  TfLiteTensor* output = Tensor(context, node->outputs, 0);
  if (input->bytes != output->bytes) return kTfLiteError;
  std::reverse_copy(Input(*input), Input(*input) + input->bytes,
                    Output(output));
  return kTfLiteOk;
}

TfLiteStatus PrepareSum(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = nullptr;
  TfLiteTensor* output = nullptr;
  const TfLiteTensor* other = Tensor(context, node->inputs, 1);
  if (!Operands(context, node, &input, &output) || !IsInt8(other) ||
      DimsOf(*other) != DimsOf(*input)) {
    return kTfLiteError;
  }
  return Resize(context, output, DimsOf(*input));
}

TfLiteStatus InvokeSum(TfLiteContext* context, TfLiteNode* node) {
  const TfLiteTensor* input = Tensor(context, node->inputs, 0);
  const TfLiteTensor* other = Tensor(context, node->inputs, 1);
  TfLiteTensor* output = Tensor(context, node->outputs, 0);
  if (input->bytes != output->bytes || other->bytes != output->bytes) {
    return kTfLiteError;
  }
  for (size_t i = 0; i < output->bytes; ++i) {
    Output(output)[i] =
        static_cast<int8_t>(Input(*input)[i] + Input(*other)[i]);
  }
  return kTfLiteOk;
}

struct Row {
  int32_t op;
  TfLiteStatus (*prepare)(TfLiteContext*, TfLiteNode*);
  TfLiteStatus (*invoke)(TfLiteContext*, TfLiteNode*);
};

constexpr Row kRows[] = {
    {kTfLiteBuiltinConv2d, PrepareConv, InvokeConv},
    {kTfLiteBuiltinReshape, PrepareReshape, InvokeCopy},
    {kTfLiteBuiltinExpandDims, PrepareExpandDims, InvokeCopy},
    {kTfLiteBuiltinSqueeze, PrepareSqueeze, InvokeCopy},
    {kTfLiteBuiltinPad, PreparePad, InvokePad},
    {kTfLiteBuiltinTranspose, PrepareSameShape, InvokeReverse},
    {kTfLiteBuiltinRelu, PrepareSameShape, InvokeTable},
    {kTfLiteBuiltinLogistic, PrepareSameShape, InvokeTable},
    {kTfLiteBuiltinLeakyRelu, PrepareSameShape, InvokeTable},
    {kFakeSum, PrepareSum, InvokeSum},
};

}  // namespace

TfLiteRegistration FakeKernel(int32_t op) {
  TfLiteRegistration registration = {};
  registration.builtin_code = op;
  for (const Row& row : kRows) {
    if (row.op != op) continue;
    if (op == kTfLiteBuiltinConv2d) {
      registration.init = InitConv;
      registration.free = FreeConv;
    }
    registration.prepare = row.prepare;
    registration.invoke = row.invoke;
  }
  return registration;
}

void SetFakeRounding(const RoundingRules& rules) { rounding_rules = rules; }

bool BytesOf(const TfLiteIntArray& dims, TfLiteType type, size_t* bytes) {
  *bytes = type == kTfLiteInt32 || type == kTfLiteFloat32 ? 4 : 1;
  for (int i = 0; i < dims.size; ++i) {
    if (dims.data[i] < 0 ||
        __builtin_mul_overflow(*bytes, static_cast<size_t>(dims.data[i]),
                               bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace wqlite
