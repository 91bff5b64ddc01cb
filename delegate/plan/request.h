#ifndef WQLITE_DELEGATE_PLAN_REQUEST_H_
#define WQLITE_DELEGATE_PLAN_REQUEST_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "delegate/conv1d/kernel_choice.h"
#include "delegate/kernels/core.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// What the user may ask for a layer.
struct KernelRequest {
  /// Only this one; without a value, the cheapest.
  std::optional<Algorithm> algorithm;
  const Tile* tile = nullptr;  ///< Only this tile, or null for the cheapest.
  /// With a tile of winograd_s16: so many groups of 8 output channels, or all
  /// there are, have their weights transformed ahead; without a value, what the
  /// budget allows.
  std::optional<int> ahead_groups;
  /// With `ahead_groups`: the others are direct.
  bool others_direct = false;
};

/// What the user may ask of the planner: what holds for every layer that has no
/// request of its own, and what holds for the model.
struct PlanOptions : KernelRequest {
  /// Bytes that weights transformed ahead may take in a whole model; by default
  /// 1.4 times its int8 weights. (With that a Wav2letter takes no more than a
  /// quarter more memory than on TFLite's own ARMv7 kernels.)
  std::optional<size_t> memory_budget;
  std::optional<Core> core;  ///< To plan for; by default ThisCore().
  int threads = 1;           ///< Threads of the pool that Run will be given.

  Core planned_core() const { return core.value_or(ThisCore()); }
};

/// Reads "auto", "direct", "winograd_s16", and with a tile
/// "winograd_s16/F(4,4)", and with where its weights are transformed
/// "winograd_s16/F(4,4)/ahead", "/fly", or the number of groups of 8 output
/// channels ahead, such as "/12", or "/12/direct" where the others are direct;
/// and "winograd_s8", also with a tile. False
/// where the text is none of these.
bool ParseKernelRequest(std::string_view text, KernelRequest* request);

/// What ParseKernelRequest reads as a request for this choice.
std::string AsRequest(const KernelChoice& choice);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_PLAN_REQUEST_H_
