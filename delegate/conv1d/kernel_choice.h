#ifndef WQLITE_DELEGATE_CONV1D_KERNEL_CHOICE_H_
#define WQLITE_DELEGATE_CONV1D_KERNEL_CHOICE_H_

#include <cstddef>

#include "delegate/kernels/gemm_s16.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

enum class Algorithm { kDirect, kWinogradS16, kWinogradS8 };

/// "direct", "winograd_s16" or "winograd_s8".
const char* AlgorithmName(Algorithm algorithm);

/// How one layer is to run: all that Conv1D::Create needs to know beside the
/// layer itself.
struct KernelChoice {
  Algorithm algorithm = Algorithm::kDirect;
  const Tile* tile = nullptr;               ///< Null for direct.
  const GemmS8Kernel* gemm_s8 = nullptr;    ///< Of all but winograd_s16.
  const GemmS16Kernel* gemm_s16 = nullptr;  ///< Of winograd_s16.
  /// Groups of 8 output channels, of winograd_s16 and winograd_s8.
  int channel_groups = 0;
  /// How many of them have their weights transformed ahead; those of the others
  /// are, in blocks of `channel_block` input channels, while running, unless
  /// `others_direct`: then the others' products are direct.
  int ahead_groups = 0;
  int channel_block = 0;  ///< 0 where no weights are transformed on the fly.
  bool others_direct = false;
  int centre = 0;   ///< Subtracted from every input (winograd_s8 only).
  int threads = 1;  ///< The most that Run may use; the scratch depends on it.
  size_t weight_bytes = 0;   ///< Packed weights kept for the model's life,
  size_t direct_bytes = 0;   ///< and those of them that are direct's.
  size_t scratch_bytes = 0;  ///< Working memory of one Run, for sharing.

  const char* kernel() const { return AlgorithmName(algorithm); }
  /// The tile's name, or "-".
  const char* tile_name() const { return tile == nullptr ? "-" : tile->name; }
  /// Whether all weights are transformed ahead (or need not be at all).
  bool weights_ahead() const { return ahead_groups == channel_groups; }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_KERNEL_CHOICE_H_
