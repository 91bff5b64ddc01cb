#ifndef WQLITE_DELEGATE_CONV1D_CONV1D_H_
#define WQLITE_DELEGATE_CONV1D_CONV1D_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "delegate/base/conv1d_spec.h"
#include "delegate/base/status.h"
#include "delegate/base/threads.h"
#include "delegate/conv1d/kernel_choice.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {

/// One int8 1-D convolution, ready to run: the weights packed for the kernel
/// that was chosen.
///
/// The output equals, byte for byte, TFLite's optimised built-in kernel.
class Conv1D {
 public:
  virtual ~Conv1D() = default;

  /// Packs the weights for `choice`; `weights` measures those of `spec`. The
  /// spec is copied; the memory behind `filter` and `bias` must stay valid.
  /// Fails only for want of memory.
  static Status Create(const Conv1DSpec& spec, const Conv1DShape& shape,
                       const WeightStats& weights, const KernelChoice& choice,
                       std::unique_ptr<Conv1D>* op);

  /// input: [batch][in_time][in_channels], output:
  /// [batch][out_time][out_channels].
  ///
  /// `scratch`: choice.scratch_bytes, aligned to kAlignment; layers that run
  /// one after the other may share it. `pool` may be null (one thread) and must
  /// not have more threads than the choice was made for.
  virtual void Run(const int8_t* input, int8_t* output, void* scratch,
                   const ThreadPool* pool) const = 0;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_CONV1D_CONV1D_H_
