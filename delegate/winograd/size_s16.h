#ifndef WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_
#define WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_

#include <cstddef>
#include <cstdint>

#include "delegate/base/checked_size.h"
#include "delegate/base/conv1d_spec.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// The products that a Winograd convolution in int16 is, and how their operands
/// lie in memory.
struct WinogradS16Size {
  const Tile& tile;
  const GemmS16Kernel& kernel;
  const WinogradGeometry geometry;
  const InputLayout layout;
  int channels;        ///< Input channels of a block, in whole quads.
  int channel_groups;  ///< Groups of 8 output channels.

  size_t sequence_bytes;  ///< Staged inputs of a sequence.
  size_t group_bytes;     ///< Transformed weights of a group.

  /// Whether this machine can count and address all that a run needs without
  /// weights transformed ahead, save for its scratch. Where it cannot, the
  /// numbers mean nothing.
  bool fits = true;

  WinogradS16Size(const Conv1DSpec& spec, const Conv1DShape& shape,
                  const Tile& tile, const GemmS16Kernel& kernel);

  /// int16 elements of transformed weights of a group of output channels, for
  /// so many input channels: [blocks][points][PointWeights]; and of one point.
  CheckedSize GroupWeights(int input_channels) const {
    return CheckedSize(geometry.blocks) * tile.points *
           PointWeights(input_channels);
  }
  static ptrdiff_t PointWeights(int input_channels) {
    return ptrdiff_t{kGemmS16Channels} * input_channels;
  }
  /// Sums of so many tiles in the transformed domain: [points][tiles][8].
  ptrdiff_t Sums(int tiles) const {
    return ptrdiff_t{kGemmS16Channels} * tiles * tile.points;
  }
  /// See WinogradS16Scratch.
  CheckedSize ScratchBytes(int channel_block, int threads) const;
};

/// The working memory, carved out of one block; with a null block only its
/// size.
struct WinogradS16Scratch {
  /// What each thread has for itself.
  struct Worker {
    int16_t* u;    ///< A block of transformed weights (on the fly only).
    int32_t* acc;  ///< Sums in the transformed domain.
    int32_t* y;    ///< [tiles of a product][tile.outputs][8] sums.
  };
  int8_t* staged;  ///< [sequences][rows][row_bytes]
  int16_t* v;      ///< InputLayout.
  Worker first;
  CheckedSize worker_bytes;
  CheckedSize bytes;

  /// `channel_block`: 0 with weights transformed ahead.
  WinogradS16Scratch(void* block, const WinogradS16Size& size,
                     int channel_block, int threads);

  Worker ForThread(int thread) const {
    return {Move(first.u, thread), Move(first.acc, thread),
            Move(first.y, thread)};
  }

 private:
  template <class T>
  T* Move(T* piece, int thread) const {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(piece) +
                                worker_bytes.AsBytes() * thread);
  }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_
