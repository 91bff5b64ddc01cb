#include "delegate/tflite/kernel_trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {
namespace {

// A kernel that adds up its two int8 inputs, and notes what it sees.
struct Seen {
  bool init = false, freed = false, padded_with_zeros = false;
  const TfLiteTensor* tensors = nullptr;
  size_t tensors_size = 0;
  std::vector<TfLiteAllocationType> allocations;
  int wanted_tensors = 0;
  TfLiteStatus prepare_status = kTfLiteOk, invoke_status = kTfLiteOk;
  bool resizes_input = false;
};
Seen seen;

bool IsZero(const void* bytes, size_t count) {
  const auto* from = static_cast<const char*>(bytes);
  return std::all_of(from, from + count, [](char c) { return c == 0; });
}

TfLiteRegistration Adder() {
  TfLiteRegistration registration = {};
  registration.init = [](TfLiteContext*, const char*, size_t) -> void* {
    seen.init = true;
    return &seen;
  };
  registration.free = [](TfLiteContext*, void* data) {
    seen.freed = data == &seen;
  };
  registration.prepare = [](TfLiteContext* context, TfLiteNode* node) {
    seen.tensors = context->tensors;
    seen.tensors_size = context->tensors_size;
    seen.padded_with_zeros = IsZero(node + 1, 64);
    for (int i = 0; i < node->inputs->size; ++i) {
      seen.allocations.push_back(context->tensors[i].allocation_type);
    }
    int first = 0;
    if (seen.wanted_tensors > 0 &&
        context->AddTensors(context, seen.wanted_tensors, &first) !=
            kTfLiteOk) {
      return kTfLiteError;
    }
    for (int i = first; seen.wanted_tensors > 0 && i < first + 1; ++i) {
      context->tensors[i].type = kTfLiteInt32;
      const int dims[] = {5};
      context->ResizeTensor(context, &context->tensors[i],
                            NewIntArray(dims, 1).release());
      static_cast<int32_t*>(context->tensors[i].data.data)[4] = 1;
    }
    if (seen.prepare_status != kTfLiteOk) {
      context->ReportError(context, "%d is too many\n", 7);
      context->ReportError(context, "and more");
      return seen.prepare_status;
    }
    const TfLiteIntArray& dims = *context->tensors[0].dims;
    const int to = seen.resizes_input ? 0 : node->outputs->data[0];
    return context->ResizeTensor(context, &context->tensors[to],
                                 NewIntArray(dims.data, dims.size).release());
  };
  registration.invoke = [](TfLiteContext* context, TfLiteNode* node) {
    const auto values = [&](int i) {
      return static_cast<int8_t*>(context->tensors[i].data.data);
    };
    for (size_t i = 0; i < context->tensors[0].bytes; ++i) {
      values(node->outputs->data[0])[i] =
          static_cast<int8_t>(values(0)[i] + values(1)[i]);
    }
    return seen.invoke_status;
  };
  return registration;
}

void ReportNothing(TfLiteContext*, const char*, ...) {
  ADD_FAILURE() << "what a kernel reports on our tensors is ours";
}

class KernelTrialTest : public testing::Test {
 protected:
  KernelTrialTest() {
    seen = Seen();
    context().ResizeTensor = [](TfLiteContext*, TfLiteTensor*,
                                TfLiteIntArray*) { return kTfLiteError; };
    context().AddTensors = [](TfLiteContext*, int, int*) {
      return kTfLiteError;
    };
    context().ReportError = ReportNothing;
    before_ = context();
  }

  // The interpreter's context is as it was, byte for byte.
  ~KernelTrialTest() override {
    EXPECT_EQ(std::memcmp(&before_, &context(), sizeof before_), 0);
  }

  TfLiteContext& context() { return graph_.context(); }

  // The sums of {1, 2, 3} and {10, 20, 30}, and the same again with other data.
  Status Run(const TfLiteRegistration& registration, int temporaries = 0) {
    const TfLiteTensor& like = graph_.tensor(FakeConv::kInput);
    KernelTrial kernel(&context(), registration, nullptr, temporaries);
    int8_t a[] = {1, 2, 3};
    const int8_t b[] = {10, 20, 30};
    Status status = kernel.AddInput(like, {3}, a);
    if (status.ok()) status = kernel.AddInput(like, {3}, b);
    if (status.ok()) status = kernel.Prepare(like, {3});
    if (status.ok()) status = kernel.Invoke();
    if (!status.ok()) return status;
    EXPECT_EQ(kernel.output_bytes(), 3u);
    EXPECT_EQ(kernel.output_dims().data[0], 3);
    EXPECT_EQ(std::vector<int8_t>(kernel.output(), kernel.output() + 3),
              (std::vector<int8_t>{11, 22, 33}));
    a[0] = 5;
    status = kernel.Invoke();
    EXPECT_EQ(kernel.output()[0], 15);
    return status;
  }

  std::string Reason(const TfLiteRegistration& registration,
                     int temporaries = 0) {
    return Run(registration, temporaries).message();
  }

 private:
  FakeConv graph_;
  TfLiteContext before_;
};

TEST_F(KernelTrialTest, RunsAKernelOnTensorsOfOurs) {
  EXPECT_EQ(Reason(Adder()), "");
  EXPECT_TRUE(seen.init);
  EXPECT_TRUE(seen.freed);
  EXPECT_TRUE(seen.padded_with_zeros);
  EXPECT_NE(seen.tensors, context().tensors);
  EXPECT_EQ(seen.tensors_size, 3u);
  EXPECT_EQ(seen.allocations, (std::vector<TfLiteAllocationType>{
                                  kTfLiteArenaRw, kTfLiteArenaRw}));
}

TEST_F(KernelTrialTest, KernelsMayHaveNeitherInitNorFree) {
  TfLiteRegistration registration = Adder();
  registration.init = nullptr;
  registration.free = nullptr;
  EXPECT_EQ(Reason(registration), "");
}

TEST_F(KernelTrialTest, LendsAsManyTensorsMoreAsItWasTold) {
  seen.wanted_tensors = 2;
  EXPECT_EQ(Reason(Adder(), 2), "");
  EXPECT_EQ(Reason(Adder(), 1),
            "this interpreter's kernel of it did not prepare: it wants 2 "
            "tensors more");
  EXPECT_TRUE(seen.freed);
}

TEST_F(KernelTrialTest, SaysWhatTheKernelReported) {
  seen.prepare_status = kTfLiteError;
  EXPECT_EQ(Reason(Adder()),
            "this interpreter's kernel of it did not prepare: 7 is too many");
  EXPECT_TRUE(seen.freed);
  seen.prepare_status = kTfLiteOk;
  seen.invoke_status = kTfLiteError;
  EXPECT_EQ(Reason(Adder()), "this interpreter's kernel of it did not run");
}

TEST_F(KernelTrialTest, InputsKeepTheirSize) {
  seen.resizes_input = true;
  EXPECT_EQ(Reason(Adder()),
            "this interpreter's kernel of it did not prepare: it resizes a "
            "tensor that is not its output");
}

TEST_F(KernelTrialTest, RefusesWhatCannotBeCalled) {
  EXPECT_EQ(Reason(TfLiteRegistration()),
            "this interpreter does not show its kernel");
}

}  // namespace
}  // namespace wqlite
