#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S16_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S16_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/kernels/cost_unit.h"
#include "delegate/kernels/isa.h"

namespace wqlite {

/// Output channels that every int16 product kernel computes at once.
inline constexpr int kGemmS16Channels = 8;
/// The most tiles that any int16 product kernel computes at once.
inline constexpr int kGemmS16MaxTiles = 15;

/// The inner products of a Winograd convolution, for a group of tiles and 8
/// output channels. For every point p, tile t and output channel o, modulo
/// 2^32:
///
///   acc[p][t][o] (+)= sum_i v[p][i][t] * u[p][i][o]
///
/// Strides count elements. Nothing is read or written beyond these arrays.
struct GemmS16Args {
  int points;
  int quads;         ///< Input channels / 4.
  const int16_t* v;  ///< [points][quads][tiles][4 channels]
  ptrdiff_t v_point_stride;
  ptrdiff_t v_quad_stride;
  const int16_t* u;  ///< [points][quads * 4 vectors of 8], see `interleave`.
  ptrdiff_t u_point_stride;
  int32_t* acc;  ///< [points][tiles][8]
  bool accumulate;
};

/// What a kernel costs, in some CostUnit.
struct GemmS16Cost {
  double tile_quad;  ///< 4 input times 8 output channels of one tile.
  double quad;       ///< Loads and loop for 4 input channels of all tiles.
  double point;      ///< Call, load and store of the sums of all tiles.
};

/// An int16 product kernel for one instruction set.
struct GemmS16Kernel {
  const char* name;  ///< gemm_s16_<tiles>x8__<isa>
  Isa isa;
  int max_tiles;
  /// How input channels lie in `u`: [channels / interleave][8][interleave].
  int interleave;
  /// run[n] computes n tiles, 1 <= n <= max_tiles.
  void (*run[kGemmS16MaxTiles + 1])(const GemmS16Args& args);

  GemmS16Cost (*cost)(CostUnit unit);
};

/// All kernels that this build has and this processor can run, those for the
/// best instruction set first, the portable one last.
const std::vector<const GemmS16Kernel*>& AvailableGemmS16();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S16_H_
