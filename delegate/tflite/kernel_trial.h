#ifndef WQLITE_DELEGATE_TFLITE_KERNEL_TRIAL_H_
#define WQLITE_DELEGATE_TFLITE_KERNEL_TRIAL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"
#include "delegate/tflite/original_kernel.h"

namespace wqlite {

/// A trial of a kernel of the hosting runtime: what the kernel that a graph
/// would have used makes of inputs of our choice. Only while a graph is
/// prepared: in a delegate's or a kernel's Prepare.
///
/// The kernel sees the interpreter's real context, in which `tensors`,
/// `tensors_size`, `ResizeTensor`, `AddTensors` and `ReportError` are ours for
/// as long as a call of it lasts; so it finds threads and all else where it
/// always does, and nothing of ours stays behind. Of a registration only the
/// callbacks are read.
class KernelTrial {
 public:
  /// `params`: the node's builtin_data, borrowed. Newer runtimes append to
  /// these structures, so one that we made must be followed by zeros: Padded.
  /// `temporaries`: how many tensors the kernel may add for itself.
  KernelTrial(TfLiteContext* context, const TfLiteRegistration& registration,
              const void* params, int temporaries);
  ~KernelTrial();
  KernelTrial(const KernelTrial&) = delete;
  KernelTrial& operator=(const KernelTrial&) = delete;

  /// The next input: type and quantisation of `like`, another shape, and
  /// `data`, borrowed, which may change between two calls of Invoke. Not marked
  /// as constant, so that no runtime keeps what it makes of it.
  Status AddInput(const TfLiteTensor& like, const std::vector<int>& dims,
                  const void* data);

  /// Sets up and prepares the kernel, for an output of type and quantisation of
  /// `like`, after the last input and once only.
  Status Prepare(const TfLiteTensor& like, const std::vector<int>& dims);

  /// Runs it, after Prepare and as often as needed.
  Status Invoke();

  /// The output's shape, once it is prepared, and values, once it has run.
  const TfLiteIntArray& output_dims() const { return *dims_[inputs_]; }
  const int8_t* output() const {
    return static_cast<const int8_t*>(lent_.tensors[inputs_].data.data);
  }
  size_t output_bytes() const { return lent_.tensors[inputs_].bytes; }

 private:
  static constexpr int kMaxTensors = 12;
  // Where `context->tensors` points; the callbacks get nothing but the context.
  struct Lent {
    TfLiteTensor tensors[kMaxTensors];
    KernelTrial* owner;
  };
  class Swap;

  static KernelTrial* Of(TfLiteContext* context);
  static TfLiteStatus ResizeTensor(TfLiteContext* context, TfLiteTensor* tensor,
                                   TfLiteIntArray* size);
  static TfLiteStatus AddTensors(TfLiteContext* context, int count, int* first);
  static void ReportError(TfLiteContext* context, const char* format, ...);

  Status AddTensor(const TfLiteTensor& like, const std::vector<int>& dims);
  TfLiteStatus Resize(int index, IntArray size);
  Status Failed(const char* what) const;

  TfLiteContext* context_;
  OriginalKernel kernel_;
  const void* const params_;
  const int temporaries_;
  int inputs_ = 0;
  int used_ = 0;  // Tensors.
  Lent lent_ = {};
  IntArray dims_[kMaxTensors];
  Buffer<std::byte> data_[kMaxTensors];  // Of the output and the temporaries.
  IntArray node_inputs_;
  IntArray node_outputs_;
  IntArray node_intermediates_;
  char error_[256] = "";  // The first that the kernel reported.
};

/// A structure of TFLite's that we made, with room for what newer runtimes
/// append: zero, which for all of them means "as before".
template <class T>
struct Padded {
  T value;
  std::byte later[128];
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_KERNEL_TRIAL_H_
