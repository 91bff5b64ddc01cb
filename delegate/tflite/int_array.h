#ifndef WQLITE_DELEGATE_TFLITE_INT_ARRAY_H_
#define WQLITE_DELEGATE_TFLITE_INT_ARRAY_H_

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "delegate/tflite/abi.h"

namespace wqlite {

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};

/// An array in TFLite's form. Where TFLite takes one over, pass `release()`: it
/// frees such arrays with free(), as this does.
using IntArray = std::unique_ptr<TfLiteIntArray, FreeDeleter>;

/// A copy of `count` values, or null when there is no memory.
inline IntArray NewIntArray(const int* values, size_t count) {
  const size_t bytes = sizeof(TfLiteIntArray) + count * sizeof(int);
  IntArray array(static_cast<TfLiteIntArray*>(std::malloc(bytes)));
  if (array != nullptr) {
    array->size = static_cast<int>(count);
    std::copy(values, values + count, array->data);
  }
  return array;
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_INT_ARRAY_H_
