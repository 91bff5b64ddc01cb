#include "delegate/tflite/matcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {
namespace {

using Change = std::function<void(FakeConv*)>;

bool Matches(FakeConv* graph) {
  return IsConv1D(graph->context(), graph->node(), graph->registration());
}

std::string Reason(const Change& change) {
  FakeConv graph;
  change(&graph);
  EXPECT_TRUE(Matches(&graph));
  ConvNode conv;
  return MatchConv1D(graph.context(), 0, graph.node(), &conv).message();
}

TEST(MatcherTest, DescribesTheConvolution) {
  FakeConv graph;
  graph.params.stride_width = 2;
  graph.params.stride_height = 9;  // Along an axis of size 1: no matter.
  graph.params.dilation_width_factor = 2;
  graph.params.activation = kTfLiteActRelu6;
  ConvNode conv;
  const Status status = MatchConv1D(graph.context(), 5, graph.node(), &conv);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(conv.index, 5);
  EXPECT_EQ(conv.name, "conv");
  EXPECT_EQ(conv.time_axis, 2);
  EXPECT_EQ(conv.spec.in_channels, 3);
  EXPECT_EQ(conv.spec.out_channels, 4);
  EXPECT_EQ(conv.spec.kernel_width, 5);
  EXPECT_EQ(conv.spec.stride, 2);
  EXPECT_EQ(conv.spec.dilation, 2);
  EXPECT_EQ(conv.spec.input_zero_point, -3);
  EXPECT_EQ(conv.spec.output_zero_point, 7);
  EXPECT_EQ(conv.spec.bias[3], 4);
  EXPECT_EQ(conv.spec.activation_min, 7);
  EXPECT_EQ(conv.spec.activation_max, 31);  // 7 + 6 / 0.25
  EXPECT_EQ(conv.shape.batch, 1);
  EXPECT_EQ(conv.shape.in_time, 10);
  EXPECT_EQ(conv.shape.out_time, 5);
  EXPECT_EQ(std::vector<int>(conv.output_dims, conv.output_dims + 4),
            (std::vector<int>{1, 1, 5, 4}));
  // 0.5 * 0.1 / 0.25 = 0.2 = 0.8 * 2^-2.
  EXPECT_EQ(conv.spec.shift[0], -2);
  EXPECT_NEAR(conv.spec.multiplier[0] / 2147483648.0, 0.8, 1e-7);
}

TEST(MatcherTest, ActivationRanges) {
  const struct {
    TfLiteFusedActivation activation;
    int min, max;
  } cases[] = {{kTfLiteActNone, -128, 127},
               {kTfLiteActRelu, 7, 127},
               {kTfLiteActReluN1To1, 3, 11},
               {kTfLiteActRelu6, 7, 31}};
  for (const auto& c : cases) {
    FakeConv graph;
    graph.params.activation = c.activation;
    ConvNode conv;
    ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
    EXPECT_EQ(conv.spec.activation_min, c.min);
    EXPECT_EQ(conv.spec.activation_max, c.max);
  }
}

TEST(MatcherTest, LayersThatThisMachineCannotAddressAreLeft) {
  // The rows of a direct convolution take 4 GiB.
  const std::string reason = Reason([](FakeConv* g) {
    g->SetDims(FakeConv::kInput, {1, 1, 1 << 26, 1});
    g->SetDims(FakeConv::kFilter, {1, 1, 60, 1});
    g->SetInputs({0, 1, kTfLiteOptionalTensor});
    g->SetQuantisation(FakeConv::kFilter, {0.1f}, {0});
  });
  EXPECT_EQ(reason, sizeof(void*) == 8 ? ""
                                       : "its batch, length or filter is "
                                         "larger than this machine can "
                                         "address");
}

TEST(MatcherTest, HeightAsTimeAxis) {
  FakeConv graph;
  graph.SetDims(FakeConv::kInput, {2, 10, 1, 3});
  graph.SetDims(FakeConv::kFilter, {4, 5, 1, 3});
  graph.params.padding = kTfLitePaddingValid;
  graph.params.stride_height = 3;
  ASSERT_TRUE(Matches(&graph));
  ConvNode conv;
  ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
  EXPECT_EQ(conv.time_axis, 1);
  EXPECT_EQ(conv.spec.stride, 3);
  EXPECT_EQ(std::vector<int>(conv.output_dims, conv.output_dims + 4),
            (std::vector<int>{2, 2, 1, 4}));
}

TEST(MatcherTest, OtherNodesAreNoConv1D) {
  const std::vector<Change> changes = {
      [](FakeConv* g) { g->registration().builtin_code = 4; },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kInput, {1, 2, 10, 3});
      },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kFilter, {4, 3, 5, 1});
      },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kFilter, {4, 5, 1, 3});
      },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kInput, {1, 10, 3});
      },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kInput, {1, 1, 0, 3});
      },
      [](FakeConv* g) { g->tensor(FakeConv::kInput).dims = nullptr; },
      [](FakeConv* g) { g->node().inputs = nullptr; },
      [](FakeConv* g) { g->node().outputs = nullptr; },
      [](FakeConv* g) { g->SetInputs({0}); },
      [](FakeConv* g) {
        g->SetInputs({0, 99, 2});
      },
      [](FakeConv* g) { g->context().tensors = nullptr; },
      [](FakeConv* g) { g->context().tensors_size = 3; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    FakeConv graph;
    changes[i](&graph);
    EXPECT_FALSE(Matches(&graph)) << "change " << i;
  }
}

