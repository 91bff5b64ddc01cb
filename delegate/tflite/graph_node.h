#ifndef WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_
#define WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_

#include <string>

#include "delegate/tflite/original_kernel.h"
#include "delegate/tflite/tensors.h"

namespace wqlite {

/// Where a node that we run stands in TFLite's graph.
struct GraphNode {
  int index = 0;     ///< Of the node.
  int input = 0;     ///< Tensor index.
  int output = 0;    ///< Tensor index.
  std::string name;  ///< Of the output tensor: what a user sees in a viewer.
  OriginalKernel original;  ///< TFLite's, for shapes that we cannot run.
  /// Why TFLite's kernel runs the shape that it has now; empty where ours does.
  std::string left_to_tflite;
};

inline std::string Describe(const GraphNode& node) {
  return Describe(node.index, node.name);
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_
