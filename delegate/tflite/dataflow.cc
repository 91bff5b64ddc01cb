#include "delegate/tflite/dataflow.h"

#include <string>

#include "delegate/tflite/tensors.h"

namespace wqlite {
namespace {

enum class State : char { kGiven, kToBeWritten, kWritten };

class Tensors {
 public:
  explicit Tensors(size_t count) : states_(count, State::kGiven) {}

  /// Null for an index that is bad or optional.
  State* At(int index) {
    const bool valid =
        index >= 0 && static_cast<size_t>(index) < states_.size();
    return valid ? &states_[index] : nullptr;
  }

  /// Calls function(index, state) for the tensors of the array, until it
  /// returns false; whether it never did.
  template <class Function>
  bool All(const TfLiteIntArray* array, Function function) {
    for (int i = 0; array != nullptr && i < array->size; ++i) {
      State* state = At(array->data[i]);
      if (state != nullptr && !function(array->data[i], state)) return false;
    }
    return true;
  }

 private:
  std::vector<State> states_;
};

Status Disorder(const PlannedNode& planned, const char* what, int tensor) {
  return Status::Error("node " + std::to_string(planned.index) + " " + what +
                       " tensor " + std::to_string(tensor) +
                       ": the graph is out of order");
}

}  // namespace

Status CheckDataflow(const TfLiteContext& context,
                     const std::vector<PlannedNode>& nodes) {
  Tensors tensors(context.tensors == nullptr ? 0 : context.tensors_size);
  for (const PlannedNode& planned : nodes) {
    tensors.All(planned.node->outputs, [](int, State* state) {
      *state = State::kToBeWritten;
      return true;
    });
  }
  for (const PlannedNode& planned : nodes) {
    int wrong = 0;
    const bool reads = tensors.All(planned.node->inputs,
                                   [&wrong](int index, const State* state) {
                                     wrong = index;
                                     return *state != State::kToBeWritten;
                                   });
    if (!reads) return Disorder(planned, "reads, before it is written,", wrong);
    const bool writes =
        tensors.All(planned.node->outputs, [&wrong](int index, State* state) {
          wrong = index;
          const bool first = *state == State::kToBeWritten;
          *state = State::kWritten;
          return first;
        });
    if (!writes) return Disorder(planned, "writes, once more,", wrong);
  }
  return Status();
}

}  // namespace wqlite
