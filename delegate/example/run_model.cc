/// Runs a model with wqlite and without, and compares them:
///
///     run_model MODEL.tflite [THREADS]

#include <tensorflow/lite/c/c_api.h>
#include <wqlite/delegate.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int kRuns = 9;

template <auto function>
struct Call {
  template <typename T>
  void operator()(T* object) const {
    function(object);
  }
};
using Delegate = std::unique_ptr<TfLiteDelegate, Call<WqDelegateDelete>>;
using Model = std::unique_ptr<TfLiteModel, Call<TfLiteModelDelete>>;
using InterpreterOptions =
    std::unique_ptr<TfLiteInterpreterOptions,
                    Call<TfLiteInterpreterOptionsDelete>>;
using Interpreter =
    std::unique_ptr<TfLiteInterpreter, Call<TfLiteInterpreterDelete>>;

[[noreturn]] void Fail(const std::string& sentence) {
  std::fprintf(stderr, "error: %s\n", sentence.c_str());
  std::exit(1);
}

int ParseThreads(const char* text) {
  char* end = nullptr;
  const long threads = std::strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0') {
    Fail("THREADS is a whole number, not '" + std::string(text) + "'");
  }
  return static_cast<int>(std::clamp(threads, -1L, 1000L));
}

Model Load(const char* path) {
  if (!std::ifstream(path).good()) {
    Fail(std::string(path) + " cannot be read; name a .tflite file");
  }
  Model model(TfLiteModelCreateFromFile(path));
  if (model == nullptr) {
    Fail(std::string(path) + " is not a TensorFlow Lite model");
  }
  return model;
}

Delegate MakeDelegate(int threads) {
  WqDelegateOptions options = WqDelegateOptionsDefault();
  options.num_threads = threads;
  Delegate delegate(WqDelegateCreate(&options));
  if (delegate == nullptr) Fail(WqDelegateLastError());
  return delegate;
}

std::string PlanOf(TfLiteDelegate* delegate) {
  std::vector<char> text(WqDelegatePlan(delegate, nullptr, 0) + 1);
  WqDelegatePlan(delegate, text.data(), text.size());
  return text.data();
}

// Any bytes do for integers; numbers stay 0.
void FillInputs(TfLiteInterpreter* interpreter) {
  std::minstd_rand random;
  for (int i = 0; i < TfLiteInterpreterGetInputTensorCount(interpreter); ++i) {
    TfLiteTensor* input = TfLiteInterpreterGetInputTensor(interpreter, i);
    auto* bytes = static_cast<uint8_t*>(TfLiteTensorData(input));
    const size_t size = TfLiteTensorByteSize(input);
    std::memset(bytes, 0, size);
    if (TfLiteTensorType(input) != kTfLiteInt8) continue;
    std::generate_n(bytes, size, [&random] { return random() >> 16; });
  }
}

std::string Outputs(const TfLiteInterpreter* interpreter) {
  std::string bytes;
  for (int i = 0; i < TfLiteInterpreterGetOutputTensorCount(interpreter); ++i) {
    const TfLiteTensor* output =
        TfLiteInterpreterGetOutputTensor(interpreter, i);
    bytes.append(static_cast<const char*>(TfLiteTensorData(output)),
                 TfLiteTensorByteSize(output));
  }
  return bytes;
}

// Milliseconds of one inference: the median.
double Time(TfLiteInterpreter* interpreter) {
  std::vector<double> times;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (TfLiteInterpreterInvoke(interpreter) != kTfLiteOk) {
      Fail("TensorFlow Lite could not run the model, as it says above");
    }
    const std::chrono::duration<double, std::milli> time =
        std::chrono::steady_clock::now() - start;
    times.push_back(time.count());
  }
  std::nth_element(times.begin(), times.begin() + kRuns / 2, times.end());
  return times[kRuns / 2];
}

// Prints the time, and the plan where there is a delegate; returns the outputs.
std::string Run(const char* name, const TfLiteModel* model, int threads,
                TfLiteDelegate* delegate) {
  const InterpreterOptions options(TfLiteInterpreterOptionsCreate());
  TfLiteInterpreterOptionsSetNumThreads(options.get(), threads);
  if (delegate != nullptr) {
    TfLiteInterpreterOptionsAddDelegate(options.get(), delegate);
  }
  const Interpreter interpreter(TfLiteInterpreterCreate(model, options.get()));
  if (interpreter == nullptr ||
      TfLiteInterpreterAllocateTensors(interpreter.get()) != kTfLiteOk) {
    Fail("TensorFlow Lite could not prepare the model, as it says above");
  }
  FillInputs(interpreter.get());
  std::printf("%s: %.2f ms\n", name, Time(interpreter.get()));
  if (delegate != nullptr) std::printf("%s", PlanOf(delegate).c_str());
  return Outputs(interpreter.get());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) Fail("usage: run_model MODEL.tflite [THREADS]");
  const int threads = argc > 2 ? ParseThreads(argv[2]) : 1;
  const Model model = Load(argv[1]);
  const Delegate delegate = MakeDelegate(threads);

  const std::string theirs =
      Run("TensorFlow Lite", model.get(), threads, nullptr);
  const std::string name = std::string("wqlite ") + WqDelegateVersion();
  const std::string ours =
      Run(name.c_str(), model.get(), threads, delegate.get());
  size_t differ = 0;
  for (size_t i = 0; i < ours.size(); ++i) differ += ours[i] != theirs[i];
  std::printf("%zu of %zu output bytes differ\n", differ, ours.size());
  return 0;
}
