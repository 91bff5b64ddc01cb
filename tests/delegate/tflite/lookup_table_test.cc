#include "delegate/tflite/lookup_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/delegate/tflite/fake_graph.h"
#include "tests/delegate/tflite/fake_kernels.h"

namespace wqlite {
namespace {

// Bit-exactness against TFLite itself is tested by test_unary.py, here and on
// ARMv7.

int8_t Negate(int8_t q, size_t, size_t) { return static_cast<int8_t>(~q); }

// A kernel with a body for 8 values at a time that treats 3 otherwise than the
// rest of the tensor.
int8_t DiffersInTheBody(int8_t q, size_t place, size_t count) {
  return q == 3 && place < count / 8 * 8 ? 4 : q;
}

Status Make(const TfLiteRegistration& registration, LookupTable* table) {
  FakeConv graph;
  return MakeTable(&graph.context(), registration, nullptr,
                   graph.tensor(FakeConv::kInput),
                   graph.tensor(FakeConv::kOutput), table);
}

TEST(LookupTableTest, HoldsWhatTheKernelMakesOfEveryValue) {
  LookupTable table;
  const Status status =
      Make(FakeUnaryKernel<Negate>(kTfLiteBuiltinRelu), &table);
  ASSERT_TRUE(status.ok()) << status.message();
  for (int q = -128; q < 128; ++q) {
    EXPECT_EQ(table[static_cast<uint8_t>(q)], -1 - q);
  }
}

TEST(LookupTableTest, ValuesMustNotDependOnTheirPlace) {
  LookupTable table;
  EXPECT_EQ(
      Make(FakeUnaryKernel<DiffersInTheBody>(kTfLiteBuiltinQuantize), &table)
          .message(),
      "what its kernel makes of a value depends on its place in the tensor");
}

TEST(LookupTableTest, PassesFailuresOfTheKernelOn) {
  LookupTable table;
  TfLiteRegistration broken = FakeUnaryKernel<Negate>(kTfLiteBuiltinRelu);
  broken.invoke = [](TfLiteContext*, TfLiteNode*) { return kTfLiteError; };
  EXPECT_EQ(Make(broken, &table).message(),
            "this interpreter's kernel of it did not run");
}

}  // namespace
}  // namespace wqlite
