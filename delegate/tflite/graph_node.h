#ifndef WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_
#define WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_

#include <string>

namespace wqlite {

/// Where a node that we run stands in TFLite's graph.
struct GraphNode {
  int index = 0;     ///< Of the node.
  int input = 0;     ///< Tensor index.
  int output = 0;    ///< Tensor index.
  std::string name;  ///< Of the output tensor: what a user sees in a viewer.
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_GRAPH_NODE_H_
