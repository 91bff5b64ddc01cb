#include "delegate/tflite/kernel_trial.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <limits>
#include <utility>

namespace wqlite {
namespace {

constexpr int kNoBufferHandle = -1;

// 0 for a type that we do not lend.
size_t ElementBytes(TfLiteType type) {
  switch (type) {
    case kTfLiteInt8:
    case kTfLiteUInt8:
      return 1;
    case kTfLiteInt16:
      return 2;
    case kTfLiteInt32:
    case kTfLiteFloat32:
      return 4;
    default:
      return 0;
  }
}

// False where it does not fit or a dimension is negative.
bool TensorBytes(TfLiteType type, const TfLiteIntArray& dims, size_t* bytes) {
  constexpr size_t kLimit = std::numeric_limits<int32_t>::max();
  *bytes = ElementBytes(type);
  if (*bytes == 0) return false;
  for (int i = 0; i < dims.size; ++i) {
    if (dims.data[i] < 0) return false;
    const auto size = static_cast<size_t>(dims.data[i]);
    if (size != 0 && *bytes > kLimit / size) return false;
    *bytes *= size;
  }
  return true;
}

}  // namespace

// Puts our fields into the context, and the runtime's back at its end.
class KernelTrial::Swap {
 public:
  explicit Swap(KernelTrial* kernel)
      : context_(kernel->context_), runtimes_(*kernel->context_) {
    context_->tensors = kernel->lent_.tensors;
    context_->tensors_size = static_cast<size_t>(kernel->used_);
    context_->ResizeTensor = KernelTrial::ResizeTensor;
    context_->AddTensors = KernelTrial::AddTensors;
    context_->ReportError = KernelTrial::ReportError;
  }
  ~Swap() {
    context_->tensors = runtimes_.tensors;
    context_->tensors_size = runtimes_.tensors_size;
    context_->ResizeTensor = runtimes_.ResizeTensor;
    context_->AddTensors = runtimes_.AddTensors;
    context_->ReportError = runtimes_.ReportError;
  }
  Swap(const Swap&) = delete;
  Swap& operator=(const Swap&) = delete;

