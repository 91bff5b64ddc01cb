#include "delegate/tflite/delegate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "delegate/tflite/kernel.h"
#include "tests/delegate/tflite/fake_runtime.h"

extern "C" TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*));
extern "C" void tflite_plugin_destroy_delegate(TfLiteDelegate* handle);

namespace wqlite {
namespace {

Options Quiet() {
  Options options;
  options.log_level = LogLevel::kSilent;
  return options;
}

TEST(DelegateTest, RegistrationIsZeroWhereWeSayNothing) {
  const TfLiteRegistration registration = PartitionRegistration();
  EXPECT_EQ(registration.profiling_string, nullptr);
  EXPECT_EQ(registration.builtin_code, 0);
  EXPECT_EQ(registration.registration_external, nullptr);
  EXPECT_EQ(registration.async_kernel, nullptr);
  EXPECT_EQ(registration.inplace_operator, 0u);
}

TEST(DelegateTest, RunsAConvolution) {
  Delegate delegate(Quiet());
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk) << runtime.errors;
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
  std::vector<int8_t> input(10 * 3, -3), output(10 * 4, 99);  // -3: real 0.
  runtime.tensor(FakeConv::kInput).data.data = input.data();
  runtime.tensor(FakeConv::kOutput).data.data = output.data();
  ASSERT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
  // Zero times any weight leaves the bias {1, 2, 3, 4} times {.2, .4, .6, .8},
  // rounded, plus the zero point 7.
  for (int t = 0; t < 10; ++t) {
    EXPECT_EQ(std::vector<int8_t>(&output[t * 4], &output[t * 4] + 4),
              (std::vector<int8_t>{7, 8, 9, 10}));
  }
}

/// For nodes without a kernel that could be asked.
Options Unasked() {
  Options options = Quiet();
  options.verification = Verification::kOff;
  options.rounding = {Rounding::kDoubleUp, Rounding::kDoubleUp};
  return options;
}

TEST(DelegateTest, FollowsAResizedInput) {
  Delegate delegate(Unasked());
  FakeRuntime runtime;
  runtime.registration().invoke = nullptr;
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
  runtime.SetDims(FakeConv::kInput, {2, 1, 6, 3});
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
  const TfLiteIntArray& dims = *runtime.tensor(FakeConv::kOutput).dims;
  EXPECT_EQ(std::vector<int>(dims.data, dims.data + 4),
            (std::vector<int>{2, 1, 6, 4}));
  runtime.SetDims(FakeConv::kInput, {2, 1, 6, 5});
  EXPECT_EQ(runtime.PrepareKernel(), kTfLiteError);
  EXPECT_EQ(runtime.errors,
            "wqlite: node 0 'conv': its input has 5 channels and its filter "
            "3\n");
}

/// A kernel of TFLite's own: it says what was asked of it.
struct FakeOriginal {
  static void Install(FakeRuntime* runtime) {
    calls = "";
    runtime->registration().init = [](TfLiteContext*, const char* buffer,
                                      size_t) -> void* {
      calls += "init ";
      static int state;
      return buffer == nullptr ? nullptr : &state;
    };
    runtime->registration().free = [](TfLiteContext*, void*) {
      calls += "free ";
    };
    runtime->registration().prepare = [](TfLiteContext* context,
                                         TfLiteNode* node) {
      calls += node->user_data == nullptr ? "prepare? " : "prepare ";
      const int temporary = kTemporary;
      std::free(node->temporaries);
      node->temporaries = NewIntArray(&temporary, 1).release();
      const int dims[] = {1, 2, 2, 4};
      return context->ResizeTensor(context,
                                   &context->tensors[node->outputs->data[0]],
                                   NewIntArray(dims, 4).release());
    };
    runtime->registration().invoke = [](TfLiteContext*, TfLiteNode* node) {
      calls += node->user_data == nullptr ? "invoke? " : "invoke ";
      return kTfLiteOk;
    };
  }
  static constexpr int kTemporary = 77;
  static std::string calls;
};

std::string FakeOriginal::calls;

TEST(DelegateTest, ShapesThatItCannotRunAreRunByTFLitesKernel) {
  Delegate delegate(Unasked());
  {
    FakeRuntime runtime;
    FakeOriginal::Install(&runtime);
    ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
    ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
    EXPECT_EQ(FakeOriginal::calls, "");
    EXPECT_EQ(runtime.delegate_node.temporaries->size, 0);

    for (const std::vector<int>& dims :
         {std::vector<int>{1, 0, 10, 3}, {2, 3}, {1, 1, 10, 9}}) {
      runtime.SetDims(FakeConv::kInput, dims);
      FakeOriginal::calls = "";
      ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
      ASSERT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
      EXPECT_NE(FakeOriginal::calls.find("prepare invoke "), std::string::npos);
      ASSERT_EQ(runtime.delegate_node.temporaries->size, 1);
      EXPECT_EQ(runtime.delegate_node.temporaries->data[0],
                FakeOriginal::kTemporary);
      EXPECT_EQ(runtime.tensor(FakeConv::kOutput).dims->data[2], 2);
    }

    FakeOriginal::calls = "";
    runtime.SetDims(FakeConv::kInput, {1, 1, 10, 3});
    ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
    std::vector<int8_t> input(10 * 3), output(10 * 4);
    runtime.tensor(FakeConv::kInput).data.data = input.data();
    runtime.tensor(FakeConv::kOutput).data.data = output.data();
    EXPECT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
    EXPECT_EQ(FakeOriginal::calls, "") << "ours runs again";
    EXPECT_EQ(runtime.delegate_node.temporaries->size, 0);
  }
  EXPECT_EQ(FakeOriginal::calls, "free ");
}

TEST(DelegateTest, StrictRefusesAShapeThatItCannotRun) {
  Options options = Unasked();
  options.strict = true;
  Delegate delegate(options);
  FakeRuntime runtime;
  FakeOriginal::Install(&runtime);
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  runtime.SetDims(FakeConv::kInput, {1, 1, 0, 3});
  EXPECT_EQ(runtime.PrepareKernel(), kTfLiteError);
  EXPECT_EQ(runtime.errors,
            "wqlite: strict: node 0 'conv': its input is empty or does not "
            "have 4 dimensions; left to TFLite's own kernel\n");
}

TEST(DelegateTest, WhatTFLitesKernelRefusesIsRefused) {
  Delegate delegate(Unasked());
  FakeRuntime runtime;
  FakeOriginal::Install(&runtime);
  runtime.registration().prepare = [](TfLiteContext*, TfLiteNode*) {
    return kTfLiteError;
  };
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  runtime.SetDims(FakeConv::kInput, {1, 1, 10, 7});
  EXPECT_EQ(runtime.PrepareKernel(), kTfLiteError);
  EXPECT_EQ(runtime.errors, "") << "TFLite's own message is enough";
}

TEST(DelegateTest, AGraphThatIsOutOfOrderIsLeftAlone) {
  Options options;
  Delegate delegate(options);
  FakeRuntime runtime;
  runtime.SetInputs({FakeConv::kInput, FakeConv::kFilter, FakeConv::kOutput});
  testing::internal::CaptureStderr();
  EXPECT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "wqlite: took 0 of 1 Conv1D layers; left out, first: node 0 "
            "'conv': node 0 reads, before it is written, tensor 3: the graph "
            "is out of order\n");
  EXPECT_EQ(runtime.replacements, 0);
}

