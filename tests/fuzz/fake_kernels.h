#ifndef WQLITE_TESTS_FUZZ_FAKE_KERNELS_H_
#define WQLITE_TESTS_FUZZ_FAKE_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "delegate/base/rounding.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

/// An operator that no delegate knows: the sum of two tensors.
constexpr int32_t kFakeSum = 0;

/// A plain kernel of the operator, which stands for TFLite's built-in one:
/// without `prepare` and `invoke` where there is none. Like TFLite's it refuses
/// tensors that it cannot work with; it works through `context` alone.
TfLiteRegistration FakeKernel(int32_t op);

/// How the kernels of CONV_2D round from now on.
void SetFakeRounding(const RoundingRules& rules);

/// Elements times bytes; false where that is no size.
bool BytesOf(const TfLiteIntArray& dims, TfLiteType type, size_t* bytes);

}  // namespace wqlite

#endif  // WQLITE_TESTS_FUZZ_FAKE_KERNELS_H_