 private:
  TfLiteContext* context_;
  const TfLiteContext runtimes_;  // As far as abi.h declares it.
};

KernelTrial::KernelTrial(TfLiteContext* context,
                         const TfLiteRegistration& registration,
                         const void* params, int temporaries)
    : context_(context), params_(params), temporaries_(temporaries) {
  kernel_.Remember(TfLiteNode(), registration);
  lent_.owner = this;
}

KernelTrial::~KernelTrial() {
  const Swap swap(this);
  kernel_.Free(context_);
}

Status KernelTrial::AddTensor(const TfLiteTensor& like,
                              const std::vector<int>& dims) {
  if (used_ == kMaxTensors) return Status::Error("it has too many tensors");
  const int index = used_++;
  TfLiteTensor& tensor = lent_.tensors[index];
  tensor.type = like.type;
  tensor.params = like.params;
  tensor.quantization = like.quantization;
  tensor.name = "wqlite";
  tensor.allocation_type = kTfLiteArenaRw;
  tensor.buffer_handle = kNoBufferHandle;
  dims_[index] = NewIntArray(dims.data(), dims.size());
  if (dims_[index] == nullptr) return Status::Error("out of memory");
  tensor.dims = dims_[index].get();
  if (!TensorBytes(tensor.type, *tensor.dims, &tensor.bytes)) {
    return Status::Error("a tensor for trying its kernel is too large");
  }
  return Status();
}

Status KernelTrial::AddInput(const TfLiteTensor& like,
                             const std::vector<int>& dims, const void* data) {
  Status status = AddTensor(like, dims);
  if (!status.ok()) return status;
  lent_.tensors[inputs_++].data.data = const_cast<void*>(data);
  return Status();
}

Status KernelTrial::Prepare(const TfLiteTensor& like,
                            const std::vector<int>& dims) {
  if (!kernel_.exists()) {
    return Status::Error("this interpreter does not show its kernel");
  }
  Status status = AddTensor(like, dims);
  if (!status.ok()) return status;
  IntArray size = NewIntArray(dims.data(), dims.size());
  std::vector<int> indices;
  for (int i = 0; i < inputs_; ++i) indices.push_back(i);
  node_inputs_ = NewIntArray(indices.data(), indices.size());
  node_outputs_ = NewIntArray(&inputs_, 1);
  node_intermediates_ = NewIntArray(nullptr, 0);
  if (size == nullptr || node_inputs_ == nullptr || node_outputs_ == nullptr ||
      node_intermediates_ == nullptr ||
      Resize(inputs_, std::move(size)) != kTfLiteOk) {
    return Status::Error("out of memory for trying its kernel");
  }
  TfLiteNode node = {};
  node.inputs = node_inputs_.get();
  node.outputs = node_outputs_.get();
  node.intermediates = node_intermediates_.get();
  node.builtin_data = const_cast<void*>(params_);
  kernel_.Remember(node, kernel_.registration());

  const Swap swap(this);
  return kernel_.Prepare(context_) == kTfLiteOk ? Status() : Failed("prepare");
}

Status KernelTrial::Invoke() {
  const Swap swap(this);
  return kernel_.Invoke(context_) == kTfLiteOk ? Status() : Failed("run");
}

Status KernelTrial::Failed(const char* what) const {
  std::string message =
      std::string("this interpreter's kernel of it did not ") + what;
  if (error_[0] != '\0') message += std::string(": ") + error_;
  while (message.back() == '\n') message.pop_back();
  return Status::Error(message);
}

KernelTrial* KernelTrial::Of(TfLiteContext* context) {
  return reinterpret_cast<Lent*>(context->tensors)->owner;
}

TfLiteStatus KernelTrial::ResizeTensor(TfLiteContext* context,
                                       TfLiteTensor* tensor,
                                       TfLiteIntArray* size) {
  IntArray owned(size);
  KernelTrial& kernel = *Of(context);
  for (int i = kernel.inputs_; i < kernel.used_; ++i) {
    if (tensor == &kernel.lent_.tensors[i]) {
      return kernel.Resize(i, std::move(owned));
    }
  }
  context->ReportError(context, "it resizes a tensor that is not its output");
  return kTfLiteError;
}

TfLiteStatus KernelTrial::Resize(int index, IntArray size) {
  TfLiteTensor& tensor = lent_.tensors[index];
  size_t bytes = 0;
  if (!TensorBytes(tensor.type, *size, &bytes) ||
      !data_[index].Allocate(bytes)) {
    return kTfLiteError;
  }
  // A kernel may hand the tensor's own array back.
  if (size == dims_[index]) dims_[index].release();
  dims_[index] = std::move(size);
  tensor.dims = dims_[index].get();
  tensor.data.data = data_[index].data();
  tensor.bytes = bytes;
  return kTfLiteOk;
}

TfLiteStatus KernelTrial::AddTensors(TfLiteContext* context, int count,
                                     int* first) {
  KernelTrial& kernel = *Of(context);
  const int limit = kernel.inputs_ + 1 + kernel.temporaries_;
  if (count < 0 || count > std::min(limit, kMaxTensors) - kernel.used_) {
    context->ReportError(context, "it wants %d tensors more", count);
    return kTfLiteError;
  }
  *first = kernel.used_;
  for (; count > 0; --count) {
    kernel.lent_.tensors[kernel.used_++].buffer_handle = kNoBufferHandle;
  }
  context->tensors_size = static_cast<size_t>(kernel.used_);
  return kTfLiteOk;
}

void KernelTrial::ReportError(TfLiteContext* context, const char* format, ...) {
  KernelTrial& kernel = *Of(context);
  if (kernel.error_[0] != '\0') return;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(kernel.error_, sizeof kernel.error_, format, arguments);
  va_end(arguments);
}

}  // namespace wqlite
