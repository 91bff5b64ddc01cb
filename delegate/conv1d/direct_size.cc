#include "delegate/conv1d/direct_size.h"

#include <cstring>

namespace wqlite {
namespace {

ptrdiff_t Depth(const Conv1DSpec& spec) {
  return ptrdiff_t{spec.kernel_width} * spec.in_channels;
}

/// The best kernel that is exact for these weights: TFLite keeps them within
/// +-127, and only files that do not need the kernels that allow for -128.
const GemmS8Kernel& KernelFor(const Conv1DSpec& spec) {
  const GemmS8Kernel& best = BestGemmS8();
  const bool has_lowest =
      std::memchr(spec.filter, 0x80, Depth(spec) * spec.out_channels) !=
      nullptr;
  return has_lowest && !best.takes_lowest_weight ? *FindGemmS8(Isa::kPortable)
                                                 : best;
}

}  // namespace

DirectSize::DirectSize(const Conv1DSpec& spec, const Conv1DShape& shape)
    : kernel(KernelFor(spec)) {
  rows = shape.batch * shape.out_time;
  row_blocks = (rows + kernel.rows - 1) / kernel.rows;
  blocks = static_cast<int>((Depth(spec) + kernel.depth - 1) / kernel.depth);
  channel_groups = (spec.out_channels + kGemmS8Columns - 1) / kGemmS8Columns;
}

}  // namespace wqlite
