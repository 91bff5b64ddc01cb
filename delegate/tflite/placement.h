#ifndef WQLITE_DELEGATE_TFLITE_PLACEMENT_H_
#define WQLITE_DELEGATE_TFLITE_PLACEMENT_H_

#include <set>
#include <vector>

namespace wqlite {

/// What one step of a partition reads and makes.
struct Use {
  int input;       ///< Tensor index.
  int output;      ///< Tensor index.
  bool pointwise;  ///< Can run in place: as many bytes, one by one.
};

/// The tensors in whose memory a step reads and writes.
struct Place {
  int source;
  int target;
};

/// Lets a pointwise step run in place wherever nobody else needs its input, so
/// that a convolution writes straight into the tensor at the end of what
/// follows it, and the tensors between need no memory. `steps`: in execution
/// order; `outputs`: the tensors that the rest of the graph reads.
std::vector<Place> PlaceTensors(const std::vector<Use>& steps,
                                const std::set<int>& outputs);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_PLACEMENT_H_