TEST(DelegateTest, DoesNotRunOnTensorsThatChanged) {
  const char* const kMessage =
      "wqlite: node 0 'conv': its tensors changed since they were allocated; "
      "call AllocateTensors again\n";
  Delegate delegate(Quiet());
  FakeRuntime runtime;
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
  EXPECT_EQ(runtime.InvokeKernel(), kTfLiteError);  // Null data.
  EXPECT_EQ(runtime.errors, kMessage);
  std::vector<int8_t> input(5 * 3), output(10 * 4);
  runtime.tensor(FakeConv::kInput).data.data = input.data();
  runtime.tensor(FakeConv::kOutput).data.data = output.data();
  runtime.SetDims(FakeConv::kInput, {1, 1, 5, 3});
  runtime.errors.clear();
  EXPECT_EQ(runtime.InvokeKernel(), kTfLiteError);
  EXPECT_EQ(runtime.errors, kMessage);
}

TEST(DelegateTest, StrictNamesTheLayerThatIsLeftOut) {
  Options options = Quiet();
  options.strict = true;
  Delegate delegate(options);
  FakeRuntime runtime;
  runtime.tensor(FakeConv::kInput).type = kTfLiteFloat32;
  EXPECT_EQ(runtime.Apply(delegate.handle()), kTfLiteError);
  EXPECT_EQ(runtime.errors,
            "wqlite: strict: took 0 of 1 Conv1D layers; node 0 'conv': its "
            "input is FLOAT32, not INT8\n");
  FakeRuntime good;
  EXPECT_EQ(good.Apply(delegate.handle()), kTfLiteOk);
}

