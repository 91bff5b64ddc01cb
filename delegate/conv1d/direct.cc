#include "delegate/conv1d/direct.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "delegate/base/buffer.h"
#include "delegate/base/phase.h"
#include "delegate/conv1d/direct_size.h"
#include "delegate/conv1d/output_stage.h"
#include "delegate/kernels/gemm_s8.h"

namespace wqlite {
namespace {

/// Copies `count` blocks of `kSize` bytes that lie side by side to places
/// `stride` bytes apart. Inline: calls to the C library for each block would
/// take a quarter of a layer of few output channels.
template <int kSize>
void SpreadBlocks(const int8_t* from, int count, ptrdiff_t stride, int8_t* to) {
  using Vector [[gnu::vector_size(kSize), gnu::aligned(1)]] = int8_t;
  _Pragma("GCC unroll 4") for (; count > 0; --count) {
    *reinterpret_cast<Vector*>(to) = *reinterpret_cast<const Vector*>(from);
    from += kSize;
    to += stride;
  }
}

/// The same for blocks of any size.
void SpreadBlocks(const int8_t* from, int size, int count, ptrdiff_t stride,
                  int8_t* to) {
  switch (size) {
    case 8:
      return SpreadBlocks<8>(from, count, stride, to);
    case 16:
      return SpreadBlocks<16>(from, count, stride, to);
    case 64:
      return SpreadBlocks<64>(from, count, stride, to);
    default:
      for (; count > 0; --count, from += size, to += stride) {
        std::memcpy(to, from, size);
      }
  }
}

/// A matrix product: rows are time steps, columns output channels, and the
/// depth runs over taps and input channels (im2col, a few rows at a time).
class DirectConv1D : public Conv1D {
 public:
  DirectConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
               const WeightStats& weights, const GemmS8Kernel& kernel,
               int first_group)
      : spec_(spec),
        shape_(shape),
        first_group_(first_group),
        size_(spec, shape, kernel, first_group),
        kernel_(size_.kernel),
        output_(spec, shape, weights) {}

  /// Packs the weights, 8 output channels at a time, and prepares the padding;
  /// false when there is no memory.
  bool Prepare() {
    const int length = size_.depth;
    if (!weights_.Allocate(size_.weight_bytes) || !padding_.Allocate(length)) {
      return false;
    }
    std::memset(padding_.data(), spec_.input_zero_point, length);
    for (int i = 0; i < size_.channel_groups; ++i) {
      const int first = (first_group_ + i) * kGemmS8Columns;
      kernel_.pack(spec_.filter + ptrdiff_t{first} * length,
                   std::min(kGemmS8Columns, spec_.out_channels - first), length,
                   size_.blocks, weights_.data() + i * size_.group_bytes);
    }
    return true;
  }

  void Run(const int8_t* input, int8_t* output, void* scratch,
           const ThreadPool* pool) const override {
    auto* a = static_cast<int8_t*>(scratch);
    ParallelFor(pool, size_.row_blocks, [&](int begin, int end, int) {
      PackRowBlocks(input, begin, end, a);
    });
    const auto multiply = [&](int i, int begin, int end, int) {
      MultiplyGroup(a, i, begin, end, output);
    };
    const int chunks = (size_.rows + StoredRows() - 1) / StoredRows();
    ParallelForRows(pool, size_.channel_groups, chunks, multiply);
  }

 private:
  WQ_PHASE void PackRowBlocks(const int8_t* input, int begin, int end,
                              int8_t* a) const {
    for (int block = begin; block < end; ++block) {
      PackRows(input, block, a + block * size_.row_block_bytes);
    }
  }

  /// The inputs of the kernel's `rows` neighbouring time steps:
  /// [blocks][rows][depth].
  void PackRows(const int8_t* input, int row_block, int8_t* a) const {
    for (int r = 0; r < kernel_.rows; ++r) {
      // Steps beyond the last repeat it; their sums are dropped.
      const int row = std::min(row_block * kernel_.rows + r, size_.rows - 1);
      PackRow(input, row, a + r * kernel_.depth);
    }
    const uint8_t flip = kernel_.flip;
    const size_t size = flip == 0 ? 0 : size_.row_block_bytes;
    for (size_t i = 0; i < size; ++i) a[i] ^= flip;
  }

