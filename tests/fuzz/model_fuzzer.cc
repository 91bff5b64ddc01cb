/// Whole models: a chain of operators of which some are damaged, on a fake
/// TFLite with and without the delegate, resized between runs. Where it runs
/// without, it must run with the delegate, and give the same bytes.

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "delegate/tflite/delegate.h"
#include "tests/fuzz/any_request.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/fake_interpreter.h"
#include "tests/fuzz/fake_kernels.h"
#include "tests/fuzz/fake_model.h"

namespace wqlite {
namespace {

using Dims = std::vector<int>;

constexpr int kMostNodes = 6;
constexpr int kMostDamages = 3;
constexpr int kMostRuns = 3;

int AnyInt(FuzzedDataProvider* bytes) {
  if (bytes->ConsumeBool()) return bytes->ConsumeIntegralInRange(-3, 12);
  return bytes->PickValueInArray({INT32_MIN, INT32_MAX, 1 << 30, 1 << 29,
                                  1 << 24, 65536, 65535, 32768, 32767, 4096,
                                  128, -128, -129});
}

float AnyFloat(FuzzedDataProvider* bytes) {
  if (bytes->ConsumeBool()) return bytes->ConsumeFloatingPointInRange(0.f, 2.f);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return bytes->PickValueInArray(
      {0.f, -0.f, -1.f, std::numeric_limits<float>::quiet_NaN(), kInfinity,
       -kInfinity, std::numeric_limits<float>::denorm_min(),
       std::numeric_limits<float>::min(), std::numeric_limits<float>::max(),
       1e-30f, 1e30f});
}

size_t AnyIndex(FuzzedDataProvider* bytes, size_t size) {
  return bytes->ConsumeIntegralInRange<size_t>(0, size - 1);
}

/// Makes a model of the fuzzer's bytes.
class ModelMaker {
 public:
  explicit ModelMaker(FuzzedDataProvider* bytes) : bytes_(bytes) {}

  FakeModel Make() {
    last_ = AddActivation({Any(1, 2), 1, Any(1, 30), Any(1, 9)});
    model_.inputs = {last_};
    if (Any(0, 3) == 0) Dim(last_)[1] = Any(1, 3);
    if (Any(0, 3) == 0) {
      tensor(last_).signature = Dim(last_);
      tensor(last_).signature[AnyIndex(bytes_, 4)] = -1;
    }
    const int nodes = Any(1, kMostNodes);
    for (int i = 0; i < nodes; ++i) AddNode();
    model_.outputs = {last_};
    if (Any(0, 3) == 0) model_.outputs.push_back(AnyTensor());
    const int damages = std::max(Any(-2, kMostDamages), 0);
    for (int i = 0; i < damages; ++i) Damage();
    return model_;
  }

 private:
  int Any(int low, int high) {
    return bytes_->ConsumeIntegralInRange(low, high);
  }
  FakeTensor& tensor(int index) { return model_.tensors[index]; }
  Dims& Dim(int index) { return tensor(index).dims; }
  int AnyTensor() {
    return static_cast<int>(AnyIndex(bytes_, model_.tensors.size()));
  }

  int Add(const FakeTensor& tensor) {
    model_.tensors.push_back(tensor);
    return static_cast<int>(model_.tensors.size()) - 1;
  }

  int AddActivation(const Dims& dims) {
    FakeTensor made;
    made.dims = dims;
    made.scale = {bytes_->PickValueInArray(
        {1.f / 256, 0.02f, 0.1f, 0.5f, 1.f, 6.f / 127})};
    made.zero_point = {Any(0, 1) == 0 ? -128 : Any(-128, 127)};
    return Add(made);
  }

  template <class T>
  int AddConstant(TfLiteType type, const Dims& dims,
                  const std::vector<T>& values) {
    FakeTensor made;
    made.type = type;
    made.dims = dims;
    made.allocation = kTfLiteMmapRo;
    made.data.resize(values.size() * sizeof(T));
    if (!values.empty()) {
      std::memcpy(made.data.data(), values.data(), made.data.size());
    }
    return Add(made);
  }

  template <class T>
  std::vector<T> Values(size_t count, T low, T high) {
    std::mt19937 random(bytes_->ConsumeIntegral<uint8_t>());
    std::uniform_int_distribution<int32_t> any(low, high);
    std::vector<T> values(count);
    for (T& value : values) value = static_cast<T>(any(random));
    return values;
  }

