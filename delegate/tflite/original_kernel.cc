#include "delegate/tflite/original_kernel.h"

#include <cstdlib>
#include <cstring>

namespace wqlite {

void OriginalKernel::Remember(const TfLiteNode& node,
                              const TfLiteRegistration& registration) {
  init_ = registration.init;
  free_ = registration.free;
  prepare_ = registration.prepare;
  invoke_ = registration.invoke;
  std::memset(room_, 0, sizeof room_);
  node_.inputs = node.inputs;
  node_.outputs = node.outputs;
  node_.intermediates = node.intermediates;
  node_.builtin_data = node.builtin_data;
}

TfLiteRegistration OriginalKernel::registration() const {
  TfLiteRegistration registration = {};
  registration.init = init_;
  registration.free = free_;
  registration.prepare = prepare_;
  registration.invoke = invoke_;
  return registration;
}

TfLiteStatus OriginalKernel::Prepare(TfLiteContext* context) {
  if (node_.temporaries == nullptr) {
    // Kernels replace the array by one of their own.
    node_.temporaries = NewIntArray(nullptr, 0).release();
    if (node_.temporaries == nullptr) return kTfLiteError;
  }
  if (!initialised_ && init_ != nullptr) {
    // As TFLite calls it for built-in operators.
    const auto* params = static_cast<const char*>(node_.builtin_data);
    node_.user_data = init_(context, params, 0);
  }
  initialised_ = true;
  return prepare_ == nullptr ? kTfLiteOk : prepare_(context, &node_);
}

TfLiteStatus OriginalKernel::Invoke(TfLiteContext* context) {
  return invoke_(context, &node_);
}

void OriginalKernel::Free(TfLiteContext* context) {
  if (initialised_ && free_ != nullptr) free_(context, node_.user_data);
  initialised_ = false;
  std::free(node_.temporaries);
  node_.temporaries = nullptr;
}

}  // namespace wqlite
