#ifndef WQLITE_DELEGATE_TFLITE_FAIL_H_
#define WQLITE_DELEGATE_TFLITE_FAIL_H_

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

/// Tells the interpreter's error reporter what went wrong.
inline TfLiteStatus Fail(TfLiteContext* context, const Status& status) {
  context->ReportError(context, "wqlite: %s\n", status.message().c_str());
  return kTfLiteError;
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_FAIL_H_
