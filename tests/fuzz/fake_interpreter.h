#ifndef WQLITE_TESTS_FUZZ_FAKE_INTERPRETER_H_
#define WQLITE_TESTS_FUZZ_FAKE_INTERPRETER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/int_array.h"
#include "tests/fuzz/fake_model.h"

namespace wqlite {

/// Plays TFLite's interpreter for a graph on the kernels of fake_kernels.h:
/// what a delegate sees of it, and what TFLite does with what a delegate gives
/// back. It is less forgiving than TFLite: every tensor has a block of memory
/// of its own, of exactly its size, that moves with every allocation, constants
/// lie at odd addresses, and what nobody may read any more is overwritten.
class FakeInterpreter {
 public:
  /// `model` must outlive the interpreter.
  explicit FakeInterpreter(const FakeModel& model);
  ~FakeInterpreter();
  FakeInterpreter(const FakeInterpreter&) = delete;
  FakeInterpreter& operator=(const FakeInterpreter&) = delete;

  /// Whether TFLite would have loaded the model at all.
  bool valid() const { return valid_; }

  /// TFLite's ModifyGraphWithDelegate.
  TfLiteStatus Apply(TfLiteDelegate* delegate);
  TfLiteStatus ResizeInput(size_t input, const std::vector<int>& dims);
  TfLiteStatus AllocateTensors();
  /// Fills the inputs with values that follow from `seed`, and runs.
  TfLiteStatus Invoke(uint32_t seed);
  /// The bytes of all outputs, one after the other.
  std::vector<uint8_t> Outputs() const;
  /// What was reported last.
  const std::string& error() const { return error_; }

 private:
  struct Node;
  struct Tensor;

  static FakeInterpreter* Of(TfLiteContext* context);
  static void ReportError(TfLiteContext* context, const char* format, ...);
  void SetCallbacks();
  bool AddTensor(const FakeTensor& tensor);
  bool AddNode(const FakeNode& node);
  TfLiteStatus Replace(const TfLiteRegistration& registration,
                       const TfLiteIntArray& nodes, TfLiteDelegate* delegate);
  std::vector<std::vector<int>> Partition(const std::vector<bool>& taken) const;
  int AddDelegateNode(const TfLiteRegistration& registration,
                      const std::vector<int>& replaced,
                      TfLiteDelegate* delegate);
  bool IsInOrder() const;
  bool IsOutput(int tensor) const;
  bool IsReadLater(int tensor, size_t place) const;
  std::vector<int> TensorsOf(const Node& node) const;
  bool Allocate(int tensor);
  void Overwrite(int tensor);

  const FakeModel& model_;
  bool valid_ = false;
  bool allocated_ = false;
  std::string error_;
  uint8_t garbage_ = 0x55;
  TfLiteContext context_ = {};
  std::vector<TfLiteTensor> tensors_;
  std::vector<std::unique_ptr<Tensor>> owned_;  // Behind tensors_.
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<int> plan_;
  IntArray plan_copy_;  // What GetExecutionPlan hands out.
};

}  // namespace wqlite

#endif  // WQLITE_TESTS_FUZZ_FAKE_INTERPRETER_H_