  void AddNode() {
    // Mostly a chain; sometimes one that branches, or reads what is to come.
    const int input = Any(0, 7) == 0 ? AnyTensor() : last_;
    switch (Any(0, 11)) {
      case 0:
        AddReshape(input);
        break;
      case 1:
        AddExpandDims(input);
        break;
      case 2:
        AddSqueeze(input);
        break;
      case 3:
        AddPad(input);
        break;
      case 4:
        AddSimple(kTfLiteBuiltinTranspose, {input}, Dim(input));
        break;
      case 5:
        AddSimple(kFakeSum, {input, Any(0, 1) == 0 ? input : AnyTensor()},
                  Dim(input));
        break;
      case 6:
      case 7:
        AddSimple(bytes_->PickValueInArray({kTfLiteBuiltinRelu,
                                            kTfLiteBuiltinLogistic,
                                            kTfLiteBuiltinLeakyRelu}),
                  {input}, Dim(input));
        break;
      default:
        AddConv(input);
    }
  }

  FakeNode& AddSimple(int op, const std::vector<int>& inputs,
                      const Dims& dims) {
    FakeNode node;
    node.op = op;
    node.inputs = inputs;
    last_ = AddActivation(dims);
    node.outputs = {last_};
    model_.nodes.push_back(node);
    return model_.nodes.back();
  }

  void AddConv(int input) {
    const Dims in = Dim(input);
    const int depth = in.size() == 4 ? in[3] : Any(1, 8);
    const int channels = Any(1, 12);
    Dims taps = {channels, 1, Any(1, 12), depth};
    if (in.size() == 4 && in[2] == 1 && Any(0, 1) == 0) {
      std::swap(taps[1], taps[2]);
    }
    const int most = Any(0, 1) == 0 ? 127 : Any(1, 127);
    const int low = Any(0, 9) == 0 ? -128 : -most;
    const size_t count = size_t{1} * taps[0] * taps[1] * taps[2] * taps[3];
    const int filter =
        AddConstant(kTfLiteInt8, taps,
                    Values<int8_t>(count, static_cast<int8_t>(low),
                                   static_cast<int8_t>(most)));
    tensor(filter).scale.clear();
    const int scales = Any(0, 3) == 0 ? 1 : channels;
    for (int i = 0; i < scales; ++i) {
      tensor(filter).scale.push_back(
          bytes_->PickValueInArray({0.001f, 0.004f, 0.0151f, 0.5f}));
    }
    tensor(filter).zero_point.assign(scales, 0);
    std::vector<int> inputs = {input, filter};
    if (Any(0, 3) != 0) {
      inputs.push_back(AddConstant(kTfLiteInt32, {channels},
                                   Values<int32_t>(channels, -5000, 5000)));
    } else if (Any(0, 1) == 0) {
      inputs.push_back(kTfLiteOptionalTensor);
    }
    const int steps = in.size() == 4 ? in[2] : 1;
    FakeNode& node = AddSimple(kTfLiteBuiltinConv2d, inputs,
                               {in.empty() ? 1 : in[0], 1, steps, channels});
    TfLiteConvParams& params = node.params.conv;
    params.padding = Any(0, 1) == 0 ? kTfLitePaddingSame : kTfLitePaddingValid;
    params.stride_width = Any(0, 2) == 0 ? Any(1, 4) : 1;
    params.stride_height = Any(0, 3) == 0 ? params.stride_width : 1;
    params.dilation_width_factor = Any(0, 3) == 0 ? Any(1, 4) : 1;
    params.dilation_height_factor = Any(0, 3) == 0 ? Any(1, 4) : 1;
    params.activation = bytes_->PickValueInArray(
        {kTfLiteActNone, kTfLiteActRelu, kTfLiteActRelu6, kTfLiteActReluN1To1});
  }

  void AddReshape(int input) {
    Dims dims = Dim(input);
    int64_t count = 1;
    for (const int d : dims) count *= d;
    if (Any(0, 1) == 0) {
      dims = {1, 1, static_cast<int>(count), 1};
    } else if (!dims.empty()) {
      dims[AnyIndex(bytes_, dims.size())] = -1;
    }
    const std::vector<int32_t> values(dims.begin(), dims.end());
    const int shape =
        AddConstant(kTfLiteInt32, {static_cast<int>(dims.size())}, values);
    AddSimple(kTfLiteBuiltinReshape, {input, shape}, dims);
    // As a converter would have written it.
    for (int& d : Dim(last_)) d = std::max(d, 1);
  }

  void AddExpandDims(int input) {
    const int axis = AddConstant<int32_t>(kTfLiteInt32, {}, {Any(-3, 3)});
    Dims dims = Dim(input);
    dims.insert(dims.begin() + std::min<size_t>(dims.size(), 1), 1);
    AddSimple(kTfLiteBuiltinExpandDims, {input, axis}, dims);
  }

  void AddSqueeze(int input) {
    Dims dims = Dim(input);
    const auto one = std::find(dims.begin(), dims.end(), 1);
    const int axis = static_cast<int>(one - dims.begin());
    if (one != dims.end()) dims.erase(one);
    FakeNode& node = AddSimple(kTfLiteBuiltinSqueeze, {input}, dims);
    node.params.squeeze.num_squeeze_dims = Any(0, 3) == 0 ? 0 : 1;
    node.params.squeeze.squeeze_dims[0] = axis;
  }

