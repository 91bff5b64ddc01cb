#ifndef WQLITE_DELEGATE_WINOGRAD_TILE_H_
#define WQLITE_DELEGATE_WINOGRAD_TILE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wqlite {

/// Packed weights: from one tap's lanes to the next's. Eight vectors of eight
/// lanes lie side by side, which is how 8x8 transposition leaves them.
inline constexpr int kWeightTapBytes = 64;

/// No tile has more.
inline constexpr int kMaxTileTaps = 64;
inline constexpr int kMaxTilePoints = 256;

/// A Winograd tile F(outputs, taps): its sizes, what its exactness proof needs,
/// and its transforms.
struct Tile {
  const char* name;  ///< "F(2,2)xF(4,4)": base tiles, outermost first.
  int outputs;
  int taps;
  int points;    ///< Products per channel pair: the saving is
                 ///< outputs*taps/points.
  int v_growth;  ///< |transformed input| <= v_growth * max |input|.
  int u_growth;  ///< |transformed weight| <= u_growth * max |weight|.
  int shift;     ///< Sums come out times 2^shift before the final division.

  /// Executed ARMv7 instructions of one call of each transform, as measured.
  int input_cost;
  int weight_cost;
  int output_cost;

  int (*first_tap)(int point);  ///< That the point's weight depends on.

  /// See TileTransform::Input, InputS8, Weights and Output.
  void (*transform_input)(const int8_t* in, ptrdiff_t row_stride, int16_t* v,
                          ptrdiff_t point_stride, ptrdiff_t quad_stride);
  void (*transform_input_s8)(const int8_t* in, ptrdiff_t row_stride, int8_t* v,
                             ptrdiff_t point_stride, ptrdiff_t half_stride);
  void (*transform_weights)(const int8_t* w, int16_t* u,
                            ptrdiff_t point_stride);
  void (*transform_output)(const int32_t* products, ptrdiff_t point_stride,
                           int32_t* y, ptrdiff_t row_stride);

  /// Input time steps that one tile sees.
  int inputs() const { return outputs + taps - 1; }
};

/// All tiles, smallest first.
const std::vector<const Tile*>& AllTiles();

/// The tile of that name, or null.
const Tile* FindTile(std::string_view name);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_TILE_H_
