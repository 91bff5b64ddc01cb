#include "delegate/tflite/ranges.h"

#include <gtest/gtest.h>

#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {
namespace {

// The output of the fake convolution has scale 0.25 and zero point 7.

ValueRange Learned(FakeConv* graph) {
  ValueRanges ranges;
  ranges.Learn(graph->context(), graph->node(), graph->registration());
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
  ranges.Learn(graph.context(), graph.node(), graph.registration());
  // From the convolution's output to what was its input, of zero point -3.
  graph.SetInputs({FakeConv::kOutput});
  const int to = FakeConv::kInput;
  const IntArray outputs = NewIntArray(&to, 1);
  graph.node().outputs = outputs.get();
  for (const int code : {kTfLiteBuiltinReshape, kTfLiteBuiltinTranspose,
                         kTfLiteBuiltinStridedSlice}) {
    graph.registration().builtin_code = code;
    ranges.Learn(graph.context(), graph.node(), graph.registration());
    ExpectRange(ranges.Of(to), 3, 11);
  }
  for (const int code : {kTfLiteBuiltinPad, kTfLiteBuiltinSpaceToBatchNd}) {
    graph.registration().builtin_code = code;
    ranges.Learn(graph.context(), graph.node(), graph.registration());
    ExpectRange(ranges.Of(to), -3, 11);
  }
}

TEST(RangesTest, TablesMapWhatTheyCanGet) {
  FakeConv graph;
  graph.params.activation = kTfLiteActReluN1To1;  // -1 .. 1
  ValueRanges ranges;
  ranges.Learn(graph.context(), graph.node(), graph.registration());
  graph.SetInputs({FakeConv::kOutput});
  const int to = FakeConv::kInput;
  const IntArray outputs = NewIntArray(&to, 1);
  graph.node().outputs = outputs.get();
  graph.registration().builtin_code = kTfLiteBuiltinRelu;
  ranges.Learn(graph.context(), graph.node(), graph.registration());
  ExpectRange(ranges.Of(to), -3, -1);  // 0 .. 1 on scale 0.5, zero point -3
}

TEST(RangesTest, OtherOperatorsHideTheirRange) {
  FakeConv graph;
  graph.registration().builtin_code = 117;  // HARD_SWISH
  ExpectRange(Learned(&graph), -128, 127);
}

}  // namespace
}  // namespace wqlite
