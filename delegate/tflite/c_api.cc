/// The functions of the public header.

#include <wqlite/delegate.h>

#include <cstddef>
#include <string>

#include "delegate/kernels/isa.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/delegate.h"
#include "delegate/tflite/guarded.h"
#include "delegate/tflite/last_error.h"
#include "delegate/tflite/option_fields.h"
#include "delegate/tflite/version.h"

TfLiteDelegate* WqDelegateCreate(const WqDelegateOptions* fields) {
  if (!wqlite::ProcessorHasNeeds()) return nullptr;
  const auto create = [fields]() -> TfLiteDelegate* {
    const WqDelegateOptions defaults = WqDelegateOptionsDefault();
    wqlite::Options options;
    const wqlite::Status status =
        wqlite::ParseOptions(fields == nullptr ? &defaults : fields, &options);
    wqlite::SetLastError(status.message().c_str());
    return status.ok() ? wqlite::Delegate::New(options) : nullptr;
  };
  return wqlite::Guarded(create, []() -> TfLiteDelegate* {
    wqlite::SetLastError("out of memory");
    return nullptr;
  });
}

void WqDelegateDelete(TfLiteDelegate* delegate) {
  wqlite::Delegate::Release(delegate);
}

const char* WqDelegateLastError() {
  return wqlite::ProcessorHasNeeds() ? wqlite::LastError() : wqlite::kNoNeon;
}

size_t WqDelegatePlan(TfLiteDelegate* delegate, char* text, size_t size) {
  if (text == nullptr) size = 0;
  if (size > 0) text[0] = '\0';
  if (delegate == nullptr || delegate->data_ == nullptr) return 0;
  const auto write = [=]() -> size_t {
    const std::string plan = wqlite::Delegate::From(delegate)->PlanText();
    if (size > 0) text[plan.copy(text, size - 1)] = '\0';
    return plan.size();
  };
  return wqlite::Guarded(write, []() -> size_t { return 0; });
}

const char* WqDelegateVersion() { return WQ_VERSION; }