TEST(DelegateTest, TakesNoLayerWhoseRoundingItDoesNotFind) {
  FakeRuntime runtime;
  runtime.registration() =
      FakeConvKernel<Rounding::kDoubleUp, Rounding::kDoubleUp,
                     Fault::kTruncates>::Registration();
  Options options;
  Delegate delegate(options);
  testing::internal::CaptureStderr();
  EXPECT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  EXPECT_EQ(testing::internal::GetCapturedStderr().rfind(
                "wqlite: took 0 of 1 Conv1D layers; left out, first: node 0 "
                "'conv': this interpreter's kernel of it rounds by none",
                0),
            0u);
  EXPECT_EQ(runtime.kernel.init, nullptr);
  options = Quiet();
  options.strict = true;
  Delegate strict(options);
  EXPECT_EQ(runtime.Apply(strict.handle()), kTfLiteError);
  EXPECT_NE(runtime.errors.find("double_up misses "), std::string::npos);
}

// Scales that are powers of two make ties, which tell the rules apart.
TEST(DelegateTest, RoundsAsTheRuntimeDoes) {
  const auto outputs = [](const TfLiteRegistration& registration,
                          const Options& options) {
    FakeRuntime runtime;
    runtime.registration() = registration;
    runtime.SetDims(FakeConv::kInput, {1, 1, 500, 3});
    runtime.SetDims(FakeConv::kOutput, {1, 1, 500, 4});
    runtime.SetQuantisation(FakeConv::kFilter,
                            {1 / 512.f, 1 / 1024.f, 1 / 2048.f, 0.0007f},
                            {0, 0, 0, 0});
    Delegate delegate(options);
    EXPECT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
    EXPECT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
    std::vector<int8_t> input(500 * 3), made(500 * 4), wanted(500 * 4);
    std::minstd_rand random(1);
    for (int8_t& q : input) q = static_cast<int8_t>(random() >> 8);
    runtime.tensor(FakeConv::kInput).data.data = input.data();
    runtime.tensor(FakeConv::kOutput).data.data = made.data();
    EXPECT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
    runtime.tensor(FakeConv::kOutput).data.data = wanted.data();
    registration.invoke(&runtime.context(), &runtime.node());
    EXPECT_EQ(made, wanted);
    return made;
  };
  constexpr Rounding kUp = Rounding::kDoubleUp;
  const auto up = FakeConvKernel<kUp, kUp>::Registration();
  const auto away = FakeConvKernel<Rounding::kDoubleAway, kUp>::Registration();
  const auto single = FakeConvKernel<Rounding::kSingle, kUp>::Registration();
  const std::set<std::vector<int8_t>> all = {
      outputs(up, Quiet()), outputs(away, Quiet()), outputs(single, Quiet())};
  EXPECT_EQ(all.size(), 3u);
}

