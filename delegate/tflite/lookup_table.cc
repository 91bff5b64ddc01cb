#include "delegate/tflite/lookup_table.h"

#include <algorithm>
#include <cstring>

#include "delegate/tflite/kernel_trial.h"

namespace wqlite {
namespace {

constexpr int kValues = 256;

// Runs the kernel on all values, `count` at a time.
Status RunInBlocks(TfLiteContext* context,
                   const TfLiteRegistration& registration, const void* params,
                   const TfLiteTensor& input, const TfLiteTensor& output,
                   int count, LookupTable* table) {
  int8_t block[kValues];
  KernelTrial kernel(context, registration, params, /*temporaries=*/0);
  Status status = kernel.AddInput(input, {1, 1, 1, count}, block);
  if (status.ok()) status = kernel.Prepare(output, {1, 1, 1, count});
  for (int first = 0; status.ok() && first < kValues; first += count) {
    for (int i = 0; i < count; ++i) block[i] = static_cast<int8_t>(first + i);
    status = kernel.Invoke();
    if (status.ok() && kernel.output_bytes() != static_cast<size_t>(count)) {
      status = Status::Error("its output is not as large as its input");
    }
    if (status.ok()) std::memcpy(&(*table)[first], kernel.output(), count);
  }
  return status;
}

}  // namespace

Status MakeTable(TfLiteContext* context, const TfLiteRegistration& registration,
                 const void* params, const TfLiteTensor& input,
                 const TfLiteTensor& output, LookupTable* table) {
  Status status =
      RunInBlocks(context, registration, params, input, output, kValues, table);
  for (int count = kValues / 2; status.ok() && count >= 1; count /= 2) {
    LookupTable other;
    status = RunInBlocks(context, registration, params, input, output, count,
                         &other);
    if (status.ok() && other != *table) {
      status = Status::Error(
          "what its kernel makes of a value depends on its place in the "
          "tensor");
    }
  }
  return status;
}

}  // namespace wqlite
