#ifndef WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_
#define WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_

#include <array>
#include <cstdint>

#include "delegate/base/status.h"

namespace wqlite {

/// real = scale * (q - zero_point).
struct Quantisation {
  float scale = 1;
  int32_t zero_point = 0;
};

/// A function from int8 to int8: entry i is the value at the int8 whose bits
/// are i, so 0 to 127 and then -128 to -1.
using LookupTable = std::array<int8_t, 256>;

// Every table below has the values of TFLite's built-in kernel, which are not
// always the nearest ones: each says by which formula of TFLite it is made.

/// LEAKY_RELU: x, or alpha * x where x is negative. (QuantizeLeakyRelu: fixed
/// point, with one multiplier for each of the two.)
///
/// Fails where the ratio of the scales would overflow int32 in TFLite.
Status MakeLeakyRelu(Quantisation input, Quantisation output, float alpha,
                     LookupTable* table);

/// RELU and its like: x between `min` and `max`, which are in units of the
/// output. (ReluX: fixed point.) Fails as MakeLeakyRelu does.
Status MakeClamp(Quantisation input, Quantisation output, int32_t min,
                 int32_t max, LookupTable* table);

/// Any function of a real number, in float. (LUTPopulate.) The function must
/// be the one that TFLite calls, to the last bit.
LookupTable MakeFromReal(Quantisation input, Quantisation output,
                         float (*function)(float));

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_
