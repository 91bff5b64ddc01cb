#ifndef WQLITE_TESTS_DELEGATE_TFLITE_FAKE_RUNTIME_H_
#define WQLITE_TESTS_DELEGATE_TFLITE_FAKE_RUNTIME_H_

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"
#include "tests/delegate/tflite/fake_graph.h"

namespace wqlite {

/// Plays TFLite for a graph of one convolution: just as much as a delegate
/// sees.
class FakeRuntime : public FakeConv {
 public:
  FakeRuntime() {
    const int node = 0;
    plan_ = NewIntArray(&node, 1);
    context().impl_ = this;
    context().GetExecutionPlan = [](TfLiteContext* context,
                                    TfLiteIntArray** plan) {
      *plan = Of(context)->plan_.get();
      return Of(context)->plan_status;
    };
    context().GetNodeAndRegistration = [](TfLiteContext* context, int,
                                          TfLiteNode** node,
                                          TfLiteRegistration** registration) {
      *node = &Of(context)->node();
      *registration = &Of(context)->registration();
      return Of(context)->node_status;
    };
    context().ReplaceNodeSubsetsWithDelegateKernels =
        [](TfLiteContext* context, TfLiteRegistration registration,
           const TfLiteIntArray* nodes, TfLiteDelegate* delegate) {
          return Of(context)->Replace(registration, *nodes, delegate);
        };
    context().ResizeTensor = [](TfLiteContext* context, TfLiteTensor* tensor,
                                TfLiteIntArray* dims) {
      const IntArray owned(dims);
      const auto index = static_cast<Index>(tensor - context->tensors);
      Of(context)->SetDims(index, {dims->data, dims->data + dims->size});
      return kTfLiteOk;
    };
    context().ReportError = ReportError;
  }

  ~FakeRuntime() {
    std::free(delegate_node.temporaries);
    if (kernel.free != nullptr)
      kernel.free(&context(), delegate_node.user_data);
  }

  TfLiteStatus Apply(TfLiteDelegate* delegate) {
    return delegate->Prepare(&context(), delegate);
  }

  TfLiteStatus PrepareKernel() {
    // TFLite reads them here, whoever has destroyed the delegate.
    const TfLiteDelegate* delegate = delegate_node.delegate;
    if (delegate->flags != kTfLiteDelegateFlagsAllowDynamicTensors) {
      return kTfLiteError;
    }
    return kernel.prepare(&context(), &delegate_node);
  }

  TfLiteStatus InvokeKernel() {
    return kernel.invoke(&context(), &delegate_node);
  }

  TfLiteStatus plan_status = kTfLiteOk;
  TfLiteStatus node_status = kTfLiteOk;
  std::string errors;
  int replacements = 0;            // Calls of the partitioner.
  TfLiteRegistration kernel = {};  // What the delegate registered.
  TfLiteNode delegate_node = {};

 private:
  static FakeRuntime* Of(TfLiteContext* context) {
    return static_cast<FakeRuntime*>(context->impl_);
  }

  static void ReportError(TfLiteContext* context, const char* format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    Of(context)->errors += text;
  }

  TfLiteStatus Replace(const TfLiteRegistration& registration,
                       const TfLiteIntArray& nodes, TfLiteDelegate* delegate) {
    ++replacements;
    kernel = registration;
    const IntArray replaced = NewIntArray(nodes.data, nodes.size);
    const int input = kInput, output = kOutput;
    const IntArray inputs = NewIntArray(&input, 1);
    const IntArray outputs = NewIntArray(&output, 1);
    TfLiteDelegateParams params = {delegate, replaced.get(), inputs.get(),
                                   outputs.get()};
    delegate_node.delegate = delegate;
    delegate_node.user_data =
        kernel.init(&context(), reinterpret_cast<const char*>(&params), 0);
    return kTfLiteOk;
  }

  IntArray plan_;
};

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_TFLITE_FAKE_RUNTIME_H_
