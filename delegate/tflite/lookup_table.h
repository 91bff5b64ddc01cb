#ifndef WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_
#define WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_

#include <array>
#include <cstdint>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

/// A function from int8 to int8: entry i is the value at the int8 whose bits
/// are i, so 0 to 127 and then -128 to -1.
using LookupTable = std::array<int8_t, 256>;

/// What a node of one int8 input does to every value, asked of its own kernel
/// (KernelTrial): TFLite's kernels differ from version to version and from
/// processor to processor, so that no formula of ours could be right in all.
///
/// Some kernels treat a block of values otherwise than those that remain at the
/// end. So every value is tried in tensors of 1, 2, 4 and so on up to 256
/// values, and a kernel that gives two answers for one value is refused.
///
/// `input` and `output` are the node's tensors, for their quantisation;
/// `params` is its builtin_data.
Status MakeTable(TfLiteContext* context, const TfLiteRegistration& registration,
                 const void* params, const TfLiteTensor& input,
                 const TfLiteTensor& output, LookupTable* table);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_LOOKUP_TABLE_H_
