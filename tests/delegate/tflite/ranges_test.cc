#include "delegate/tflite/ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {
namespace {

// The output of the fake convolution has scale 0.25 and zero point 7.

ValueRange Learned(FakeConv* graph) {
  ValueRanges ranges;
  ranges.Learn(graph->context(), graph->node(), graph->registration(), nullptr);
  return ranges.Of(FakeConv::kOutput);
}

void ExpectRange(const ValueRange& range, int min, int max) {
  EXPECT_EQ(range.min, min);
  EXPECT_EQ(range.max, max);
}

TEST(RangesTest, NothingIsKnownAtFirst) {
  ExpectRange(ValueRanges().Of(3), -128, 127);
}

TEST(RangesTest, FusedClampOfAConvolution) {
  FakeConv graph;
  graph.params.activation = kTfLiteActRelu6;
  ExpectRange(Learned(&graph), 7, 31);
  graph.params.activation = kTfLiteActNone;
  ExpectRange(Learned(&graph), -128, 127);
}

TEST(RangesTest, AlsoOfOneThatIsNot1D) {
  FakeConv graph;
  graph.params.activation = kTfLiteActRelu6;
  graph.SetDims(FakeConv::kInput, {1, 4, 10, 3});
  graph.SetDims(FakeConv::kFilter, {4, 3, 5, 1});
  ExpectRange(Learned(&graph), 7, 31);
}

TEST(RangesTest, NotOfOtherTypesAndActivations) {
  FakeConv other_type;
  other_type.params.activation = kTfLiteActRelu6;
  other_type.tensor(FakeConv::kOutput).type = kTfLiteInt16;
  ExpectRange(Learned(&other_type), -128, 127);
  FakeConv tanh;
  tanh.params.activation = TfLiteFusedActivation(4);
  ExpectRange(Learned(&tanh), -128, 127);
}

TEST(RangesTest, PassesOperatorsThatMoveValues) {
  FakeConv graph;
  graph.params.activation = kTfLiteActReluN1To1;
  ValueRanges ranges;
  ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
  // From the convolution's output to what was its input, of zero point -3.
  graph.SetInputs({FakeConv::kOutput});
  const int to = FakeConv::kInput;
  const IntArray outputs = NewIntArray(&to, 1);
  graph.node().outputs = outputs.get();
  for (const int code : {kTfLiteBuiltinReshape, kTfLiteBuiltinTranspose,
                         kTfLiteBuiltinStridedSlice}) {
    graph.registration().builtin_code = code;
    ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
    ExpectRange(ranges.Of(to), 3, 11);
  }
  for (const int code : {kTfLiteBuiltinPad, kTfLiteBuiltinSpaceToBatchNd}) {
    graph.registration().builtin_code = code;
    ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
    ExpectRange(ranges.Of(to), -3, 11);
  }
}

// What an operator of `code` makes of the output of a convolution with
// RELU_N1_TO_1, [3, 11]; it writes to the convolution's input, whose
// quantisation then is that of the convolution's output.
ValueRange AfterClamp(int code, void* params,
                      const std::vector<int>& more_inputs = {}) {
  FakeConv graph;
  graph.params.activation = kTfLiteActReluN1To1;
  ValueRanges ranges;
  ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
  graph.SetQuantisation(FakeConv::kInput, {0.25f}, {7});
  std::vector<int> inputs = {FakeConv::kOutput};
  inputs.insert(inputs.end(), more_inputs.begin(), more_inputs.end());
  graph.SetInputs(inputs);
  const int to = FakeConv::kInput;
  const IntArray outputs = NewIntArray(&to, 1);
  graph.node().outputs = outputs.get();
  graph.node().builtin_data = params;
  graph.registration().builtin_code = code;
  ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
  return ranges.Of(to);
}

TEST(RangesTest, FusedClampsOfOtherOperators) {
  TfLiteDepthwiseConvParams depthwise = {};
  depthwise.activation = kTfLiteActRelu6;
  ExpectRange(AfterClamp(kTfLiteBuiltinDepthwiseConv2d, &depthwise), 7, 31);
  TfLiteFullyConnectedParams dense = {kTfLiteActRelu6};
  ExpectRange(AfterClamp(kTfLiteBuiltinFullyConnected, &dense), 7, 31);
  TfLiteArithmeticParams sum = {kTfLiteActRelu6};
  for (const int code :
       {kTfLiteBuiltinAdd, kTfLiteBuiltinSub, kTfLiteBuiltinMul}) {
    ExpectRange(AfterClamp(code, &sum), 7, 31);
    ExpectRange(AfterClamp(code, nullptr), -128, 127);
  }
}

TEST(RangesTest, PoolsKeepTheRangeAndClampIt) {
  TfLitePoolParams pool = {};
  for (const int code :
       {kTfLiteBuiltinAveragePool2d, kTfLiteBuiltinMaxPool2d}) {
    pool.activation = kTfLiteActNone;
    ExpectRange(AfterClamp(code, &pool), 3, 11);
    pool.activation = kTfLiteActRelu;
    ExpectRange(AfterClamp(code, &pool), 7, 11);
  }
}

TEST(RangesTest, PaddingBelongsToTheRange) {
  const int kNone = kTfLiteOptionalTensor;
  ExpectRange(AfterClamp(kTfLiteBuiltinPad, nullptr, {2}), 3, 11);
  ExpectRange(AfterClamp(kTfLiteBuiltinPad, nullptr, {2, kNone}), 3, 11);
  // The bias is no int8.
  ExpectRange(AfterClamp(kTfLiteBuiltinPadv2, nullptr, {2, FakeConv::kBias}),
              -128, 127);
  // Nor is the filter one value.
  ExpectRange(AfterClamp(kTfLiteBuiltinPad, nullptr, {2, FakeConv::kFilter}),
              -128, 127);
}

TEST(RangesTest, PadsWithAThirdInput) {
  for (const int value : {-100, 5, 100}) {
    FakeConv graph;
    graph.params.activation = kTfLiteActReluN1To1;
    ValueRanges ranges;
    ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
    graph.SetDims(FakeConv::kFilter, {1});
    static_cast<int8_t*>(graph.tensor(FakeConv::kFilter).data.data)[0] =
        static_cast<int8_t>(value);
    graph.SetInputs({FakeConv::kOutput, FakeConv::kBias, FakeConv::kFilter});
    const int to = FakeConv::kInput;
    const IntArray outputs = NewIntArray(&to, 1);
    graph.node().outputs = outputs.get();
    graph.registration().builtin_code = kTfLiteBuiltinPad;
    ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
    ExpectRange(ranges.Of(to), std::min(3, value), std::max(11, value));
    // Not known before the model runs.
    graph.tensor(FakeConv::kFilter).allocation_type = kTfLiteArenaRw;
    ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
    ExpectRange(ranges.Of(to), -128, 127);
  }
}

TEST(RangesTest, JoinsAllInputs) {
  const int code = kTfLiteBuiltinConcatenation;
  ExpectRange(AfterClamp(code, nullptr), 3, 11);
  ExpectRange(AfterClamp(code, nullptr, {FakeConv::kOutput}), 3, 11);
  // Of which nothing is known, of another quantisation, and not there.
  ExpectRange(AfterClamp(code, nullptr, {FakeConv::kInput}), -128, 127);
  ExpectRange(AfterClamp(code, nullptr, {FakeConv::kFilter}), -128, 127);
  ExpectRange(AfterClamp(code, nullptr, {99}), -128, 127);
}

TEST(RangesTest, TablesMapWhatTheyCanGet) {
  FakeConv graph;
  graph.params.activation = kTfLiteActReluN1To1;  // -1 .. 1
  ValueRanges ranges;
  ranges.Learn(graph.context(), graph.node(), graph.registration(), nullptr);
  graph.SetInputs({FakeConv::kOutput});
  const int to = FakeConv::kInput;
  const IntArray outputs = NewIntArray(&to, 1);
  graph.node().outputs = outputs.get();
  graph.registration().builtin_code = kTfLiteBuiltinRelu;
  LookupTable table = {};
  table[3] = -9;  // The ends of -1 .. 1 on scale 0.25, zero point 7.
  table[11] = 20;
  table[12] = 99;
  ranges.Learn(graph.context(), graph.node(), graph.registration(), &table);
  ExpectRange(ranges.Of(to), -9, 20);
}

TEST(RangesTest, OtherOperatorsHideTheirRange) {
  FakeConv graph;
  graph.registration().builtin_code = kTfLiteBuiltinHardSwish;  // No table.
  ExpectRange(Learned(&graph), -128, 127);
}

}  // namespace
}  // namespace wqlite
