#ifndef WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_
#define WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_

#include <cstddef>

#include "delegate/base/buffer.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/gemm_s8.h"

namespace wqlite {

/// The matrix product that a direct convolution is: which kernel, how large.
struct DirectSize {
  const GemmS8Kernel& kernel;
  int rows;            ///< Time steps of all batch elements.
  int row_blocks;      ///< Blocks of kernel.rows of them.
  int blocks;          ///< Depth (taps times input channels) in kernel blocks.
  int channel_groups;  ///< Groups of 8 output channels.

  DirectSize(const Conv1DSpec& spec, const Conv1DShape& shape);

  /// Packed inputs of kernel.rows time steps.
  size_t RowBlockBytes() const {
    return size_t{1} * kernel.rows * blocks * kernel.depth;
  }
  /// Packed weights of 8 output channels.
  size_t GroupBytes() const { return AlignUp(kernel.packed_bytes(blocks)); }
  size_t WeightBytes() const { return channel_groups * GroupBytes(); }
  size_t ScratchBytes() const { return row_blocks * RowBlockBytes(); }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_DIRECT_SIZE_H_
