#ifndef WQLITE_DELEGATE_TFLITE_TENSORS_H_
#define WQLITE_DELEGATE_TFLITE_TENSORS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

/// The tensor at `index`, or null when the index is bad.
TfLiteTensor* TensorAt(const TfLiteContext& context, int index);

/// The i-th value, or kTfLiteOptionalTensor where there is none.
int At(const TfLiteIntArray* array, int i);

/// The tensor's name, cut where it is longer than anyone reads; empty for null.
std::string NameOf(const TfLiteTensor* tensor);

/// A name for messages: "node 3 'conv1'".
std::string Describe(int node_index, const std::string& tensor_name);

/// Whether the model leaves the size of this axis open. (`dims` then holds a
/// place-holder.)
bool IsOpen(const TfLiteTensor& tensor, int axis);

/// Null where the tensor has no affine quantisation that can be read safely.
const TfLiteAffineQuantization* AffineQuantization(const TfLiteTensor& tensor);

bool IsScale(float scale);

// The checks below say in a few words what is wrong with the node's tensor;
// `what` is its role: "input".

Status CheckType(const char* what, const TfLiteTensor& tensor, TfLiteType type);

/// Data of exactly so many bytes that are known before the model runs.
Status CheckConstant(const char* what, const TfLiteTensor& tensor,
                     size_t bytes);

/// Values that a node makes, and that live no longer than a run.
Status CheckComputed(const char* what, const TfLiteTensor& tensor);

/// Activations: INT8 with one scale and one zero point. TFLite's kernels read
/// the old `params` field, which is filled from `quantization` for exactly that
/// case. Not variables, which nodes that do not name them as outputs write.
Status CheckActivation(const char* what, const TfLiteTensor& tensor);

/// A fused or separate activation as the range of INT8 that it leaves, for an
/// output that passed CheckActivation. Infinite: no limit on that side.
///
/// TFLite's CalculateActivationRangeQuantized: the quotient is taken in float
/// and rounded half away from zero. Fails when that leaves the range of int32,
/// which TFLite refuses too.
Status ActivationRange(float low, float high, const TfLiteTensor& output,
                       int32_t* min, int32_t* max);

/// The same for an activation that is fused into the node that makes `output`.
Status FusedActivation(TfLiteFusedActivation activation,
                       const TfLiteTensor& output, int32_t* min, int32_t* max);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_TENSORS_H_
