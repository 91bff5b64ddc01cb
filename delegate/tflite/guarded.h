#ifndef WQLITE_DELEGATE_TFLITE_GUARDED_H_
#define WQLITE_DELEGATE_TFLITE_GUARDED_H_

#include "delegate/tflite/abi.h"

namespace wqlite {

/// What `body` returns; what `out_of_memory` returns where it throws, as the
/// standard library does when there is no memory. Around all that TFLite calls:
/// no exception may leave through a C interface.
template <class Body, class OutOfMemory>
auto Guarded(const Body& body, const OutOfMemory& out_of_memory) noexcept
    -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    return out_of_memory();
  }
}

/// The same where there is a context to report to.
template <class Body>
TfLiteStatus Guarded(TfLiteContext* context, const Body& body) noexcept {
  return Guarded(body, [context] {
    context->ReportError(context, "wqlite: out of memory\n");
    return kTfLiteError;
  });
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_GUARDED_H_
