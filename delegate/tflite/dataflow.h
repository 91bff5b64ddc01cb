#ifndef WQLITE_DELEGATE_TFLITE_DATAFLOW_H_
#define WQLITE_DELEGATE_TFLITE_DATAFLOW_H_

#include <vector>

#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"

namespace wqlite {

/// A node of TFLite's graph as it stands in the execution plan.
struct PlannedNode {
  int index;
  const TfLiteNode* node;
  const TfLiteRegistration* registration;
};

/// Checks that each tensor is written at most once, and that no node reads it
/// before. TFLite runs other graphs, too, in the order of the file, but its
/// partitioner, which only a delegate calls, accesses memory that is not its
/// own where a node can never run. `nodes`: in execution order. The error names
/// the first node that is wrong.
Status CheckDataflow(const TfLiteContext& context,
                     const std::vector<PlannedNode>& nodes);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_DATAFLOW_H_
