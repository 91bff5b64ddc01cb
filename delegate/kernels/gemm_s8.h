#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S8_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S8_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "delegate/kernels/cost_unit.h"
#include "delegate/kernels/isa.h"

namespace wqlite {

/// The most time steps that any direct kernel computes at once.
inline constexpr int kGemmS8MaxRows = 12;
/// Output channels that every direct kernel computes at once.
inline constexpr int kGemmS8Columns = 8;

/// What a kernel costs, in some CostUnit.
struct GemmS8Cost {
  double block;  ///< All rows times 8 columns, one block deep.
  double call;   ///< What each call takes beside.
};

/// The inner products of a direct convolution: for each row (time step) r and
/// column (output channel) c, modulo 2^32,
///
///   acc[r][c] = sum_k a[r][k] * w[c][k],  c < 8
///
/// a: [blocks][rows][depth], where the sum's length is cut into blocks of
/// `depth` (beyond its end a may hold anything, the weights are zero);
/// acc: [rows][8]. How the weights are packed is the kernel's own business.
/// Both a and the packed weights are aligned to 16 bytes.
struct GemmS8Kernel {
  const char* name;  ///< gemm_s8_<rows>x<columns>__<isa>
  Isa isa;
  int rows;
  int depth;  ///< 8 or a multiple of 16.
  /// Bits that are flipped in every value of a: 0x80 makes a + 128 of it.
  uint8_t flip;
  bool takes_lowest_weight;  ///< Exact for weights of -128, too.

  /// Bytes of packed weights of 8 output channels: in 64 bits, as they may be
  /// more than there can be.
  uint64_t (*packed_bytes)(int blocks);
  /// Packs w: [columns][length], columns <= 8 and length <= blocks * depth.
  void (*pack)(const int8_t* w, int columns, int length, int blocks,
               int8_t* packed);
  void (*run)(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc);

  GemmS8Cost (*cost)(CostUnit unit);
};

/// All kernels that this build has and this processor can run, those for the
/// best instruction set first, the portable one last.
const std::vector<const GemmS8Kernel*>& AvailableGemmS8();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S8_H_