TEST(MatcherTest, TakesWhatTFLiteTakes) {
  const std::vector<Change> changes = {
      [](FakeConv* g) {
        g->SetInputs({0, 1});
      },
      [](FakeConv* g) {
        g->SetInputs({0, 1, kTfLiteOptionalTensor});
      },
      // One scale for all channels.
      [](FakeConv* g) { g->SetQuantisation(FakeConv::kFilter, {0.1f}, {0}); },
      // LiteRT 1.4.0 to 2.1.2: equal zero points become one.
      [](FakeConv* g) {
        g->SetQuantisation(FakeConv::kFilter, {.1f, .2f, .3f, .4f}, {0});
      },
      [](FakeConv* g) { g->affine[FakeConv::kFilter].zero_point = nullptr; },
      [](FakeConv* g) {
        g->SetDims(FakeConv::kFilter, {4, 1, 5, 3});
      },
      [](FakeConv* g) {
        g->SetSignature(FakeConv::kInput, {1, 1, -1, 3});
      },
      [](FakeConv* g) {
        g->SetSignature(FakeConv::kInput, {-1, 1, -1, 3});
      },
      [](FakeConv* g) { g->SetSignature(FakeConv::kInput, {}); },
      [](FakeConv* g) {
        g->SetSignature(FakeConv::kInput, {1, 1});
      },
      [](FakeConv* g) {
        g->SetSignature(FakeConv::kInput, {1, 1, 10, 3, -1});
      },
      // As far as TFLite's int16 goes.
      [](FakeConv* g) { g->params.dilation_width_factor = 16383; },
      [](FakeConv* g) { g->params.stride_height = 32767; },
      // 0.5 * 0.4 / 2^-31: less than 2^30.
      [](FakeConv* g) {
        g->SetQuantisation(FakeConv::kOutput, {1 / 2147483648.f}, {0});
      },
      [](FakeConv* g) { g->tensor(FakeConv::kOutput).name = nullptr; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(Reason(changes[i]), "") << "change " << i;
  }
}

TEST(MatcherTest, OpenTimeMayStillBeTooShort) {
  FakeConv graph;
  graph.SetDims(FakeConv::kInput, {1, 1, 1, 3});
  graph.SetSignature(FakeConv::kInput, {1, 1, -1, 3});
  graph.params.padding = kTfLitePaddingValid;
  ConvNode conv;
  ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
  EXPECT_LE(conv.shape.out_time, 0);
}

TEST(MatcherTest, SaysWhyNot) {
  using G = FakeConv;
  const struct {
    Change change;
    const char* reason;
  } cases[] = {
      {[](G* g) { g->tensor(G::kInput).type = kTfLiteFloat32; },
       "its input is FLOAT32, not INT8"},
      {[](G* g) { g->tensor(G::kOutput).type = kTfLiteUInt8; },
       "its output is UINT8, not INT8"},
      {[](G* g) { g->tensor(G::kFilter).type = TfLiteType(77); },
       "its filter is of another type, not INT8"},
      {[](G* g) { g->tensor(G::kBias).type = kTfLiteInt64; },
       "its bias is INT64, not INT32"},
      {[](G* g) {
         g->SetInputs({0, 1, 99});
       },
       "its bias is missing"},
      {[](G* g) { g->tensor(G::kFilter).allocation_type = kTfLiteArenaRw; },
       "its filter is not constant"},
      {[](G* g) { g->tensor(G::kFilter).data.data = nullptr; },
       "its filter is not constant"},
      {[](G* g) { g->tensor(G::kBias).data.data = nullptr; },
       "its bias is not constant"},
      {[](G* g) { g->tensor(G::kFilter).sparsity = g; },
       "its filter is sparse"},
      {[](G* g) { g->tensor(G::kFilter).bytes = 59; },
       "its filter has 59 bytes where 60 belong"},
      {[](G* g) { g->tensor(G::kBias).bytes = 4; },
       "its bias has 4 bytes where 16 belong"},
      {[](G* g) {
         g->SetDims(G::kFilter, {1 << 20, 1, 1 << 20, 3});
       },
       "its filter is larger than 2 GiB"},
      {[](G* g) {
         g->tensor(G::kInput).quantization.type = kTfLiteNoQuantization;
       },
       "its input has no usable scale and zero point"},
      {[](G* g) { g->tensor(G::kOutput).quantization.params = nullptr; },
       "its output has no usable scale and zero point"},
      {[](G* g) { g->tensor(G::kInput).params.scale = 0; },
       "its input has no usable scale and zero point"},
      {[](G* g) {
         g->tensor(G::kInput).params.scale =
             std::numeric_limits<float>::infinity();
       },
       "its input has no usable scale and zero point"},
      {[](G* g) {
         g->SetQuantisation(G::kInput, {.5f, .5f}, {0, 0});
       },
       "its input has no usable scale and zero point"},
      {[](G* g) { g->tensor(G::kOutput).params.zero_point = 128; },
       "its output's zero point is outside of INT8"},
      {[](G* g) { g->affine[G::kFilter].scale = nullptr; },
       "its filter has no usable scale"},
      {[](G* g) {
         g->tensor(G::kFilter).quantization.type = TfLiteQuantizationType(2);
       },
       "its filter has no usable scale"},
      {[](G* g) {
         g->SetQuantisation(G::kFilter, {.1f, .2f, .3f}, {0, 0, 0});
       },
       "its filter is quantised along another axis than output channels"},
      {[](G* g) { g->affine[G::kFilter].quantized_dimension = 3; },
       "its filter is quantised along another axis than output channels"},
      {[](G* g) {
         g->SetQuantisation(G::kFilter, {.1f, -.2f, .3f, .4f}, {0, 0, 0, 0});
       },
       "its filter has a scale that is not positive"},
      {[](G* g) {
         g->SetQuantisation(G::kFilter, {.1f, .2f, .3f, .4f}, {0, 0, 1, 0});
       },
       "its filter has a zero point other than 0"},
      {[](G* g) { g->node().builtin_data = nullptr; }, "it has no parameters"},
      {[](G* g) { g->params.padding = kTfLitePaddingUnknown; },
       "its padding is neither SAME nor VALID"},
      {[](G* g) { g->params.stride_width = 0; },
       "it has a stride or a dilation below 1"},
      {[](G* g) { g->params.dilation_height_factor = -1; },
       "it has a stride or a dilation below 1"},
      {[](G* g) { g->params.dilation_width_factor = 1 << 15; },
       "TFLite cuts its stride or dilation to 16 bits"},
      {[](G* g) { g->params.stride_width = 1 << 15; },
       "TFLite cuts its stride or dilation to 16 bits"},
      {[](G* g) { g->params.stride_height = 1 << 30; },
       "TFLite cuts its stride or dilation to 16 bits"},
      {[](G* g) { g->params.dilation_width_factor = 16385; },
       "TFLite cuts its padding to 16 bits"},
      {[](G* g) {
         g->SetDims(G::kFilter, {(1 << 20) + 1, 1, 1, 3});
       },
       "its filter has more than 1048576 output channels"},
      {[](G* g) {
         // 0.5 * 0.4 / 2^-33: more than 2^30.
         g->SetQuantisation(G::kOutput, {1 / 8589934592.f}, {0});
       },
       "its output scale is too small for its input and filter scales"},
      {[](G* g) { g->tensor(G::kInput).is_variable = true; },
       "its input is a variable"},
      {[](G* g) { g->tensor(G::kOutput).is_variable = true; },
       "its output is a variable"},
      {[](G* g) { g->tensor(G::kOutput).allocation_type = kTfLiteMmapRo; },
       "its output is constant"},
      {[](G* g) { g->tensor(G::kInput).type = kTfLiteString; },
       "its input is of another type, not INT8"},
      {[](G* g) { g->SetQuantisation(G::kInput, {}, {}); },
       "its input has no usable scale and zero point"},
      {[](G* g) { g->SetQuantisation(G::kFilter, {}, {}); },
       "its filter has no usable scale"},
      {[](G* g) { g->SetQuantisation(G::kInput, {std::nanf("")}, {0}); },
       "its input has no usable scale and zero point"},
      {[](G* g) {
         g->SetQuantisation(G::kFilter, {.1f, std::nanf(""), .3f, .4f}, {0});
       },
       "its filter has a scale that is not positive"},
      {[](G* g) { g->params.activation = TfLiteFusedActivation(4); },
       "its fused activation is not RELU, RELU6 or RELU_N1_TO_1"},
      {[](G* g) {
         g->params.activation = kTfLiteActRelu6;
         g->SetQuantisation(G::kOutput, {1e-12f}, {0});
       },
       "its activation range overflows"},
      {[](G* g) {
         g->SetDims(G::kInput, {1, 1, 10, 6});
       },
       "its input has 6 channels and its filter 3"},
      {[](G* g) {
         g->params.padding = kTfLitePaddingValid;
         g->SetDims(G::kInput, {1, 1, 4, 3});
       },
       "its filter is longer than its unpadded input"},
      {[](G* g) {
         g->SetSignature(G::kInput, {1, -1, 10, 3});
       },
       "the model leaves open whether it stays 1-D"},
      {[](G* g) {
         g->SetDims(G::kInput, {1 << 20, 1, 1 << 20, 3});
       },
       "its input or output is larger than 1 GiB"},
  };
  for (const auto& c : cases) EXPECT_EQ(Reason(c.change), c.reason);
}

TEST(MatcherTest, WeightsOfMinus128AreLeftToTFLiteOnArm) {
  const std::string reason = Reason([](FakeConv* g) {
    static_cast<int8_t*>(g->tensor(FakeConv::kFilter).data.data)[59] = -128;
  });
#if defined(__arm__) || defined(__aarch64__)
  EXPECT_EQ(reason, "its filter has a weight of -128");
#else
  EXPECT_EQ(reason, "");
#endif
}

TEST(FitShapeTest, FollowsANewInput) {
  FakeConv graph;
  ConvNode conv;
  ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
  const auto fit = [&conv](const std::vector<int>& dims) {
    return FitShape(*NewIntArray(dims.data(), dims.size()), &conv).message();
  };
  EXPECT_EQ(fit({2, 1, 7, 3}), "");
  EXPECT_EQ(conv.shape.batch, 2);
  EXPECT_EQ(conv.shape.out_time, 7);
  // Rows that the filter does not span are signals of their own.
  EXPECT_EQ(fit({2, 5, 7, 3}), "");
  EXPECT_EQ(conv.shape.batch, 10);
  EXPECT_EQ(conv.output_dims[1], 5);
  EXPECT_EQ(fit({2, 1, 7, 4}), "its input has 4 channels and its filter 3");
  EXPECT_EQ(fit({2, 1, 1 << 30, 3}),
            "its input or output is larger than 1 GiB");
  EXPECT_EQ(fit({1 << 30, 1 << 30, 1, 3}),
            "its input or output is larger than 1 GiB");
  EXPECT_EQ(fit({2, 7, 3}), "its input is empty or does not have 4 dimensions");
  EXPECT_EQ(fit({2, 1, 0, 3}),
            "its input is empty or does not have 4 dimensions");
}

TEST(FitShapeTest, RefusesWhatIsNoLongerOneDimensional) {
  FakeConv graph;
  graph.SetDims(FakeConv::kInput, {1, 10, 1, 3});
  graph.SetDims(FakeConv::kFilter, {4, 5, 1, 3});
  ConvNode conv;
  ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
  const int dims[] = {1, 10, 2, 3};
  EXPECT_EQ(FitShape(*NewIntArray(dims, 4), &conv).message(),
            "it is not 1-D with an input of height 10 and width 2");
}

TEST(FitShapeTest, AWidthOneFilterFollowsEitherAxis) {
  FakeConv graph;
  graph.SetDims(FakeConv::kFilter, {4, 1, 1, 3});
  graph.params.stride_height = 2;
  ConvNode conv;
  ASSERT_TRUE(MatchConv1D(graph.context(), 0, graph.node(), &conv).ok());
  EXPECT_EQ(conv.spec.stride, 1);
  const int dims[] = {1, 10, 1, 3};
  ASSERT_TRUE(FitShape(*NewIntArray(dims, 4), &conv).ok());
  EXPECT_EQ(conv.time_axis, 1);
  EXPECT_EQ(conv.spec.stride, 2);
  EXPECT_EQ(conv.shape.out_time, 5);
}

}  // namespace
}  // namespace wqlite
