#include "delegate/conv1d/split.h"

#include <utility>

#include "delegate/conv1d/direct.h"
#include "delegate/conv1d/winograd_s16.h"

namespace wqlite {
namespace {

class SplitConv1D : public Conv1D {
 public:
  SplitConv1D(std::unique_ptr<Conv1D> first, std::unique_ptr<Conv1D> others)
      : first_(std::move(first)), others_(std::move(others)) {}

  void Run(const int8_t* input, int8_t* output, void* scratch,
           const ThreadPool* pool) const override {
    first_->Run(input, output, scratch, pool);
    others_->Run(input, output, scratch, pool);
  }

 private:
  const std::unique_ptr<Conv1D> first_;
  const std::unique_ptr<Conv1D> others_;
};

}  // namespace

Status CreateSplitConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                         const WeightStats& weights, const KernelChoice& choice,
                         std::unique_ptr<Conv1D>* op) {
  std::unique_ptr<Conv1D> first, others;
  Status status = CreateWinogradConv1D(spec, shape, weights, choice, &first);
  if (status.ok()) {
    status = CreateDirectConv1D(spec, shape, weights, choice, &others);
  }
  if (!status.ok()) return status;
  *op = std::make_unique<SplitConv1D>(std::move(first), std::move(others));
  return Status();
}

}  // namespace wqlite