  void PackRow(const int8_t* input, int row, int8_t* to) const {
    const int batch = row / shape_.out_time;
    const int64_t first =
        int64_t{row % shape_.out_time} * spec_.stride - shape_.pad_left;
    input += size_t{1} * batch * shape_.in_time * spec_.in_channels;
    int filled = 0;  // Bytes of the current block.
    for (int k = 0, taps; k < spec_.kernel_width; k += taps) {
      const int64_t t = first + int64_t{k} * spec_.dilation;
      const bool inside = t >= 0 && t < shape_.in_time;
      taps = 1;
      if (spec_.dilation == 1) {
        // The taps up to the next end of the input lie side by side.
        const int64_t end = t < 0 ? 0 : inside ? shape_.in_time : INT64_MAX;
        taps = static_cast<int>(
            std::min<int64_t>(spec_.kernel_width - k, end - t));
      }
      const int8_t* from =
          inside ? input + t * spec_.in_channels : padding_.data();
      filled = Append(from, taps * spec_.in_channels, filled, &to);
    }
    if (filled > 0) std::memset(to + filled, 0, kernel_.depth - filled);
  }

  /// Adds bytes behind the `filled` ones of the row's current block, moves `to`
  /// to the block that is current then, and returns how many bytes that has.
  int Append(const int8_t* from, int size, int filled, int8_t** to) const {
    const int depth = kernel_.depth;
    const ptrdiff_t block_stride = ptrdiff_t{kernel_.rows} * depth;
    if (filled > 0) {
      const int count = std::min(size, depth - filled);
      std::memcpy(*to + filled, from, count);
      if (filled + count < depth) return filled + count;
      from += count;
      size -= count;
      *to += block_stride;
    }
    const int count = size / depth;
    SpreadBlocks(from, depth, count, block_stride, *to);
    from += ptrdiff_t{count} * depth;
    size -= count * depth;
    *to += count * block_stride;
    if (size > 0) std::memcpy(*to, from, size);
    return size;
  }

  /// Time steps whose sums go to the output together: those of a few calls.
  int StoredRows() const {
    return kGemmS8MaxRows / kernel_.rows * kernel_.rows;
  }

  /// 8 output channels over StoredRows() time steps, `begin` times and on.
  WQ_PHASE void MultiplyGroup(const int8_t* a, int i, int begin, int end,
                              int8_t* output) const {
    const int channel_group = first_group_ + i;
    const int8_t* w = weights_.data() + i * size_.group_bytes;
    int32_t sums[kGemmS8MaxRows * kGemmS8Columns];
    const int most = StoredRows();
    const int end_row = std::min(end * most, size_.rows);
    int row = begin * most;
    a += row / kernel_.rows * size_.row_block_bytes;
    int8_t* out = output + ptrdiff_t{row} * spec_.out_channels +
                  channel_group * kGemmS8Columns;
    for (; row < end_row; row += most) {
      const int rows = std::min(most, end_row - row);
      for (int r = 0; r < rows; r += kernel_.rows) {
        kernel_.run(size_.blocks, a, w, sums + r * kGemmS8Columns);
        a += size_.row_block_bytes;
      }
      output_.Store(channel_group, sums, rows, out, spec_.out_channels);
      out += ptrdiff_t{most} * spec_.out_channels;
    }
  }

  const Conv1DSpec spec_;
  const Conv1DShape shape_;
  const int first_group_;  ///< Those before it are left out.
  const DirectSize size_;
  const GemmS8Kernel& kernel_;
  const OutputStage output_;
  Buffer<int8_t> weights_;
  Buffer<int8_t> padding_;  ///< All taps of a time step outside the input.
};

}  // namespace

Status CreateDirectConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                          const WeightStats& weights,
                          const KernelChoice& choice,
                          std::unique_ptr<Conv1D>* op) {
  auto direct = std::make_unique<DirectConv1D>(
      spec, shape, weights, *choice.gemm_s8,
      choice.others_direct ? choice.ahead_groups : 0);
  if (!direct->Prepare()) {
    return Status::Error("no memory for " +
                         std::to_string(choice.direct_bytes) +
                         " bytes of packed weights; close other programs or "
                         "use a smaller model");
  }
  *op = std::move(direct);
  return Status();
}

}  // namespace wqlite
