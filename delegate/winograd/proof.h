#ifndef WQLITE_DELEGATE_WINOGRAD_PROOF_H_
#define WQLITE_DELEGATE_WINOGRAD_PROOF_H_

#include <cstdint>

#include "delegate/winograd/tile.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// Whether a tile computes a layer exactly for every possible input. All three
/// must hold (q in [-128, 127] are the raw inputs, zero point included):
///
///   |V| <= 128 * v_growth              <= 32767   transformed inputs fit int16
///   |U| <= max|w| * u_growth           <= 32767   transformed weights fit too
///   |y| * 2^shift <= 128 * sum|w| * 2^shift < 2^31, for each output channel
///
/// Products, their sums and the output transform are exact modulo 2^32, so
/// only the final sum y, times the power of two that is divided out last, needs
/// to fit.
struct Proof {
  enum class Failure { kNone, kInput, kWeights, kSum };
  Failure failure = Failure::kNone;
  int64_t max_input = 0;   ///< Bound of |V|.
  int64_t max_weight = 0;  ///< Bound of |U|.
  int64_t max_sum = 0;     ///< Largest bound of |y| * 2^shift.
  int channel = 0;         ///< The output channel of max_sum.
  /// Subtracted from every input before the transform (int8 domain only).
  int centre = 0;

  bool exact() const { return failure == Failure::kNone; }
};

Proof ProveExact(const Tile& tile, const WeightStats& weights);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_PROOF_H_
