/// The entry points by which TFLite loads an external delegate.

#include <cstddef>
#include <memory>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/delegate.h"
#include "delegate/tflite/log.h"
#include "delegate/tflite/options.h"

#define WQ_EXPORT extern "C" __attribute__((visibility("default")))

/// Null when an option is bad; the reason goes to `report_error`, or to stderr
/// where that is null.
WQ_EXPORT TfLiteDelegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t count,
    void (*report_error)(const char*)) {
  wqlite::Options options;
  const wqlite::Status status =
      wqlite::ParseOptions(keys, values, count, &options);
  if (status.ok()) return (new wqlite::Delegate(options))->handle();
  if (report_error != nullptr) {
    report_error(status.message().c_str());
  } else {
    wqlite::Logger(options.log_level).Error(status.message());
  }
  return nullptr;
}

WQ_EXPORT void tflite_plugin_destroy_delegate(TfLiteDelegate* handle) {
  if (handle != nullptr) delete wqlite::Delegate::From(handle);
}
