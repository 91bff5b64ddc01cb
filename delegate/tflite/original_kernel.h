#ifndef WQLITE_DELEGATE_TFLITE_ORIGINAL_KERNEL_H_
#define WQLITE_DELEGATE_TFLITE_ORIGINAL_KERNEL_H_

#include <cstddef>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"

namespace wqlite {

/// TFLite's own kernel of a node that we replace, for shapes that we cannot
/// run: once a node is replaced, TFLite no longer calls it, but we can.
///
/// It works on the real context with a state of its own, which is made when it
/// is first prepared: nodes whose shapes we can run never cost anything.
class OriginalKernel {
 public:
  OriginalKernel() = default;
  OriginalKernel(const OriginalKernel&) = delete;
  OriginalKernel& operator=(const OriginalKernel&) = delete;

  /// Remembers the kernel of `node`, whose arrays and parameters must live as
  /// long as the interpreter, as TFLite's do.
  void Remember(const TfLiteNode& node, const TfLiteRegistration& registration);

  /// What was remembered of the node: inputs, outputs and parameters; and of
  /// the registration: the callbacks.
  const TfLiteNode& node() const { return node_; }
  TfLiteRegistration registration() const;

  /// Whether there is a kernel to call.
  bool exists() const { return invoke_ != nullptr; }

  /// Checks the node's inputs and gives its outputs their shapes, or reports
  /// what TFLite reports. May add tensors to the context.
  TfLiteStatus Prepare(TfLiteContext* context);

  /// Tensors that the kernel works in, valid after Prepare. The caller makes
  /// them temporaries of its own node, so that TFLite places them.
  const TfLiteIntArray& temporaries() const { return *node_.temporaries; }

  TfLiteStatus Invoke(TfLiteContext* context);

  /// Frees the state. To be called before the object goes.
  void Free(TfLiteContext* context);

 private:
  void* (*init_)(TfLiteContext*, const char*, size_t) = nullptr;
  void (*free_)(TfLiteContext*, void*) = nullptr;
  TfLiteStatus (*prepare_)(TfLiteContext*, TfLiteNode*) = nullptr;
  TfLiteStatus (*invoke_)(TfLiteContext*, TfLiteNode*) = nullptr;
  bool initialised_ = false;
  // A newer runtime's structure may be longer; its kernels then read zeros.
  union {
    TfLiteNode node_ = {};
    std::byte room_[512];
  };
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_ORIGINAL_KERNEL_H_
