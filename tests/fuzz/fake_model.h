#ifndef WQLITE_TESTS_FUZZ_FAKE_MODEL_H_
#define WQLITE_TESTS_FUZZ_FAKE_MODEL_H_

#include <cstdint>
#include <vector>

#include "delegate/tflite/abi.h"

namespace wqlite {

/// A tensor as a model file describes it: good or bad.
struct FakeTensor {
  TfLiteType type = kTfLiteInt8;
  std::vector<int> dims;
  std::vector<int> signature;  ///< Empty: none.
  /// kTfLiteMmapRo with `data`, or kTfLiteArenaRw.
  TfLiteAllocationType allocation = kTfLiteArenaRw;
  std::vector<uint8_t> data;
  bool has_quantization = true;
  bool has_scale = true;  ///< False: null pointers in its place.
  std::vector<float> scale = {1};
  std::vector<int> zero_point = {0};
  int quantized_dimension = 0;
  bool sparse = false;
};

/// What TFLite parses an operator's options into.
union FakeParams {
  TfLiteConvParams conv;
  TfLiteLeakyReluParams leaky_relu;
  TfLiteSqueezeParams squeeze;
};

struct FakeNode {
  int32_t op = 0;  ///< TfLiteBuiltinOperator.
  std::vector<int> inputs;
  std::vector<int> outputs;
  bool has_params = true;
  FakeParams params = {};
};

/// A graph as a model file describes it. Nodes run in the order of the list.
struct FakeModel {
  std::vector<FakeTensor> tensors;
  std::vector<FakeNode> nodes;
  std::vector<int> inputs;
  std::vector<int> outputs;
};

}  // namespace wqlite

#endif  // WQLITE_TESTS_FUZZ_FAKE_MODEL_H_
