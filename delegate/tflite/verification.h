#ifndef WQLITE_DELEGATE_TFLITE_VERIFICATION_H_
#define WQLITE_DELEGATE_TFLITE_VERIFICATION_H_

#include <cstddef>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

class Graph;
struct GraphLayer;

/// How much of a layer is compared with TFLite's own kernel when its operator
/// has been built.
enum class Verification {
  kOff,
  /// Its last output channels over a few output steps, by the kernel and the
  /// tile that the layer is planned for.
  kQuick,
  kFull,  ///< The operator itself over all of its steps.
};

/// Runs a layer that was built and TFLite's own kernel of its node
/// (KernelTrial) on the same inputs, random ones and the ends of their range,
/// and compares all bytes. The error counts those that differ, or says why the
/// kernel could not be run. `bytes`: how many were compared.
Status VerifyLayer(TfLiteContext* context, Verification verification,
                   const GraphLayer& layer, Graph* graph, size_t* bytes);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_VERIFICATION_H_
