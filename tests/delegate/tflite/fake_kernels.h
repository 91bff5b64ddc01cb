#ifndef WQLITE_TESTS_DELEGATE_TFLITE_FAKE_KERNELS_H_
#define WQLITE_TESTS_DELEGATE_TFLITE_FAKE_KERNELS_H_

#include <cstdint>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/base/rounding.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"
#include "tests/delegate/reference.h"

namespace wqlite {

/// What a fake CONV_2D does otherwise than a good one.
enum class Fault {
  kNone,
  kPrepareFails,
  kInvokeFails,
  kAddsTensors,
  kTruncates,    ///< Rounds by no rule that we know.
  kLastIsWrong,  ///< The last byte of an output of more than 100 is off by one.
  kWideIsWrong,  ///< The last byte is off by one for filters wider than 1.
};

/// CONV_2D along the width, as a runtime has it whose kernels round like this.
template <Rounding many_steps, Rounding one_step, Fault fault = Fault::kNone>
class FakeConvKernel {
 public:
  static TfLiteRegistration Registration() {
    TfLiteRegistration registration = {};
    registration.prepare = Prepare;
    registration.invoke = Invoke;
    registration.builtin_code = kTfLiteBuiltinConv2d;
    return registration;
  }

 private:
  struct Layer {
    Conv1DSpec spec;
    Conv1DShape shape;
  };

  static const TfLiteTensor& Input(const TfLiteContext& context,
                                   const TfLiteNode& node, int i) {
    return context.tensors[node.inputs->data[i]];
  }

  static TfLiteTensor& Output(const TfLiteContext& context,
                              const TfLiteNode& node) {
    return context.tensors[node.outputs->data[0]];
  }

  static Layer Read(const TfLiteContext& context, const TfLiteNode& node) {
    const auto& params =
        *static_cast<const TfLiteConvParams*>(node.builtin_data);
    const TfLiteTensor& input = Input(context, node, 0);
    const TfLiteTensor& filter = Input(context, node, 1);
    const TfLiteTensor& output = Output(context, node);
    const auto& affine = *static_cast<const TfLiteAffineQuantization*>(
        filter.quantization.params);
    Layer layer;
    Conv1DSpec& spec = layer.spec;
    spec.out_channels = filter.dims->data[0];
    spec.kernel_width = filter.dims->data[2];
    spec.in_channels = filter.dims->data[3];
    spec.stride = params.stride_width;
    spec.dilation = params.dilation_width_factor;
    spec.filter = static_cast<const int8_t*>(filter.data.data);
    if (node.inputs->size > 2) {
      spec.bias =
          static_cast<const int32_t*>(Input(context, node, 2).data.data);
    }
    spec.input_zero_point = input.params.zero_point;
    spec.output_zero_point = output.params.zero_point;
    spec.rounding = {many_steps, one_step};
    for (int c = 0; c < spec.out_channels; ++c) {
      const float scale = affine.scale->data[affine.scale->size > 1 ? c : 0];
      int32_t multiplier, shift;
      QuantizeMultiplier(
          double{input.params.scale} * scale / double{output.params.scale},
          &multiplier, &shift);
      spec.multiplier.push_back(multiplier);
      // As if the output were twice as fine, for Truncated.
      spec.shift.push_back(shift + (fault == Fault::kTruncates ? 1 : 0));
    }
    layer.shape = ComputeShape(
        params.padding == kTfLitePaddingSame ? Padding::kSame : Padding::kValid,
        input.dims->data[0], input.dims->data[2], spec);
    return layer;
  }

  static TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
    if (fault == Fault::kPrepareFails) {
      context->ReportError(context, "no kernel for %s\n", "this");
      return kTfLiteError;
    }
    int first = 0;
    if (fault == Fault::kAddsTensors &&
        context->AddTensors(context, 1, &first) != kTfLiteOk) {
      return kTfLiteError;
    }
    const Layer layer = Read(*context, *node);
    const int dims[] = {layer.shape.batch, 1, layer.shape.out_time,
                        layer.spec.out_channels};
    return context->ResizeTensor(context, &Output(*context, *node),
                                 NewIntArray(dims, 4).release());
  }

  static TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
    if (fault == Fault::kInvokeFails) return kTfLiteError;
    const Layer layer = Read(*context, *node);
    const TfLiteTensor& input = Input(*context, *node, 0);
    const auto* values = static_cast<const int8_t*>(input.data.data);
    std::vector<int8_t> made = ReferenceConv1D(layer.spec, layer.shape,
                                               {values, values + input.bytes});
    if (fault == Fault::kTruncates) {
      for (int8_t& q : made) q = static_cast<int8_t>(q >> 1);
    }
    const bool wide = layer.spec.kernel_width > 1;
    if ((fault == Fault::kLastIsWrong && made.size() > 100) ||
        (fault == Fault::kWideIsWrong && wide)) {
      made.back() ^= 1;
    }
    std::copy(made.begin(), made.end(),
              static_cast<int8_t*>(Output(*context, *node).data.data));
    return kTfLiteOk;
  }
};

/// The usual one.
inline TfLiteRegistration GoodConvKernel() {
  return FakeConvKernel<Rounding::kDoubleUp,
                        Rounding::kDoubleUp>::Registration();
}

/// An operator of one input: function(value, its place, the number of values).
template <int8_t (*function)(int8_t, size_t, size_t)>
TfLiteRegistration FakeUnaryKernel(TfLiteBuiltinOperator code) {
  TfLiteRegistration registration = {};
  registration.builtin_code = code;
  registration.prepare = [](TfLiteContext* context, TfLiteNode* node) {
    const TfLiteIntArray& dims = *context->tensors[node->inputs->data[0]].dims;
    return context->ResizeTensor(context,
                                 &context->tensors[node->outputs->data[0]],
                                 NewIntArray(dims.data, dims.size).release());
  };
  registration.invoke = [](TfLiteContext* context, TfLiteNode* node) {
    const TfLiteTensor& input = context->tensors[node->inputs->data[0]];
    const TfLiteTensor& output = context->tensors[node->outputs->data[0]];
    for (size_t i = 0; i < input.bytes; ++i) {
      static_cast<int8_t*>(output.data.data)[i] = function(
          static_cast<const int8_t*>(input.data.data)[i], i, input.bytes);
    }
    return kTfLiteOk;
  };
  return registration;
}

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_TFLITE_FAKE_KERNELS_H_
