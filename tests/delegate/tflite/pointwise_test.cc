#include "delegate/tflite/pointwise.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "delegate/tflite/int_array.h"
#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {
namespace {

using Dims = std::vector<int>;
using Shape = PointwiseNode::Shape;

int8_t Negate(int8_t q, size_t, size_t) { return static_cast<int8_t>(~q); }

// The fake convolution's tensors, read by another operator: INT8 kInput to
// kOutput, and as a new shape the constant INT32 kBias {1, 2, 3, 4}.
Status Match(TfLiteBuiltinOperator code,
             const std::function<void(FakeConv*)>& change,
             PointwiseNode* node) {
  FakeConv graph;
  graph.registration() = FakeUnaryKernel<Negate>(code);
  graph.SetInputs({FakeConv::kInput, FakeConv::kBias});
  change(&graph);
  EXPECT_TRUE(IsPointwise(graph.registration()));
  return MatchPointwise(&graph.context(), 5, graph.node(), graph.registration(),
                        node);
}

std::string Reason(TfLiteBuiltinOperator code,
                   const std::function<void(FakeConv*)>& change) {
  PointwiseNode node;
  return Match(code, change, &node).message();
}

void Nothing(FakeConv*) {}

Dims MadeDims(Shape shape, const Dims& argument, const Dims& dims) {
  PointwiseNode node;
  node.shape = shape;
  node.shape_argument = argument;
  Dims made;
  const Status status =
      OutputDims(node, *NewIntArray(dims.data(), dims.size()), &made);
  return status.ok() ? made : Dims{-99};
}

TEST(PointwiseTest, DescribesTheNode) {
  PointwiseNode node;
  const Status status = Match(kTfLiteBuiltinLeakyRelu, Nothing, &node);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(node.index, 5);
  EXPECT_EQ(node.name, "conv");
  EXPECT_EQ(node.input, FakeConv::kInput);
  EXPECT_EQ(node.output, FakeConv::kOutput);
  EXPECT_STREQ(node.op, "LEAKY_RELU");
  ASSERT_TRUE(node.table.has_value());
  EXPECT_EQ((*node.table)[static_cast<uint8_t>(-5)], 4);
}

TEST(PointwiseTest, ReadsTheNewShape) {
  PointwiseNode node;
  ASSERT_TRUE(Match(kTfLiteBuiltinReshape, Nothing, &node).ok());
  EXPECT_EQ(node.shape_argument, (Dims{1, 2, 3, 4}));
  EXPECT_FALSE(node.table.has_value());
}

TEST(PointwiseTest, SaysWhyNot) {
  const auto with = [](auto change) {
    return [change](FakeConv* g) { change(*g); };
  };
  EXPECT_EQ(Reason(kTfLiteBuiltinRelu, with([](FakeConv& g) {
                     g.tensor(FakeConv::kOutput).type = kTfLiteUInt8;
                   })),
            "its output is UINT8, not INT8");
  EXPECT_EQ(Reason(kTfLiteBuiltinReshape, with([](FakeConv& g) {
                     g.tensor(FakeConv::kInput).type = kTfLiteFloat32;
                   })),
            "its input is FLOAT32, not INT8");
  EXPECT_EQ(Reason(kTfLiteBuiltinRelu, with([](FakeConv& g) {
                     g.tensor(FakeConv::kInput).quantization.params = nullptr;
                   })),
            "its input has no usable scale and zero point");
  EXPECT_EQ(Reason(kTfLiteBuiltinReshape, with([](FakeConv& g) {
                     g.tensor(FakeConv::kBias).allocation_type = kTfLiteArenaRw;
                   })),
            "its new shape is not constant");
  EXPECT_EQ(Reason(kTfLiteBuiltinReshape,
                   with([](FakeConv& g) { g.SetInputs({FakeConv::kInput}); })),
            "its new shape is not a vector");
  EXPECT_EQ(Reason(kTfLiteBuiltinReshape, with([](FakeConv& g) {
                     g.SetDims(FakeConv::kBias, {2, 2});
                   })),
            "its new shape is not a vector");
  EXPECT_EQ(
      Reason(kTfLiteBuiltinRelu, with([](FakeConv& g) { g.SetInputs({99}); })),
      "its input or output is missing");
  EXPECT_EQ(Reason(kTfLiteBuiltinTanh, with([](FakeConv& g) {
                     g.registration().invoke = nullptr;
                   })),
            "this interpreter does not show its kernel");
  TfLiteSqueezeParams nine = {{}, 9};
  EXPECT_EQ(Reason(kTfLiteBuiltinSqueeze,
                   with([&](FakeConv& g) { g.node().builtin_data = &nine; })),
            "it has no parameters");
}

TEST(PointwiseTest, OtherOperatorsAreNotPointwise) {
  TfLiteRegistration registration = {};
  registration.builtin_code = kTfLiteBuiltinConv2d;
  EXPECT_FALSE(IsPointwise(registration));
}

TEST(PointwiseTest, Reshapes) {
  const Dims bad = {-99};
  EXPECT_EQ(MadeDims(Shape::kSame, {}, {2, 3}), (Dims{2, 3}));
  EXPECT_EQ(MadeDims(Shape::kReshape, {1, 6, 4}, {4, 6}), (Dims{1, 6, 4}));
  EXPECT_EQ(MadeDims(Shape::kReshape, {-1, 8}, {4, 6}), (Dims{3, 8}));
  EXPECT_EQ(MadeDims(Shape::kReshape, {-1}, {4, 6}), (Dims{24}));
  EXPECT_EQ(MadeDims(Shape::kReshape, {5, 5}, {4, 6}), bad);
  EXPECT_EQ(MadeDims(Shape::kReshape, {-1, 5}, {4, 6}), bad);
  EXPECT_EQ(MadeDims(Shape::kReshape, {-1, -1}, {4, 6}), bad);
  EXPECT_EQ(MadeDims(Shape::kReshape, {-2, -12}, {4, 6}), bad);
  EXPECT_EQ(MadeDims(Shape::kReshape, {-1, 0}, {4, 6}), bad);
  EXPECT_EQ(MadeDims(Shape::kReshape, {1 << 30, 1 << 30, 1 << 30}, {4}), bad);
}

TEST(PointwiseTest, ExpandsDims) {
  EXPECT_EQ(MadeDims(Shape::kExpandDims, {1}, {4, 6}), (Dims{4, 1, 6}));
  EXPECT_EQ(MadeDims(Shape::kExpandDims, {-1}, {4, 6}), (Dims{4, 6, 1}));
  EXPECT_EQ(MadeDims(Shape::kExpandDims, {-3}, {4, 6}), (Dims{1, 4, 6}));
  for (const Dims& axis : {Dims{3}, Dims{-4}, Dims{}, Dims{0, 1}}) {
    EXPECT_EQ(MadeDims(Shape::kExpandDims, axis, {4, 6}), Dims{-99});
  }
}

TEST(PointwiseTest, Squeezes) {
  EXPECT_EQ(MadeDims(Shape::kSqueeze, {}, {1, 4, 1, 6}), (Dims{4, 6}));
  EXPECT_EQ(MadeDims(Shape::kSqueeze, {2}, {1, 4, 1, 6}), (Dims{1, 4, 6}));
  EXPECT_EQ(MadeDims(Shape::kSqueeze, {-4, 2}, {1, 4, 1, 6}), (Dims{4, 6}));
  for (const Dims& axes : {Dims{1}, Dims{4}, Dims{-5}}) {
    EXPECT_EQ(MadeDims(Shape::kSqueeze, axes, {1, 4, 1, 6}), Dims{-99});
  }
}

}  // namespace
}  // namespace wqlite