// A kernel whose last byte is off by one, but for layers of width 1.
TEST(DelegateTest, ALayerThatDiffersFromTFLitesKernelIsLeftToIt) {
  for (const Verification verification :
       {Verification::kOff, Verification::kQuick, Verification::kFull}) {
    const bool verifies = verification != Verification::kOff;
    FakeRuntime runtime;
    runtime.registration() =
        FakeConvKernel<Rounding::kDoubleUp, Rounding::kDoubleUp,
                       Fault::kWideIsWrong>::Registration();
    Options options;
    options.verification = verification;
    Delegate delegate(options);
    ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk) << runtime.errors;
    testing::internal::CaptureStderr();
    ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(log.find(" bytes differ from those of TFLite's own kernel; left "
                       "to TFLite's own kernel\n") != std::string::npos,
              verifies)
        << log;
    std::vector<int8_t> input(10 * 3, -3), output(10 * 4, 99);
    runtime.tensor(FakeConv::kInput).data.data = input.data();
    runtime.tensor(FakeConv::kOutput).data.data = output.data();
    ASSERT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
    EXPECT_EQ(output.back(), verifies ? 11 : 10) << "the kernel's last byte";

    options.log_level = LogLevel::kSilent;
    options.strict = true;
    Delegate strict(options);
    FakeRuntime other;
    other.registration() = runtime.registration();
    ASSERT_EQ(other.Apply(strict.handle()), kTfLiteOk) << other.errors;
    EXPECT_EQ(other.PrepareKernel(), verifies ? kTfLiteError : kTfLiteOk);
    EXPECT_EQ(other.errors.rfind("wqlite: strict: node 0 'conv': ", 0) == 0,
              verifies)
        << other.errors;
  }
}

TEST(DelegateTest, SaysWhatItVerified) {
  for (const auto& [verification, bytes] :
       {std::pair(Verification::kQuick, 2 * 9 * 4),
        std::pair(Verification::kFull, 4 * 10 * 4)}) {
    Options options;
    options.log_level = LogLevel::kInfo;
    options.verification = verification;
    Delegate delegate(options);
    FakeRuntime runtime;
    testing::internal::CaptureStderr();
    ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
    ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk);
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_NE(
        log.find("wqlite: verify: node 0 'conv': " + std::to_string(bytes) +
                 " bytes equal those of TFLite's own kernel\n"),
        std::string::npos)
        << log;
  }
}

TEST(DelegateTest, WithoutStrictTheLayerStaysWithTFLite) {
  Delegate delegate(Quiet());
  FakeRuntime runtime;
  runtime.tensor(FakeConv::kInput).type = kTfLiteFloat32;
  EXPECT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  EXPECT_EQ(runtime.kernel.init, nullptr);
}

TEST(DelegateTest, LogsOneLinePerLayerAndASummary) {
  Options options;
  options.log_level = LogLevel::kInfo;
  options.plan.algorithm = Algorithm::kDirect;
  Delegate delegate(options);
  FakeRuntime runtime;
  testing::internal::CaptureStderr();
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(log.rfind("wqlite: rounding: double_up, with one output step "
                      "double_up\nwqlite: node 0 'conv': width 5 stride 1 "
                      "3->4, 10->10 steps: kernel=direct tile=-: ",
                      0),
            0u)
      << log;
  EXPECT_NE(log.find("\nwqlite: took 1 of 1 Conv1D layers\n"),
            std::string::npos)
      << log;
}

TEST(DelegateTest, WarnsOfALayerThatIsLeftOut) {
  Delegate delegate{Options()};
  FakeRuntime runtime;
  runtime.tensor(FakeConv::kInput).type = kTfLiteFloat32;
  testing::internal::CaptureStderr();
  ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "wqlite: took 0 of 1 Conv1D layers; left out, first: node 0 "
            "'conv': its input is FLOAT32, not INT8\n");
}