  void AddPad(int input) {
    Dims dims = Dim(input);
    if (dims.size() >= 2) dims[dims.size() - 2] += 2;
    std::vector<int> inputs = {input, kTfLiteOptionalTensor};
    if (Any(0, 1) == 0) {
      inputs.push_back(
          AddConstant(kTfLiteInt8, {1}, Values<int8_t>(1, -128, 127)));
    }
    AddSimple(kTfLiteBuiltinPad, inputs, dims);
    if (Any(0, 1) == 0) {  // As PAD demands.
      tensor(last_).scale = tensor(input).scale;
      tensor(last_).zero_point = tensor(input).zero_point;
    }
  }

  void Damage() {
    if (Any(0, 1) == 0) {
      DamageTensor(&tensor(AnyTensor()));
    } else {
      DamageNode(&model_.nodes[AnyIndex(bytes_, model_.nodes.size())]);
    }
  }

  template <class T>
  void DamageList(std::vector<T>* list, T value) {
    switch (Any(0, 3)) {
      case 0:
        list->clear();
        break;
      case 1:
        if (!list->empty()) list->pop_back();
        break;
      case 2:
        list->push_back(value);
        break;
      default:
        if (!list->empty()) (*list)[AnyIndex(bytes_, list->size())] = value;
    }
  }

  // A constant has data of its size, or TFLite would not load it.
  static void FitData(FakeTensor* tensor) {
    constexpr size_t kMost = 1 << 16;
    const bool wide =
        tensor->type == kTfLiteInt32 || tensor->type == kTfLiteFloat32;
    size_t bytes = wide ? 4 : 1;
    for (const int d : tensor->dims) {
      if (d < 0 || bytes > kMost) return;
      bytes *= static_cast<size_t>(d);
    }
    if (bytes <= kMost) tensor->data.resize(bytes, 1);
  }

  void DamageTensor(FakeTensor* tensor) {
    switch (Any(0, 9)) {
      case 0:
        DamageList(&tensor->dims, AnyInt(bytes_));
        FitData(tensor);
        break;
      case 1:
        DamageList(&tensor->scale, AnyFloat(bytes_));
        break;
      case 2:
        DamageList(&tensor->zero_point, AnyInt(bytes_));
        break;
      case 3:
        DamageList(&tensor->signature, AnyInt(bytes_));
        break;
      case 4:
        tensor->has_quantization = false;
        break;
      case 5:
        tensor->has_scale = false;
        break;
      case 6:
        tensor->quantized_dimension = AnyInt(bytes_);
        break;
      case 7:
        tensor->sparse = true;
        break;
      case 8:
        tensor->type = bytes_->PickValueInArray(
            {kTfLiteInt8, kTfLiteUInt8, kTfLiteInt32, kTfLiteFloat32});
        FitData(tensor);
        break;
      default:
        tensor->allocation = tensor->allocation == kTfLiteMmapRo
                                 ? kTfLiteArenaRw
                                 : kTfLiteMmapRo;
        FitData(tensor);
    }
  }

  void DamageNode(FakeNode* node) {
    switch (Any(0, 6)) {
      case 0:
        DamageList(&node->inputs, Any(0, 1) == 0 ? AnyTensor() : -1);
        break;
      case 1:
        DamageList(&node->outputs, AnyTensor());
        break;
      case 2:
        node->has_params = false;
        break;
      case 3:
        node->op = AnyInt(bytes_);
        break;
      case 4:
        std::swap(*node, model_.nodes[AnyIndex(bytes_, model_.nodes.size())]);
        break;
      default:
        DamageParams(&node->params);
    }
  }

  // All of them begin with numbers.
  void DamageParams(FakeParams* params) {
    int numbers[sizeof(FakeParams) / sizeof(int)];
    std::memcpy(numbers, params, sizeof(numbers));
    numbers[Any(0, 5)] = AnyInt(bytes_);
    std::memcpy(params, numbers, sizeof(numbers));
  }

