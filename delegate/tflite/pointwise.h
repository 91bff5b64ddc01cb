#ifndef WQLITE_DELEGATE_TFLITE_POINTWISE_H_
#define WQLITE_DELEGATE_TFLITE_POINTWISE_H_

#include <optional>
#include <vector>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/graph_node.h"
#include "delegate/tflite/lookup_table.h"

namespace wqlite {

/// A node that treats every int8 value by itself, or only gives the tensor
/// another shape: what stands between the convolutions of a speech model.
struct PointwiseNode : GraphNode {
  enum class Shape { kSame, kReshape, kExpandDims, kSqueeze };

  const char* op = "";               ///< TFLite's name of the operator.
  std::optional<LookupTable> table;  ///< None: the values stay as they are.
  Shape shape = Shape::kSame;
  /// kReshape: the new shape, with at most one -1; kExpandDims: the axis;
  /// kSqueeze: the axes, or none for all that are 1.
  std::vector<int> shape_argument;
};

/// Whether the operator is one that MatchPointwise knows.
bool IsPointwise(const TfLiteRegistration& registration);

/// Decides whether we can run a node for which IsPointwise holds with exactly
/// TFLite's results, and describes it; a table is asked of the node's own
/// kernel, so only inside of a delegate's Prepare. The error says in a few
/// words why not.
Status MatchPointwise(TfLiteContext* context, int node_index,
                      const TfLiteNode& node,
                      const TfLiteRegistration& registration,
                      PointwiseNode* pointwise);

/// The shape of the output for an input of `dims`.
Status OutputDims(const PointwiseNode& node, const TfLiteIntArray& dims,
                  std::vector<int>* output_dims);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_POINTWISE_H_
