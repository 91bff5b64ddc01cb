#ifndef WQLITE_DELEGATE_TFLITE_LENT_SCALES_H_
#define WQLITE_DELEGATE_TFLITE_LENT_SCALES_H_

#include <algorithm>

#include "delegate/tflite/abi.h"

namespace wqlite {

/// Quantisation of our own, in TFLite's form, for a few channels: scales, with
/// zero points of 0.
class LentScales {
 public:
  static constexpr int kMaxSize = 32;

  /// `size` scales of 1.
  explicit LentScales(int size) {
    scale_.size = zero_point_.size = size;
    std::fill_n(scale_.data, size, 1.0f);
  }
  LentScales(const LentScales&) = delete;
  LentScales& operator=(const LentScales&) = delete;

  int size() const { return scale_.size; }
  float* data() { return scale_.data; }

  /// What KernelTrial takes over of a tensor: its type and quantisation.
  TfLiteTensor TensorOf(TfLiteType type) {
    TfLiteTensor tensor = {};
    tensor.type = type;
    tensor.params = {scale_.data[0], 0};
    tensor.quantization = {kTfLiteAffineQuantization, &affine_};
    return tensor;
  }

 private:
  // With the layout of TfLiteFloatArray and TfLiteIntArray.
  struct {
    int size;
    float data[kMaxSize];
  } scale_ = {};
  struct {
    int size;
    int data[kMaxSize];
  } zero_point_ = {};
  TfLiteAffineQuantization affine_ = {
      reinterpret_cast<TfLiteFloatArray*>(&scale_),
      reinterpret_cast<TfLiteIntArray*>(&zero_point_), 0};
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_LENT_SCALES_H_