TEST(DelegateTest, PassesFailuresOfTheRuntimeOn) {
  Delegate delegate(Quiet());
  FakeRuntime no_plan;
  no_plan.plan_status = kTfLiteError;
  EXPECT_EQ(no_plan.Apply(delegate.handle()), kTfLiteError);
  FakeRuntime no_node;
  no_node.node_status = kTfLiteDelegateError;
  EXPECT_EQ(no_node.Apply(delegate.handle()), kTfLiteDelegateError);
}

TEST(DelegateTest, OneDelegateServesSeveralGraphs) {
  Delegate delegate(Quiet());
  FakeRuntime first, second;
  ASSERT_EQ(first.Apply(delegate.handle()), kTfLiteOk);
  ASSERT_EQ(second.Apply(delegate.handle()), kTfLiteOk);
  second.SetDims(FakeConv::kInput, {1, 1, 4, 3});
  EXPECT_EQ(second.PrepareKernel(), kTfLiteOk);
  EXPECT_EQ(first.PrepareKernel(), kTfLiteOk);
  EXPECT_EQ(first.tensor(FakeConv::kOutput).dims->data[2], 10);
  EXPECT_EQ(second.tensor(FakeConv::kOutput).dims->data[2], 4);
}

// What ThreadSanitizer watches: two interpreters share nothing but the
// delegate, and each runs on threads of its own.
TEST(DelegateTest, OneDelegateServesSeveralThreads) {
  Options options = Quiet();
  options.num_threads = 3;
  Delegate delegate(options);
  const auto live = [&delegate] {
    FakeRuntime runtime;
    ASSERT_EQ(runtime.Apply(delegate.handle()), kTfLiteOk);
    for (int time = 5; time < 25; ++time) {
      std::vector<int8_t> input(time * 3, -3), output(time * 4, 99);
      runtime.SetDims(FakeConv::kInput, {1, 1, time, 3});
      ASSERT_EQ(runtime.PrepareKernel(), kTfLiteOk) << runtime.errors;
      runtime.tensor(FakeConv::kInput).data.data = input.data();
      runtime.tensor(FakeConv::kOutput).data.data = output.data();
      ASSERT_EQ(runtime.InvokeKernel(), kTfLiteOk) << runtime.errors;
      ASSERT_EQ(output.back(), 10);
    }
  };
  std::thread other(live);
  live();
  other.join();
}

std::string reported;  // report_error gets no context.

TEST(ExternalTest, CreatesAndDestroys) {
  TfLiteDelegate* delegate =
      tflite_plugin_create_delegate(nullptr, nullptr, 0, nullptr);
  ASSERT_NE(delegate, nullptr);
  EXPECT_NE(delegate->Prepare, nullptr);
  tflite_plugin_destroy_delegate(delegate);
  tflite_plugin_destroy_delegate(nullptr);
}

TEST(ExternalTest, ReportsABadOption) {
  const char* const key = "tile";
  const char* const value = "F(9,9)";
  reported.clear();
  EXPECT_EQ(tflite_plugin_create_delegate(
                &key, &value, 1, [](const char* text) { reported += text; }),
            nullptr);
  EXPECT_EQ(reported.rfind("option tile: 'F(9,9)' is not permitted", 0), 0u);
}

// benchmark_model and all else that uses TfLiteExternalDelegateCreate.
TEST(ExternalTest, WithoutReportErrorTheDelegateFailsWithTheReason) {
  const char* const key = "colour";
  const char* const value = "red";
  TfLiteDelegate* delegate =
      tflite_plugin_create_delegate(&key, &value, 1, nullptr);
  ASSERT_NE(delegate, nullptr);
  FakeRuntime runtime;
  EXPECT_EQ(delegate->Prepare(&runtime.context(), delegate), kTfLiteError);
  EXPECT_EQ(runtime.errors.rfind("wqlite: unknown option 'colour'; ", 0), 0u)
      << runtime.errors;
  EXPECT_EQ(runtime.replacements, 0);
  tflite_plugin_destroy_delegate(delegate);
}

}  // namespace
}  // namespace wqlite