  FuzzedDataProvider* bytes_;
  FakeModel model_;
  int last_ = 0;
};

Options AnyOptions(FuzzedDataProvider* bytes) {
  Options options;
  options.log_level = LogLevel::kSilent;
  static_cast<KernelRequest&>(options.plan) = AnyRequest(bytes);
  if (bytes->ConsumeIntegralInRange(0, 7) == 0) options.num_threads = 2;
  if (bytes->ConsumeBool()) {
    options.plan.memory_budget = bytes->ConsumeIntegralInRange(0, 1 << 14);
  }
  if (bytes->ConsumeIntegralInRange(0, 3) == 0) {
    options.overrides[bytes->ConsumeIntegralInRange(0, 3)] = AnyRequest(bytes);
  }
  return options;
}

/// One way through an interpreter's life: what it answered, and its outputs.
struct Answers {
  std::vector<TfLiteStatus> statuses;
  std::vector<std::vector<uint8_t>> outputs;
};

/// A new shape before a run; empty: none.
struct Run {
  Dims dims;
  uint32_t seed;
};

std::vector<Run> AnyRuns(FuzzedDataProvider* bytes, const FakeModel& model) {
  std::vector<Run> runs(bytes->ConsumeIntegralInRange(1, kMostRuns));
  for (Run& run : runs) {
    run.seed = bytes->ConsumeIntegral<uint8_t>();
    if (&run == runs.data()) continue;
    run.dims = model.tensors[model.inputs[0]].dims;
    if (run.dims.size() > 2) {
      run.dims[2] = bytes->ConsumeIntegralInRange(0, 40);
    }
    if (bytes->ConsumeIntegralInRange(0, 3) == 0 && !run.dims.empty()) {
      run.dims[AnyIndex(bytes, run.dims.size())] = AnyInt(bytes);
    }
    if (bytes->ConsumeIntegralInRange(0, 7) == 0 && !run.dims.empty()) {
      run.dims.pop_back();
    }
  }
  return runs;
}

Answers Live(FakeInterpreter* interpreter, const std::vector<Run>& runs) {
  Answers answers;
  for (const Run& run : runs) {
    TfLiteStatus status = kTfLiteOk;
    if (!run.dims.empty()) status = interpreter->ResizeInput(0, run.dims);
    if (status == kTfLiteOk) status = interpreter->AllocateTensors();
    if (status == kTfLiteOk) status = interpreter->Invoke(run.seed);
    answers.statuses.push_back(status);
    answers.outputs.push_back(status == kTfLiteOk ? interpreter->Outputs()
                                                  : std::vector<uint8_t>());
  }
  return answers;
}

std::string Text(const Dims& values) {
  std::string text;
  for (const int value : values) {
    text += (text.empty() ? "" : ", ") + std::to_string(value);
  }
  return "[" + text + "]";
}

/// Describes what went wrong in run number `run`, and ends the program.
[[noreturn]] void Complain(const FakeModel& model, const std::vector<Run>& runs,
                           size_t run, const std::string& error) {
  for (size_t i = 0; i < model.tensors.size(); ++i) {
    const FakeTensor& tensor = model.tensors[i];
    std::fprintf(stderr, "tensor %zu: type %d %s%s, %zu scales from %g\n", i,
                 tensor.type, Text(tensor.dims).c_str(),
                 tensor.allocation == kTfLiteMmapRo ? ", constant" : "",
                 tensor.scale.size(),
                 tensor.scale.empty() ? 0. : double{tensor.scale[0]});
  }
  for (const FakeNode& node : model.nodes) {
    const TfLiteConvParams& conv = node.params.conv;
    std::fprintf(stderr,
                 "operator %d: %s to %s; padding %d stride %d %d "
                 "dilation %d %d activation %d\n",
                 node.op, Text(node.inputs).c_str(), Text(node.outputs).c_str(),
                 conv.padding, conv.stride_height, conv.stride_width,
                 conv.dilation_height_factor, conv.dilation_width_factor,
                 conv.activation);
  }
  std::fprintf(stderr, "outputs: %s\n", Text(model.outputs).c_str());
  for (size_t i = 0; i <= run; ++i) {
    std::fprintf(stderr, "run %zu: input %s\n", i, Text(runs[i].dims).c_str());
  }
  std::fprintf(stderr, "differs from TFLite: %s\n", error.c_str());
  std::abort();
}

}  // namespace
}  // namespace wqlite

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wqlite;
  FuzzedDataProvider bytes(data, size);
  const Options options = AnyOptions(&bytes);
  const FakeModel model = ModelMaker(&bytes).Make();
  const std::vector<Run> runs = AnyRuns(&bytes, model);
  SetFakeRounding({bytes.PickValueInArray(kAllRoundings),
                   bytes.PickValueInArray(kAllRoundings)});

  FakeInterpreter plain(model);
  Delegate delegate(options);  // Outlives the interpreter.
  FakeInterpreter delegated(model);
  if (!plain.valid()) return 0;
  const Answers right = Live(&plain, runs);
  const bool prepared = delegated.Apply(delegate.handle()) == kTfLiteOk;
  const Answers given = prepared ? Live(&delegated, runs) : Answers();
  for (size_t i = 0; i < runs.size(); ++i) {
    if (right.statuses[i] != kTfLiteOk) continue;
    const bool same = prepared && given.statuses[i] == kTfLiteOk &&
                      given.outputs[i] == right.outputs[i];
    if (!same) Complain(model, runs, i, delegated.error());
  }
  return 0;
}
