#include "delegate/tflite/matcher.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "delegate/plan/plan.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

constexpr int kHeight = 1;
constexpr int kWidth = 2;
constexpr int kChannels = 3;

// Larger layers are left to TFLite, so that sizes that follow from a few
// factors fit int64, and most of them int32.
constexpr int64_t kMaxElements = int64_t{1} << 30;
constexpr int64_t kMaxSize = std::numeric_limits<int32_t>::max();

// Lists of one number per output channel stay small (a few MiB).
constexpr int kMaxOutChannels = 1 << 20;

// TFLite keeps strides, dilations and padding in int16, and cuts larger ones.
constexpr int64_t kMaxInt16 = std::numeric_limits<int16_t>::max();

// From here on builds of TFLite differ: some saturate, some shift by too much.
constexpr double kMultiplierLimit = 1 << 30;

// TFLite's ARM kernels add pairs of products in int16, where two of -128 * -128
// overflow: they rely on weights of at least -127, which is all that TFLite's
// quantisation specification allows. Such a file gives another answer there
// than the exact one, and we never change an answer.
#if defined(__arm__) || defined(__aarch64__)
constexpr bool kTakesWeightsOfMinus128 = false;
#else
constexpr bool kTakesWeightsOfMinus128 = true;
#endif

struct Operands {
  const TfLiteTensor* input = nullptr;
  const TfLiteTensor* filter = nullptr;
  const TfLiteTensor* bias = nullptr;  ///< Null: none.
  const TfLiteTensor* output = nullptr;
};

bool FourPositiveDims(const TfLiteTensor* tensor) {
  return tensor != nullptr && tensor->dims != nullptr &&
         tensor->dims->size == 4 &&
         std::all_of(tensor->dims->data, tensor->dims->data + 4,
                     [](int d) { return d > 0; });
}

Status CheckFilter(const TfLiteTensor& filter) {
  Status status = CheckType("filter", filter, kTfLiteInt8);
  if (!status.ok()) return status;
  size_t bytes = 1;
  for (int axis = 0; axis < 4; ++axis) {
    const size_t size = static_cast<size_t>(filter.dims->data[axis]);
    if (size > kMaxSize / bytes) {
      return Status::Error("its filter is larger than 2 GiB");
    }
    bytes *= size;
  }
  if (filter.dims->data[0] > kMaxOutChannels) {
    return Status::Error("its filter has more than " +
                         std::to_string(kMaxOutChannels) + " output channels");
  }
  status = CheckConstant("filter", filter, bytes);
  if (!status.ok()) return status;

  const TfLiteAffineQuantization* affine = AffineQuantization(filter);
  if (affine == nullptr) {
    return Status::Error("its filter has no usable scale");
  }
  const TfLiteFloatArray& scale = *affine->scale;
  if (scale.size != 1 && (scale.size != filter.dims->data[0] ||
                          affine->quantized_dimension != 0)) {
    return Status::Error(
        "its filter is quantised along another axis than output channels");
  }
  if (!std::all_of(scale.data, scale.data + scale.size, IsScale)) {
    return Status::Error("its filter has a scale that is not positive");
  }
  // Not read beyond zero_point->size, which may be 1: see abi.h.
  const TfLiteIntArray* zero_point = affine->zero_point;
  if (zero_point != nullptr &&
      std::any_of(zero_point->data, zero_point->data + zero_point->size,
                  [](int z) { return z != 0; })) {
    return Status::Error("its filter has a zero point other than 0");
  }
  return Status();
}

// The only look at all weights, and so the last step.
Status MeasureWeights(ConvNode* conv) {
  Status status = conv->weights.Measure(conv->spec);
  if (!status.ok()) return status;
  if (!kTakesWeightsOfMinus128 && conv->weights.max_abs() == 128) {
    return Status::Error("its filter has a weight of -128");
  }
  return Status();
}

Status CheckBias(const TfLiteTensor& bias, int out_channels) {
  Status status = CheckType("bias", bias, kTfLiteInt32);
  if (!status.ok()) return status;
  return CheckConstant("bias", bias,
                       static_cast<size_t>(out_channels) * sizeof(int32_t));
}

