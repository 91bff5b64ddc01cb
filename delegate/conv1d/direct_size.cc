#include "delegate/conv1d/direct_size.h"

#include "delegate/base/buffer.h"
#include "delegate/base/checked_size.h"

namespace wqlite {

DirectSize::DirectSize(const Conv1DSpec& spec, const Conv1DShape& shape,
                       const GemmS8Kernel& chosen, int first_group)
    : kernel(chosen) {
  const CheckedSize all_rows = CheckedSize(shape.batch) * shape.out_time;
  rows = all_rows.AsIndex(&fits);
  row_blocks = all_rows.DividedBy(kernel.rows).AsIndex(&fits);
  depth = (CheckedSize(spec.kernel_width) * spec.in_channels).AsIndex(&fits);
  blocks = CheckedSize(depth).DividedBy(kernel.depth).AsIndex(&fits);
  channel_groups =
      CheckedSize(spec.out_channels).DividedBy(kGemmS8Columns).AsIndex(&fits) -
      first_group;

  const CheckedSize row_block =
      CheckedSize(kernel.rows) * blocks * kernel.depth;
  const CheckedSize group =
      CheckedSize(kernel.packed_bytes(blocks)).RoundedUpTo(kAlignment);
  row_block_bytes = row_block.AsBytes(&fits);
  group_bytes = group.AsBytes(&fits);
  weight_bytes = (group * channel_groups).AsBytes(&fits);
  scratch_bytes = (row_block * row_blocks).AsBytes(&fits);
}

}  // namespace wqlite
