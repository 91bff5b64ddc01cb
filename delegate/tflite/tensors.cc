#include "delegate/tflite/tensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "delegate/base/printable.h"

namespace wqlite {
namespace {

constexpr int32_t kInt8Min = std::numeric_limits<int8_t>::min();
constexpr int32_t kInt8Max = std::numeric_limits<int8_t>::max();
constexpr size_t kMaxName = 200;

const char* TypeName(TfLiteType type) {
  switch (type) {
    case kTfLiteFloat32:
      return "FLOAT32";
    case kTfLiteFloat16:
      return "FLOAT16";
    case kTfLiteInt32:
      return "INT32";
    case kTfLiteInt64:
      return "INT64";
    case kTfLiteInt16:
      return "INT16";
    case kTfLiteInt8:
      return "INT8";
    case kTfLiteUInt8:
      return "UINT8";
    case kTfLiteInt4:
      return "INT4";
    default:
      return "of another type";
  }
}

// `real` in units of the output; false when it leaves the range of int32.
bool Quantize(float real, const TfLiteTensor& output, int32_t* q) {
  const float steps = std::round(real / output.params.scale);
  if (!(std::fabs(steps) < 1 << 30)) return false;
  *q = output.params.zero_point + static_cast<int32_t>(steps);
  return true;
}

}  // namespace

TfLiteTensor* TensorAt(const TfLiteContext& context, int index) {
  const bool valid = context.tensors != nullptr && index >= 0 &&
                     static_cast<size_t>(index) < context.tensors_size;
  return valid ? &context.tensors[index] : nullptr;
}

int At(const TfLiteIntArray* array, int i) {
  return array != nullptr && i < array->size ? array->data[i]
                                             : kTfLiteOptionalTensor;
}

std::string NameOf(const TfLiteTensor* tensor) {
  if (tensor == nullptr || tensor->name == nullptr) return "";
  return Printable(tensor->name, kMaxName);
}

std::string Describe(int node_index, const std::string& tensor_name) {
  return "node " + std::to_string(node_index) + " '" + tensor_name + "'";
}

bool IsOpen(const TfLiteTensor& tensor, int axis) {
  const TfLiteIntArray* signature = tensor.dims_signature;
  return signature != nullptr && axis < signature->size &&
         signature->data[axis] < 0;
}

const TfLiteAffineQuantization* AffineQuantization(const TfLiteTensor& tensor) {
  if (tensor.quantization.type != kTfLiteAffineQuantization) return nullptr;
  const auto* affine =
      static_cast<const TfLiteAffineQuantization*>(tensor.quantization.params);
  if (affine == nullptr || affine->scale == nullptr ||
      affine->scale->size < 1) {
    return nullptr;
  }
  return affine;
}

bool IsScale(float scale) { return std::isfinite(scale) && scale > 0; }

Status CheckType(const char* what, const TfLiteTensor& tensor,
                 TfLiteType type) {
  if (tensor.type == type) return Status();
  return Status::Error(std::string("its ") + what + " is " +
                       TypeName(tensor.type) + ", not " + TypeName(type));
}

Status CheckConstant(const char* what, const TfLiteTensor& tensor,
                     size_t bytes) {
  const std::string its = std::string("its ") + what;
  if (tensor.allocation_type != kTfLiteMmapRo || tensor.data.data == nullptr) {
    return Status::Error(its + " is not constant");
  }
  if (tensor.sparsity != nullptr) return Status::Error(its + " is sparse");
  if (tensor.bytes != bytes) {
    return Status::Error(its + " has " + std::to_string(tensor.bytes) +
                         " bytes where " + std::to_string(bytes) + " belong");
  }
  return Status();
}

Status CheckComputed(const char* what, const TfLiteTensor& tensor) {
  if (tensor.allocation_type != kTfLiteMmapRo) return Status();
  return Status::Error(std::string("its ") + what + " is constant");
}

Status CheckActivation(const char* what, const TfLiteTensor& tensor) {
  Status status = CheckType(what, tensor, kTfLiteInt8);
  if (!status.ok()) return status;
  if (tensor.is_variable) {
    return Status::Error(std::string("its ") + what + " is a variable");
  }
  const TfLiteAffineQuantization* affine = AffineQuantization(tensor);
  if (affine == nullptr || affine->scale->size != 1 ||
      !IsScale(tensor.params.scale)) {
    return Status::Error(std::string("its ") + what +
                         " has no usable scale and zero point");
  }
  if (tensor.params.zero_point < kInt8Min ||
      tensor.params.zero_point > kInt8Max) {
    return Status::Error(std::string("its ") + what +
                         "'s zero point is outside of INT8");
  }
  return Status();
}

Status ActivationRange(float low, float high, const TfLiteTensor& output,
                       int32_t* min, int32_t* max) {
  *min = kInt8Min;
  *max = kInt8Max;
  int32_t q = 0;
  if (std::isfinite(low)) {
    if (!Quantize(low, output, &q)) {
      return Status::Error("its activation range overflows");
    }
    *min = std::max(*min, q);
  }
  if (std::isfinite(high)) {
    if (!Quantize(high, output, &q)) {
      return Status::Error("its activation range overflows");
    }
    *max = std::min(*max, q);
  }
  return Status();
}

Status FusedActivation(TfLiteFusedActivation activation,
                       const TfLiteTensor& output, int32_t* min, int32_t* max) {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
  switch (activation) {
    case kTfLiteActNone:
      break;
    case kTfLiteActRelu:
      low = 0;
      break;
    case kTfLiteActReluN1To1:
      low = -1;
      high = 1;
      break;
    case kTfLiteActRelu6:
      low = 0;
      high = 6;
      break;
    default:
      return Status::Error(
          "its fused activation is not RELU, RELU6 or "
          "RELU_N1_TO_1");
  }
  return ActivationRange(low, high, output, min, max);
}

}  // namespace wqlite
