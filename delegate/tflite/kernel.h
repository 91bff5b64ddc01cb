#ifndef WQLITE_DELEGATE_TFLITE_KERNEL_H_
#define WQLITE_DELEGATE_TFLITE_KERNEL_H_

#include "delegate/tflite/abi.h"

namespace wqlite {

/// What TFLite calls for each partition: one or more convolutions that follow
/// each other, with what stands between them. All other fields are zero, as
/// newer runtimes require.
TfLiteRegistration PartitionRegistration();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_KERNEL_H_