// TFLite's PopulateConvolutionQuantizationParams.
Status SetRequantisation(const Operands& tensors, Conv1DSpec* spec) {
  const TfLiteFloatArray& scale = *AffineQuantization(*tensors.filter)->scale;
  const double input_scale = tensors.input->params.scale;
  const double output_scale = tensors.output->params.scale;
  spec->multiplier.resize(spec->out_channels);
  spec->shift.resize(spec->out_channels);
  for (int c = 0; c < spec->out_channels; ++c) {
    const double filter_scale = scale.data[scale.size == 1 ? 0 : c];
    const double real = input_scale * filter_scale / output_scale;
    if (!(real < kMultiplierLimit)) {
      return Status::Error(
          "its output scale is too small for its input and filter scales");
    }
    QuantizeMultiplier(real, &spec->multiplier[c], &spec->shift[c]);
  }
  spec->input_zero_point = tensors.input->params.zero_point;
  spec->output_zero_point = tensors.output->params.zero_point;
  return Status();
}

Status SetGeometry(const TfLiteConvParams* params, const TfLiteTensor& filter,
                   ConvNode* conv) {
  if (params == nullptr) return Status::Error("it has no parameters");
  if (params->padding != kTfLitePaddingSame &&
      params->padding != kTfLitePaddingValid) {
    return Status::Error("its padding is neither SAME nor VALID");
  }
  conv->padding =
      params->padding == kTfLitePaddingSame ? Padding::kSame : Padding::kValid;
  for (const int axis : {kHeight, kWidth}) {
    conv->filter_size[axis] = filter.dims->data[axis];
  }
  conv->stride[kHeight] = params->stride_height;
  conv->stride[kWidth] = params->stride_width;
  conv->dilation[kHeight] = params->dilation_height_factor;
  conv->dilation[kWidth] = params->dilation_width_factor;
  for (const int axis : {kHeight, kWidth}) {
    if (conv->stride[axis] < 1 || conv->dilation[axis] < 1) {
      return Status::Error("it has a stride or a dilation below 1");
    }
    if (std::max(conv->stride[axis], conv->dilation[axis]) > kMaxInt16) {
      return Status::Error("TFLite cuts its stride or dilation to 16 bits");
    }
    if (int64_t{conv->filter_size[axis]} * conv->dilation[axis] >
        kMaxElements) {
      return Status::Error("its dilated filter is too long");
    }
  }
  conv->spec.out_channels = filter.dims->data[0];
  conv->spec.in_channels = filter.dims->data[kChannels];
  conv->spec.kernel_width =
      std::max(conv->filter_size[kHeight], conv->filter_size[kWidth]);
  return Status();
}

// The axis that the filter moves along, or 0 for none: 1-D only.
int TimeAxis(const int filter_size[3], const int* dims) {
  if (filter_size[kHeight] == 1 && dims[kHeight] == 1) return kWidth;
  if (filter_size[kWidth] == 1 && dims[kWidth] == 1) return kHeight;
  return 0;
}

Operands FindOperands(const TfLiteContext& context, const TfLiteNode& node) {
  Operands tensors;
  tensors.input = TensorAt(context, At(node.inputs, 0));
  tensors.filter = TensorAt(context, At(node.inputs, 1));
  tensors.bias = TensorAt(context, At(node.inputs, 2));
  tensors.output = TensorAt(context, At(node.outputs, 0));
  return tensors;
}

}  // namespace

bool IsConv1D(const TfLiteContext& context, const TfLiteNode& node,
              const TfLiteRegistration& registration) {
  if (registration.builtin_code != kTfLiteBuiltinConv2d) return false;
  const Operands tensors = FindOperands(context, node);
  return tensors.output != nullptr && FourPositiveDims(tensors.input) &&
         FourPositiveDims(tensors.filter) &&
         TimeAxis(tensors.filter->dims->data, tensors.input->dims->data) != 0;
}

