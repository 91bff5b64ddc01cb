#ifndef WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_
#define WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_

#include <cstddef>
#include <cstdint>

#include "delegate/base/buffer.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/tile.h"

namespace wqlite {

/// The working memory of a Winograd convolution, carved out of one block; with
/// a null block only its size (`bytes`).
struct WinogradScratch {
  /// What each thread has for itself.
  struct Worker {
    int16_t* u;    ///< A block of transformed weights (on the fly only).
    int32_t* acc;  ///< Sums in the transformed domain.
    int32_t* y;    ///< [tiles of a product][tile.outputs][8] sums.
  };
  int8_t* staged;  ///< [sequences][rows][row_bytes]
  int16_t* v;      ///< InputLayout.
  Worker first;
  size_t worker_bytes;
  size_t bytes;

  /// `channel_block`: 0 with weights transformed ahead.
  WinogradScratch(void* block, const WinogradGeometry& geometry,
                  const InputLayout& layout, const Tile& tile,
                  int channel_block, int threads)
      : first() {
    Carver carver(block);
    staged = carver.Take<int8_t>(size_t{1} * geometry.sequences *
                                 geometry.rows * geometry.row_bytes);
    v = carver.Take<int16_t>(size_t{1} * tile.points * layout.point_stride);
    const size_t before = carver.used();
    first.u = carver.Take<int16_t>(size_t{1} * geometry.blocks * tile.points *
                                   channel_block * 8);
    // With several channel blocks the sums of all tiles wait for the last one.
    first.acc =
        carver.Take<int32_t>(size_t{1} * geometry.set_pitch * tile.points * 8);
    first.y = carver.Take<int32_t>(size_t{kGemmS16MaxTiles} * tile.outputs * 8);
    worker_bytes = carver.used() - before;
    bytes = before + worker_bytes * static_cast<size_t>(threads);
  }

  Worker ForThread(int thread) const {
    return {Move(first.u, thread), Move(first.acc, thread),
            Move(first.y, thread)};
  }

 private:
  template <class T>
  T* Move(T* piece, int thread) const {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(piece) +
                                worker_bytes * thread);
  }
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIZE_S16_H_
