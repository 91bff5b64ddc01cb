/// The entry points by which TFLite loads an external delegate.

#include <cstddef>

#include "delegate/kernels/isa.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/delegate.h"
#include "delegate/tflite/guarded.h"
#include "delegate/tflite/options.h"

#define WQ_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

// The delegate for a processor that our code cannot run on: all constants. It
// fails with the reason when it is applied.
TfLiteStatus Refuse(TfLiteContext* context, TfLiteDelegate*) {
  context->ReportError(context, "wqlite: %s\n", wqlite::kNoNeon);
  return kTfLiteError;
}
TfLiteDelegate refusing_delegate = {nullptr, Refuse, nullptr, nullptr,
                                    nullptr, 0,      nullptr};

}  // namespace

/// Null when an option is bad; the reason goes to `report_error`. Where that is
/// null, as in TFLite's benchmark_model, which does not look whether it got a
/// delegate either, it gets one that fails with the reason when it is applied.
WQ_EXPORT TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*)) {
  if (!wqlite::ProcessorHasNeeds()) {
    if (report_error == nullptr) return &refusing_delegate;
    report_error(wqlite::kNoNeon);
    return nullptr;
  }
  const auto create = [&]() -> TfLiteDelegate* {
    wqlite::Options options;
    const wqlite::Status status =
        wqlite::ParseOptions(keys, values, count, &options);
    if (status.ok() || report_error == nullptr) {
      return wqlite::Delegate::New(options, status);
    }
    report_error(status.message().c_str());
    return nullptr;
  };
  return wqlite::Guarded(create, [&]() -> TfLiteDelegate* {
    if (report_error != nullptr) report_error("out of memory");
    return nullptr;
  });
}

WQ_EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate* handle) {
  wqlite::Delegate::Release(handle);
}
