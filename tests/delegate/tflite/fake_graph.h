#ifndef WQLITE_TESTS_DELEGATE_TFLITE_FAKE_GRAPH_H_
#define WQLITE_TESTS_DELEGATE_TFLITE_FAKE_GRAPH_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"
#include "tests/delegate/tflite/fake_kernels.h"

namespace wqlite {

/// A graph of one CONV_2D in TFLite's structures, good unless a test damages
/// it.
///
/// Input [1, 1, 10, 3], filter [4, 1, 5, 3], one scale per channel.
class FakeConv {
 public:
  enum Index { kInput, kFilter, kBias, kOutput };

  FakeConv() : tensors_(4) {
    SetTensor(kInput, {1, 1, 10, 3}, kTfLiteInt8, kTfLiteArenaRw, {0.5f}, {-3});
    SetTensor(kFilter, {4, 1, 5, 3}, kTfLiteInt8, kTfLiteMmapRo,
              {0.1f, 0.2f, 0.3f, 0.4f}, {0, 0, 0, 0});
    SetTensor(kBias, {4}, kTfLiteInt32, kTfLiteMmapRo, {0.05f}, {0});
    SetTensor(kOutput, {1, 1, 10, 4}, kTfLiteInt8, kTfLiteArenaRw, {0.25f},
              {7});
    for (size_t i = 0; i < filter_.size(); ++i) filter_[i] = int8_t(i * 7);
    tensors_[kFilter].data.data = filter_.data();
    tensors_[kBias].data.data = bias_.data();
    params.padding = kTfLitePaddingSame;
    params.stride_width = params.stride_height = 1;
    params.dilation_width_factor = params.dilation_height_factor = 1;
    node_.builtin_data = &params;
    SetInputs({kInput, kFilter, kBias});
    const int output = kOutput;
    outputs_ = NewIntArray(&output, 1);
    node_.outputs = outputs_.get();
    registration_ = GoodConvKernel();
    context_.tensors = tensors_.data();
    context_.tensors_size = tensors_.size();
  }

  void SetDims(Index index, const std::vector<int>& dims) {
    dims_[index] = NewIntArray(dims.data(), dims.size());
    tensors_[index].dims = dims_[index].get();
    size_t bytes = tensors_[index].type == kTfLiteInt32 ? 4 : 1;
    for (int d : dims) bytes *= d;
    tensors_[index].bytes = bytes;
  }

  void SetSignature(Index index, const std::vector<int>& dims) {
    signature_[index] = NewIntArray(dims.data(), dims.size());
    tensors_[index].dims_signature = signature_[index].get();
  }

  void SetQuantisation(Index index, const std::vector<float>& scale,
                       const std::vector<int>& zero_point) {
    zero_point_[index] = NewIntArray(zero_point.data(), zero_point.size());
    // TfLiteFloatArray has the layout of an int array of the same length.
    static_assert(sizeof(float) == sizeof(int), "");
    std::vector<int> bits;
    for (const float& value : scale) {
      std::memcpy(&bits.emplace_back(), &value, sizeof(value));
    }
    scale_[index] = NewIntArray(bits.data(), bits.size());
    affine[index] = {reinterpret_cast<TfLiteFloatArray*>(scale_[index].get()),
                     zero_point_[index].get(), 0};
    tensors_[index].quantization = {kTfLiteAffineQuantization, &affine[index]};
    if (scale.size() == 1) tensors_[index].params = {scale[0], zero_point[0]};
  }

  void SetInputs(const std::vector<int>& inputs) {
    inputs_ = NewIntArray(inputs.data(), inputs.size());
    node_.inputs = inputs_.get();
  }

  TfLiteTensor& tensor(Index index) { return tensors_[index]; }
  TfLiteContext& context() { return context_; }
  TfLiteNode& node() { return node_; }
  TfLiteRegistration& registration() { return registration_; }

  TfLiteConvParams params = {};
  TfLiteAffineQuantization affine[4];

 private:
  void SetTensor(Index index, const std::vector<int>& dims, TfLiteType type,
                 TfLiteAllocationType allocation,
                 const std::vector<float>& scale,
                 const std::vector<int>& zero_point) {
    tensors_[index].type = type;
    tensors_[index].allocation_type = allocation;
    tensors_[index].name = "conv";
    SetDims(index, dims);
    SetQuantisation(index, scale, zero_point);
  }

  std::vector<int8_t> filter_ = std::vector<int8_t>(4 * 5 * 3);
  std::vector<int32_t> bias_ = {1, 2, 3, 4};
  std::vector<TfLiteTensor> tensors_;
  IntArray dims_[4], signature_[4], zero_point_[4], scale_[4];
  IntArray inputs_, outputs_;
  TfLiteNode node_ = {};
  TfLiteRegistration registration_ = {};
  TfLiteContext context_ = {};
};

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_TFLITE_FAKE_GRAPH_H_
