#ifndef WQLITE_DELEGATE_BASE_ROUNDING_H_
#define WQLITE_DELEGATE_BASE_ROUNDING_H_

namespace wqlite {

/// How a kernel of TFLite rounds when it scales int32 sums down to int8
/// (formulas: kernels/requantize.h). Versions of TFLite, processors and op
/// resolvers differ in it.
enum class Rounding {
  kDoubleUp,    ///< Twice: ties up, and ties up again in the last shift.
  kDoubleAway,  ///< Twice: ties up, and then ties away from zero.
  kSingle,      ///< Once: ties up.
};

inline constexpr Rounding kAllRoundings[] = {
    Rounding::kDoubleUp, Rounding::kDoubleAway, Rounding::kSingle};

/// As the options call it: "double_up".
constexpr const char* RoundingName(Rounding rounding) {
  switch (rounding) {
    case Rounding::kDoubleUp:
      return "double_up";
    case Rounding::kDoubleAway:
      return "double_away";
    case Rounding::kSingle:
      return "single";
  }
  return "";
}

/// The rules of a runtime's CONV_2D, which multiplies a matrix by a single
/// vector in another kernel than a matrix by a matrix.
struct RoundingRules {
  Rounding many_steps = Rounding::kDoubleUp;
  /// Where batch times output steps is 1, with at least kVectorChannels output
  /// channels and kVectorWeights weights each.
  Rounding one_step = Rounding::kDoubleUp;

  static constexpr int kVectorChannels = 4;
  static constexpr int kVectorWeights = 8;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_ROUNDING_H_
