#ifndef WQLITE_DELEGATE_CONV1D_WINOGRAD_STAGES_H_
#define WQLITE_DELEGATE_CONV1D_WINOGRAD_STAGES_H_

#include <cstddef>
#include <cstdint>

#include "delegate/base/conv1d_spec.h"
#include "delegate/conv1d/output_stage.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// The first and the last step of a Winograd convolution, whatever the products
/// are made of. Keeps references to its arguments.
class WinogradStages {
 public:
  /// `centre`: see OutputStage.
  WinogradStages(const Conv1DSpec& spec, const Conv1DShape& shape,
                 const WeightStats& weights, const WinogradGeometry& geometry,
                 const Tile& tile, int32_t centre = 0);

  /// Groups of 8 output channels.
  int channel_groups() const { return output_.channel_groups(); }

  /// Copies rows [begin, end) of what a sequence sees into rows of its own,
  /// [geometry.rows][geometry.row_bytes] at `staged`: without stride, dilation
  /// and padding. Beyond the last channel lies `centre`.
  void StageRows(const int8_t* input, int sequence, int begin, int end,
                 int8_t* staged) const;

  /// From the transformed sums of `count` tiles, `first` and those after it, to
  /// their int8 outputs. acc: [tiles][8] per point, `point_stride` elements
  /// apart; y: [count * tile.outputs][8] of scratch.
  void StoreTiles(const int32_t* acc, ptrdiff_t point_stride, int first,
                  int count, int channel_group, int32_t* y,
                  int8_t* output) const;

 private:
  /// StoreTiles of one sequence, from its tile `first` on.
  void StoreSequence(const int32_t* acc, ptrdiff_t point_stride, int sequence,
                     int first, int count, int channel_group, int32_t* y,
                     int8_t* output) const;

  const Conv1DSpec& spec_;
  const Conv1DShape& shape_;
  const WinogradGeometry& geometry_;
  const Tile& tile_;
  const int32_t centre_;
  const OutputStage output_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_WINOGRAD_STAGES_H_
