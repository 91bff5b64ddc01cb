/// The entry points by which TFLite loads an external delegate.

#include <cstddef>
#include <new>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/delegate.h"
#include "delegate/tflite/options.h"

#define WQ_EXPORT extern "C" __attribute__((visibility("default")))

/// Null when an option is bad; the reason goes to `report_error`. Where that is
/// null, as in TFLite's benchmark_model, which does not look whether it got a
/// delegate either, it gets one that fails with the reason when it is applied.
WQ_EXPORT TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*)) {
  wqlite::Options options;
  const wqlite::Status status =
      wqlite::ParseOptions(keys, values, count, &options);
  if (!status.ok() && report_error != nullptr) {
    report_error(status.message().c_str());
    return nullptr;
  }
  auto* delegate = new (std::nothrow) wqlite::Delegate(options, status);
  if (delegate != nullptr) return delegate->handle();
  if (report_error != nullptr) report_error("out of memory");
  return nullptr;
}

WQ_EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate* handle) {
  if (handle != nullptr) delete wqlite::Delegate::From(handle);
}
