#include "tests/fuzz/fake_interpreter.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <utility>

#include "tests/fuzz/check.h"
#include "tests/fuzz/fake_kernels.h"

namespace wqlite {
namespace {

// What a device of little memory would refuse.
constexpr size_t kMostTensorBytes = 1 << 20;

using Memory = std::unique_ptr<void, FreeDeleter>;

IntArray NewArray(const std::vector<int>& values) {
  return NewIntArray(values.data(), values.size());
}

// TfLiteFloatArray has the layout of an int array of the same length.
IntArray NewFloatArray(const std::vector<float>& values) {
  std::vector<int> bits;
  for (const float& value : values) {
    std::memcpy(&bits.emplace_back(), &value, sizeof(value));
  }
  return NewArray(bits);
}

void AddTo(const TfLiteIntArray* array, std::vector<int>* values) {
  if (array == nullptr) return;
  values->insert(values->end(), array->data, array->data + array->size);
}

bool Contains(const std::vector<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

// What lies behind a TfLiteTensor; its `dims` are the tensor's own.
struct FakeInterpreter::Tensor {
  IntArray signature;
  IntArray scale;
  IntArray zero_point;
  TfLiteAffineQuantization affine = {};
  Memory memory;
};

struct FakeInterpreter::Node {
  TfLiteNode node = {};
  TfLiteRegistration kernel = {};
  IntArray inputs;
  IntArray outputs;
  FakeParams params = {};
  IntArray replaced;  // A delegate's node: the nodes in its place.
  TfLiteDelegateParams delegate_params = {};
};

FakeInterpreter::FakeInterpreter(const FakeModel& model) : model_(model) {
  SetCallbacks();
  valid_ = true;
  for (const FakeTensor& tensor : model.tensors) {
    valid_ = AddTensor(tensor) && valid_;
  }
  for (const FakeNode& node : model.nodes) valid_ = AddNode(node) && valid_;
}

FakeInterpreter::~FakeInterpreter() {
  for (const auto& node : nodes_) {
    if (node->kernel.free != nullptr) {
      node->kernel.free(&context_, node->node.user_data);
    }
    std::free(node->node.temporaries);
  }
  for (TfLiteTensor& tensor : tensors_) std::free(tensor.dims);
}

FakeInterpreter* FakeInterpreter::Of(TfLiteContext* context) {
  return static_cast<FakeInterpreter*>(context->impl_);
}

void FakeInterpreter::ReportError(TfLiteContext* context, const char* format,
                                  ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  Of(context)->error_ = text;
}

void FakeInterpreter::SetCallbacks() {
  context_.impl_ = this;
  context_.recommended_num_threads = 1;
  context_.GetExecutionPlan = [](TfLiteContext* context,
                                 TfLiteIntArray** plan) {
    Of(context)->plan_copy_ = NewArray(Of(context)->plan_);
    *plan = Of(context)->plan_copy_.get();
    return kTfLiteOk;
  };
  context_.GetNodeAndRegistration = [](TfLiteContext* context, int index,
                                       TfLiteNode** node,
                                       TfLiteRegistration** registration) {
    Node& found = *Of(context)->nodes_.at(index);
    *node = &found.node;
    *registration = &found.kernel;
    return kTfLiteOk;
  };
  context_.ReplaceNodeSubsetsWithDelegateKernels =
      [](TfLiteContext* context, TfLiteRegistration registration,
         const TfLiteIntArray* nodes, TfLiteDelegate* delegate) {
        return Of(context)->Replace(registration, *nodes, delegate);
      };
  context_.ResizeTensor = [](TfLiteContext*, TfLiteTensor* tensor,
                             TfLiteIntArray* dims) {
    if (tensor->allocation_type == kTfLiteMmapRo) {
      std::free(dims);
      return kTfLiteError;
    }
    if (tensor->dims != dims) std::free(tensor->dims);
    tensor->dims = dims;
    return BytesOf(*dims, tensor->type, &tensor->bytes) ? kTfLiteOk
                                                        : kTfLiteError;
  };
  context_.AddTensors = [](TfLiteContext* context, int count, int* first) {
    *first = static_cast<int>(Of(context)->tensors_.size());
    for (int i = 0; i < count; ++i) {
      if (!Of(context)->AddTensor(FakeTensor())) return kTfLiteError;
    }
    return kTfLiteOk;
  };
  context_.ReportError = ReportError;
}

// TFLite's SetTensorParametersReadOnly, and the like: a constant must have as
// many bytes as its dimensions say.
bool FakeInterpreter::AddTensor(const FakeTensor& tensor) {
  auto owned = std::make_unique<Tensor>();
  TfLiteTensor made = {};
  made.type = tensor.type;
  made.name = "tensor";
  made.allocation_type = tensor.allocation;
  made.buffer_handle = -1;
  made.dims = NewArray(tensor.dims).release();
  owned->signature = NewArray(tensor.signature);
  made.dims_signature = owned->signature.get();
  made.sparsity = tensor.sparse ? owned.get() : nullptr;
  if (tensor.has_quantization) {
    owned->scale = NewFloatArray(tensor.scale);
    owned->zero_point = NewArray(tensor.zero_point);
    owned->affine.quantized_dimension = tensor.quantized_dimension;
    if (tensor.has_scale) {
      owned->affine.scale =
          reinterpret_cast<TfLiteFloatArray*>(owned->scale.get());
      owned->affine.zero_point = owned->zero_point.get();
    }
    made.quantization = {kTfLiteAffineQuantization, &owned->affine};
    if (tensor.scale.size() == 1 && !tensor.zero_point.empty()) {
      made.params = {tensor.scale[0], tensor.zero_point[0]};
    }
  }
  bool good = BytesOf(*made.dims, made.type, &made.bytes);
  if (tensor.allocation == kTfLiteMmapRo) {
    good = good && made.bytes == tensor.data.size();
    made.bytes = tensor.data.size();
    owned->memory.reset(std::malloc(made.bytes + 1));
    made.data.data = static_cast<uint8_t*>(owned->memory.get()) + 1;
    std::copy(tensor.data.begin(), tensor.data.end(),
              static_cast<uint8_t*>(made.data.data));
  }
  tensors_.push_back(made);
  owned_.push_back(std::move(owned));
  context_.tensors = tensors_.data();
  context_.tensors_size = tensors_.size();
  return good;
}

// TFLite's AddNodeWithParameters: indices must be those of tensors, and no
// tensor may be input and output.
bool FakeInterpreter::AddNode(const FakeNode& node) {
  const int size = static_cast<int>(tensors_.size());
  bool good = true;
  for (const int index : node.inputs) {
    good = good && index >= kTfLiteOptionalTensor && index < size &&
           !Contains(node.outputs, index);
  }
  for (const int index : node.outputs) {
    good = good && index >= 0 && index < size;
  }
  auto made = std::make_unique<Node>();
  made->inputs = NewArray(node.inputs);
  made->outputs = NewArray(node.outputs);
  made->params = node.params;
  made->kernel = FakeKernel(node.op);
  made->node.inputs = made->inputs.get();
  made->node.outputs = made->outputs.get();
  made->node.temporaries = NewArray({}).release();
  if (node.has_params) made->node.builtin_data = &made->params;
  if (made->kernel.init != nullptr) {
    made->node.user_data = made->kernel.init(&context_, nullptr, 0);
  }
  plan_.push_back(static_cast<int>(nodes_.size()));
  nodes_.push_back(std::move(made));
  return good;
}

TfLiteStatus FakeInterpreter::Apply(TfLiteDelegate* delegate) {
  allocated_ = false;
  return delegate->Prepare(&context_, delegate);
}

TfLiteStatus FakeInterpreter::Replace(const TfLiteRegistration& registration,
                                      const TfLiteIntArray& nodes,
                                      TfLiteDelegate* delegate) {
  if (nodes.size == 0) return kTfLiteOk;
  WQ_CHECK(IsInOrder());  // TFLite does not look, and would go astray.
  std::vector<bool> taken(nodes_.size());
  for (int i = 0; i < nodes.size; ++i) {
    WQ_CHECK(Contains(plan_, nodes.data[i]));
    WQ_CHECK(!taken[nodes.data[i]]);
    taken[nodes.data[i]] = true;
  }
  std::vector<int> plan;
  for (const std::vector<int>& subset : Partition(taken)) {
    if (taken[subset.front()]) {
      plan.push_back(AddDelegateNode(registration, subset, delegate));
    } else {
      plan.insert(plan.end(), subset.begin(), subset.end());
    }
  }
  plan_ = std::move(plan);
  return kTfLiteOk;
}

// TFLite's PartitionGraphIntoIndependentNodeSubsets: each subset takes all
// nodes of its kind that can run by then.
std::vector<std::vector<int>> FakeInterpreter::Partition(
    const std::vector<bool>& taken) const {
  std::set<int> waiting;  // Tensors that are still to be made.
  for (const int index : plan_) {
    const TfLiteIntArray& outputs = *nodes_[index]->outputs;
    waiting.insert(outputs.data, outputs.data + outputs.size);
  }
  std::vector<int> left = plan_;
  const auto ready = [&](int index) {
    const TfLiteIntArray& inputs = *nodes_[index]->inputs;
    return std::none_of(inputs.data, inputs.data + inputs.size,
                        [&](int tensor) { return waiting.count(tensor) != 0; });
  };
  std::vector<std::vector<int>> subsets;
  while (!left.empty()) {
    const auto first = std::find_if(left.begin(), left.end(), ready);
    const bool kind = taken[*first];
    std::vector<int> subset;
    auto next = first;
    while (next != left.end()) {
      const TfLiteIntArray& outputs = *nodes_[*next]->outputs;
      for (int i = 0; i < outputs.size; ++i) waiting.erase(outputs.data[i]);
      subset.push_back(*next);
      left.erase(next);
      next = std::find_if(left.begin(), left.end(), [&](int index) {
        return taken[index] == kind && ready(index);
      });
    }
    subsets.push_back(std::move(subset));
  }
  return subsets;
}

int FakeInterpreter::AddDelegateNode(const TfLiteRegistration& registration,
                                     const std::vector<int>& replaced,
                                     TfLiteDelegate* delegate) {
  std::set<int> read, made, read_elsewhere;
  for (const int index : plan_) {
    const TfLiteIntArray& inputs = *nodes_[index]->inputs;
    const TfLiteIntArray& outputs = *nodes_[index]->outputs;
    const bool mine = Contains(replaced, index);
    (mine ? read : read_elsewhere)
        .insert(inputs.data, inputs.data + inputs.size);
    if (mine) made.insert(outputs.data, outputs.data + outputs.size);
  }
  std::vector<int> inputs, outputs;
  for (const int tensor : read) {
    if (tensor >= 0 && made.count(tensor) == 0) inputs.push_back(tensor);
  }
  for (const int tensor : made) {
    if (read_elsewhere.count(tensor) != 0 || IsOutput(tensor)) {
      outputs.push_back(tensor);
    }
  }
  auto node = std::make_unique<Node>();
  node->kernel = registration;
  node->inputs = NewArray(inputs);
  node->outputs = NewArray(outputs);
  node->replaced = NewArray(replaced);
  node->delegate_params = {delegate, node->replaced.get(), node->inputs.get(),
                           node->outputs.get()};
  node->node.inputs = node->inputs.get();
  node->node.outputs = node->outputs.get();
  node->node.temporaries = NewArray({}).release();
  node->node.delegate = delegate;
  node->node.builtin_data = &node->delegate_params;
  node->node.user_data = registration.init(
      &context_, reinterpret_cast<const char*>(&node->delegate_params), 0);
  for (const int tensor : outputs) tensors_[tensor].delegate = delegate;
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

// Whether every tensor that a node makes is made once, before it is read.
bool FakeInterpreter::IsInOrder() const {
  std::set<int> known;  // Tensors that were read or made.
  for (const int index : plan_) {
    const TfLiteIntArray& inputs = *nodes_[index]->inputs;
    const TfLiteIntArray& outputs = *nodes_[index]->outputs;
    known.insert(inputs.data, inputs.data + inputs.size);
    for (int i = 0; i < outputs.size; ++i) {
      if (!known.insert(outputs.data[i]).second) return false;
    }
  }
  return true;
}

bool FakeInterpreter::IsOutput(int tensor) const {
  return Contains(model_.outputs, tensor);
}

std::vector<int> FakeInterpreter::TensorsOf(const Node& node) const {
  std::vector<int> tensors;
  AddTo(node.node.inputs, &tensors);
  AddTo(node.node.outputs, &tensors);
  AddTo(node.node.temporaries, &tensors);
  return tensors;
}

bool FakeInterpreter::IsReadLater(int tensor, size_t place) const {
  for (size_t i = place + 1; i < plan_.size(); ++i) {
    std::vector<int> inputs;
    AddTo(nodes_[plan_[i]]->node.inputs, &inputs);
    if (Contains(inputs, tensor)) return true;
  }
  return false;
}

TfLiteStatus FakeInterpreter::ResizeInput(size_t input,
                                          const std::vector<int>& dims) {
  allocated_ = false;
  TfLiteTensor* tensor = &tensors_[model_.inputs[input]];
  if (tensor->allocation_type == kTfLiteMmapRo) return kTfLiteError;
  return context_.ResizeTensor(&context_, tensor, NewArray(dims).release());
}

TfLiteStatus FakeInterpreter::AllocateTensors() {
  allocated_ = false;
  for (const int index : plan_) {
    Node& node = *nodes_[index];
    if (node.kernel.prepare == nullptr) return kTfLiteError;
    const TfLiteStatus status = node.kernel.prepare(&context_, &node.node);
    if (status != kTfLiteOk) return status;
  }
  std::set<int> used(model_.inputs.begin(), model_.inputs.end());
  used.insert(model_.outputs.begin(), model_.outputs.end());
  for (const int index : plan_) {
    const std::vector<int> tensors = TensorsOf(*nodes_[index]);
    used.insert(tensors.begin(), tensors.end());
  }
  used.erase(kTfLiteOptionalTensor);
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].allocation_type == kTfLiteMmapRo) continue;
    owned_[i]->memory.reset();
    tensors_[i].data.data = nullptr;
  }
  for (const int tensor : used) {
    if (!Allocate(tensor)) return kTfLiteError;
  }
  allocated_ = true;
  return kTfLiteOk;
}

bool FakeInterpreter::Allocate(int tensor) {
  TfLiteTensor& made = tensors_[tensor];
  if (made.allocation_type == kTfLiteMmapRo || made.bytes == 0) return true;
  if (made.bytes > kMostTensorBytes) return false;
  owned_[tensor]->memory.reset(std::malloc(made.bytes));
  made.data.data = owned_[tensor]->memory.get();
  return true;
}

void FakeInterpreter::Overwrite(int tensor) {
  if (tensor < 0 || tensors_[tensor].allocation_type == kTfLiteMmapRo) return;
  if (tensors_[tensor].data.data == nullptr) return;
  std::memset(tensors_[tensor].data.data, garbage_, tensors_[tensor].bytes);
  garbage_ = static_cast<uint8_t>(garbage_ * 5 + 1);
}

TfLiteStatus FakeInterpreter::Invoke(uint32_t seed) {
  if (!allocated_) return kTfLiteError;
  for (size_t i = 0; i < tensors_.size(); ++i) Overwrite(static_cast<int>(i));
  std::mt19937 random(seed);
  for (const int input : model_.inputs) {
    if (tensors_[input].allocation_type == kTfLiteMmapRo) continue;
    auto* data = static_cast<uint8_t*>(tensors_[input].data.data);
    for (size_t i = 0; i < tensors_[input].bytes; ++i) {
      data[i] = static_cast<uint8_t>(random());
    }
  }
  for (size_t place = 0; place < plan_.size(); ++place) {
    Node& node = *nodes_[plan_[place]];
    const TfLiteStatus status = node.kernel.invoke(&context_, &node.node);
    if (status != kTfLiteOk) return status;
    for (const int tensor : TensorsOf(node)) {
      const bool kept = IsOutput(tensor) || IsReadLater(tensor, place) ||
                        Contains(model_.inputs, tensor);
      if (!kept) Overwrite(tensor);
    }
  }
  return kTfLiteOk;
}

std::vector<uint8_t> FakeInterpreter::Outputs() const {
  std::vector<uint8_t> bytes;
  for (const int output : model_.outputs) {
    const TfLiteTensor& tensor = tensors_[output];
    if (tensor.data.data == nullptr) continue;
    const auto* data = static_cast<const uint8_t*>(tensor.data.data);
    bytes.insert(bytes.end(), data, data + tensor.bytes);
  }
  return bytes;
}

}  // namespace wqlite
