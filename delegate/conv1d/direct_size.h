#ifndef WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_
#define WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_

#include <cstddef>

#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/gemm_s8.h"

namespace wqlite {

/// The matrix product that a direct convolution is: which kernel, how large.
struct DirectSize {
  const GemmS8Kernel& kernel;
  int rows;            ///< Time steps of all batch elements.
  int row_blocks;      ///< Blocks of kernel.rows of them.
  int depth;           ///< Taps times input channels.
  int blocks;          ///< Depth in kernel blocks.
  int channel_groups;  ///< Groups of 8 output channels, from the first on.

  size_t row_block_bytes;  ///< Packed inputs of kernel.rows time steps.
  size_t group_bytes;      ///< Packed weights of 8 output channels.
  size_t weight_bytes;
  size_t scratch_bytes;

  /// Whether this machine can count and address all of that. Where it cannot,
  /// the numbers mean nothing.
  bool fits = true;

  /// `first_group`: those before it are left out.
  DirectSize(const Conv1DSpec& spec, const Conv1DShape& shape,
             const GemmS8Kernel& kernel, int first_group = 0);
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_
