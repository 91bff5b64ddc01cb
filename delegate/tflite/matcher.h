#ifndef WQLITE_DELEGATE_TFLITE_MATCHER_H_
#define WQLITE_DELEGATE_TFLITE_MATCHER_H_

#include <cstdint>
#include <vector>

#include "delegate/base/conv1d_spec.h"
#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/graph_node.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// A CONV_2D node that is a 1-D convolution, in our own terms.
struct ConvNode : GraphNode {
  Conv1DSpec spec;            ///< stride and dilation follow the time axis.
  std::vector<int32_t> bias;  ///< spec.bias points here. Empty: none.
  WeightStats weights;        ///< Of the spec.
  Padding padding = Padding::kSame;

  /// Along height (1) and width (2) of TFLite's [batch, height, width,
  /// channels]; index 0 is not used.
  int filter_size[3] = {0, 1, 1};
  int stride[3] = {0, 1, 1};
  int dilation[3] = {0, 1, 1};

  // What FitShape sets.
  int time_axis = 2;  ///< 1 or 2.
  Conv1DShape shape;
  int input_dims[4] = {0, 0, 0, 0};
  int output_dims[4] = {0, 0, 0, 0};

  ConvNode() = default;
  ConvNode(const ConvNode&) = delete;  // spec.bias points into the node itself.
  ConvNode& operator=(const ConvNode&) = delete;
};

/// Whether the node is a CONV_2D along one axis only: a filter of height 1 on
/// an input of height 1, or a filter of width 1 on an input of width 1.
bool IsConv1D(const TfLiteContext& context, const TfLiteNode& node,
              const TfLiteRegistration& registration);

/// Decides whether we take a node for which IsConv1D holds, and describes it.
/// The error says in a few words why not ("its filter is not constant").
///
/// An open time axis (-1 in the model) is taken with whatever length stands in
/// the model, which may be too short: shape.out_time is then 0 or less.
Status MatchConv1D(const TfLiteContext& context, int node_index,
                   const TfLiteNode& node, ConvNode* conv);

/// Sets the time axis and all sizes for an input of `dims`. Rows that are not
/// the time axis are independent signals and count as batch, as long as no
/// stride skips any. Fails where the convolution would no longer be 1-D, and
/// where sizes or what TFLite keeps of them would overflow.
Status FitShape(const TfLiteIntArray& dims, ConvNode* conv);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_MATCHER_H_