Status MatchConv1D(const TfLiteContext& context, int node_index,
                   const TfLiteNode& node, ConvNode* conv) {
  const Operands tensors = FindOperands(context, node);
  const bool has_bias = At(node.inputs, 2) != kTfLiteOptionalTensor;
  if (has_bias && tensors.bias == nullptr) {
    return Status::Error("its bias is missing");
  }
  Status status = CheckActivation("input", *tensors.input);
  if (status.ok()) status = CheckActivation("output", *tensors.output);
  if (status.ok()) status = CheckComputed("output", *tensors.output);
  if (status.ok()) status = CheckFilter(*tensors.filter);
  if (status.ok() && has_bias) {
    status = CheckBias(*tensors.bias, tensors.filter->dims->data[0]);
  }
  if (!status.ok()) return status;

  const auto* params = static_cast<const TfLiteConvParams*>(node.builtin_data);
  status = SetGeometry(params, *tensors.filter, conv);
  if (status.ok()) {
    status =
        FusedActivation(params->activation, *tensors.output,
                        &conv->spec.activation_min, &conv->spec.activation_max);
  }
  if (!status.ok()) return status;
  status = SetRequantisation(tensors, &conv->spec);
  if (!status.ok()) return status;

  conv->index = node_index;
  conv->input = node.inputs->data[0];
  conv->output = node.outputs->data[0];
  conv->name = NameOf(tensors.output);
  conv->spec.filter = static_cast<const int8_t*>(tensors.filter->data.data);
  if (has_bias) {
    // Copied, because a model file need not align it.
    conv->bias.resize(conv->spec.out_channels);
    std::memcpy(conv->bias.data(), tensors.bias->data.data,
                tensors.bias->bytes);
    conv->spec.bias = conv->bias.data();
  }

  status = FitShape(*tensors.input->dims, conv);
  if (!status.ok()) return status;
  const int other_axis = kHeight + kWidth - conv->time_axis;
  if (IsOpen(*tensors.input, other_axis) || IsOpen(*tensors.input, kChannels)) {
    return Status::Error("the model leaves open whether it stays 1-D");
  }
  if (conv->shape.out_time <= 0 && !IsOpen(*tensors.input, conv->time_axis)) {
    return Status::Error("its filter is longer than its unpadded input");
  }
  return MeasureWeights(conv);
}

Status FitShape(const TfLiteIntArray& dims, ConvNode* conv) {
  if (dims.size != 4 ||
      !std::all_of(dims.data, dims.data + 4, [](int d) { return d > 0; })) {
    return Status::Error("its input is empty or does not have 4 dimensions");
  }
  if (dims.data[kChannels] != conv->spec.in_channels) {
    return Status::Error(
        "its input has " + std::to_string(dims.data[kChannels]) +
        " channels and its filter " + std::to_string(conv->spec.in_channels));
  }
  int64_t batch = dims.data[0];
  int time_axis = TimeAxis(conv->filter_size, dims.data);
  if (time_axis == 0 && conv->filter_size[kHeight] == 1 &&
      conv->stride[kHeight] == 1) {
    time_axis = kWidth;
    batch *= dims.data[kHeight];
  }
  if (time_axis == 0) {
    return Status::Error("it is not 1-D with an input of height " +
                         std::to_string(dims.data[kHeight]) + " and width " +
                         std::to_string(dims.data[kWidth]));
  }
  Conv1DSpec& spec = conv->spec;
  const int64_t in_time = dims.data[time_axis];
  const int stride = conv->stride[time_axis];
  const int dilation = conv->dilation[time_axis];
  const int64_t widest = std::max(spec.in_channels, spec.out_channels);
  if (batch > kMaxElements || batch * in_time > kMaxElements / widest) {
    return Status::Error("its input or output is larger than 1 GiB");
  }
  spec.stride = stride;
  spec.dilation = dilation;
  const Conv1DShape shape = ComputeShape(conv->padding, static_cast<int>(batch),
                                         static_cast<int>(in_time), spec);
  if (shape.pad_left > kMaxInt16) {
    return Status::Error("TFLite cuts its padding to 16 bits");
  }
  conv->time_axis = time_axis;
  conv->shape = shape;
  std::copy(dims.data, dims.data + 4, conv->input_dims);
  std::copy(dims.data, dims.data + 4, conv->output_dims);
  conv->output_dims[time_axis] = shape.out_time;
  conv->output_dims[kChannels] = spec.out_channels;
  // Of an input of unknown length only the filter is known to fit.
  return shape.out_time <= 0 ? Validate(spec) : Fits(spec, shape);
}

}  // namespace wqlite
