#ifndef WQLITE_DELEGATE_TFLITE_RANGES_H_
#define WQLITE_DELEGATE_TFLITE_RANGES_H_

#include <cstdint>
#include <map>

#include "delegate/tflite/abi.h"
#include "delegate/tflite/lookup_table.h"

namespace wqlite {

/// The int8 values that a tensor can hold, ends included.
struct ValueRange {
  int32_t min = -128;
  int32_t max = 127;
};

/// What the nodes of a graph say about the values between them: clamps that are
/// fused into operators, the values of an operator that is a table, operators
/// that only move values, pad, join or pool them. Taken by us or left to
/// TFLite, that is the same. converter/rsq/int8_ranges.py reads the same from
/// files.
class ValueRanges {
 public:
  /// Learns from a node; nodes come in execution order. `table`: what the node
  /// does to each value, or null where it is no such operator.
  void Learn(const TfLiteContext& context, const TfLiteNode& node,
             const TfLiteRegistration& registration, const LookupTable* table);

  /// All of int8 where nothing is known.
  ValueRange Of(int tensor) const;

 private:
  std::map<int, ValueRange> ranges_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_RANGES_H_
