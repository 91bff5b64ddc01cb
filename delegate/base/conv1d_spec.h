#ifndef WQLITE_DELEGATE_BASE_CONV1D_SPEC_H_
#define WQLITE_DELEGATE_BASE_CONV1D_SPEC_H_

#include <cstdint>
#include <vector>

#include "delegate/base/rounding.h"
#include "delegate/base/status.h"

namespace wqlite {

/// What stays the same for a layer whatever the length of its input: the
/// weights, their quantisation and the fused activation.
///
/// Real values are `scale * (q - zero_point)`; weights have zero point 0.
/// `filter` and `bias` are borrowed and must outlive every user of the spec.
struct Conv1DSpec {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_width = 0;
  int stride = 1;
  int dilation = 1;
  const int8_t* filter =
      nullptr;                    ///< [out_channels][kernel_width][in_channels]
  const int32_t* bias = nullptr;  ///< [out_channels], or null for no bias.
  int32_t input_zero_point = 0;
  /// The quantised inputs that can occur: less than int8 where the layer before
  /// clamps its outputs. A promise, on which exactness may be built.
  int32_t input_min = -128;
  int32_t input_max = 127;
  int32_t output_zero_point = 0;
  int32_t activation_min = -128;  ///< Fused activation as an int8 clamp.
  int32_t activation_max = 127;
  /// Requantisation per output channel (per-tensor weights repeat one value):
  /// real multiplier = multiplier * 2^(shift - 31), multiplier in [2^30, 2^31)
  /// or 0.
  std::vector<int32_t> multiplier;
  std::vector<int32_t> shift;
  RoundingRules rounding;  ///< See RoundingOf.
};

/// What a resized input changes. Activations are [batch][time][channels].
struct Conv1DShape {
  int batch = 0;
  int in_time = 0;
  int out_time = 0;
  int pad_left = 0;  ///< Time steps of zero point before the first input.
};

enum class Padding { kSame, kValid };

/// The one of spec.rounding that applies to an input of this shape.
Rounding RoundingOf(const Conv1DSpec& spec, const Conv1DShape& shape);

/// The shape of a layer: its output length and left padding of a convolution
/// over `in_time` steps, as TFLite computes them (ComputePaddingHeightWidth).
/// `out_time` is 0 or less when a VALID kernel is longer than the input.
Conv1DShape ComputeShape(Padding padding, int batch, int in_time,
                         const Conv1DSpec& spec);

/// Splits a positive real multiplier as TFLite's QuantizeMultiplier does: into
/// a Q31 mantissa and a power of two, rounding half away from zero; a value
/// below 2^-32 gives 0 and one of 2^30 or more the largest pair.
void QuantizeMultiplier(double real, int32_t* multiplier, int32_t* shift);

/// Checks that sizes are positive and products fit; names the bad field.
Status Validate(const Conv1DSpec& spec);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_CONV1D_SPEC_H_
