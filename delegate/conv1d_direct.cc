#include "delegate/conv1d_direct.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "delegate/buffer.h"
#include "delegate/direct_size.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/output_stage.h"

namespace wqlite {
namespace {

constexpr int kMaxRows = 8;

/// A matrix product: rows are time steps, columns output channels, and the
/// depth runs over taps and input channels (im2col, a few rows at a time).
class DirectConv1D : public Conv1D {
 public:
  DirectConv1D(const Conv1DSpec& spec, const Conv1DShape& shape)
      : spec_(spec),
        shape_(shape),
        size_(spec, shape),
        kernel_(size_.kernel),
        output_(spec, shape) {}

  /// Packs [out_channels][depth] as the kernel wants it; false when there is no
  /// memory.
  bool PackWeights() {
    const ptrdiff_t depth = ptrdiff_t{spec_.kernel_width} * spec_.in_channels;
    if (!weights_.Allocate(size_.WeightBytes())) return false;
    std::memset(weights_.data(), 0, size_.WeightBytes());
    for (int c = 0; c < spec_.out_channels; ++c) {
      const int panel = c / kernel_.columns;
      const int column = c % kernel_.columns;
      int8_t* to =
          weights_.data() +
          ptrdiff_t{panel} * size_.blocks * kernel_.columns * kGemmS8Depth +
          column * kGemmS8Depth;
      Scatter(spec_.filter + c * depth, depth, kernel_.columns, to);
    }
    return true;
  }

  void Run(const int8_t* input, int8_t* output, void* scratch,
           const ThreadPool* pool) const override {
    auto* a = static_cast<int8_t*>(scratch);
    ParallelFor(pool, size_.row_blocks, [&](int begin, int end, int) {
      for (int block = begin; block < end; ++block) {
        PackRows(input, block, a + block * size_.RowBlockBytes());
      }
    });
    ParallelFor(pool, output_.groups(), [&](int begin, int end, int) {
      for (int group = begin; group < end; ++group) RunGroup(a, group, output);
    });
  }

 private:
  /// Copies `size` bytes into one of `lanes` interleaved rows of blocks.
  static void Scatter(const int8_t* from, ptrdiff_t size, int lanes,
                      int8_t* to) {
    for (; size >= kGemmS8Depth; size -= kGemmS8Depth) {
      std::memcpy(to, from, kGemmS8Depth);
      from += kGemmS8Depth;
      to += lanes * kGemmS8Depth;
    }
    std::memcpy(to, from, size);
  }

  /// The inputs of the kernel's `rows` neighbouring time steps:
  /// [blocks][rows][16].
  void PackRows(const int8_t* input, int row_block, int8_t* a) const {
    for (int r = 0; r < kernel_.rows; ++r) {
      // Steps beyond the last repeat it; their sums are dropped.
      const int row = std::min(row_block * kernel_.rows + r, size_.rows - 1);
      PackRow(input, row, a + r * kGemmS8Depth);
    }
  }

  void PackRow(const int8_t* input, int row, int8_t* to) const {
    const int batch = row / shape_.out_time;
    const int64_t first =
        int64_t{row % shape_.out_time} * spec_.stride - shape_.pad_left;
    input += size_t{1} * batch * shape_.in_time * spec_.in_channels;
    int filled = 0;  // Bytes of the current block of 16.
    for (int k = 0; k < spec_.kernel_width; ++k) {
      const int64_t t = first + int64_t{k} * spec_.dilation;
      const bool inside = t >= 0 && t < shape_.in_time;
      const int8_t* from = input + t * spec_.in_channels;
      for (int left = spec_.in_channels; left > 0;) {
        const int count = std::min(left, kGemmS8Depth - filled);
        if (inside) {
          std::memcpy(to + filled, from, count);
          from += count;
        } else {
          std::memset(to + filled, spec_.input_zero_point, count);
        }
        left -= count;
        filled += count;
        if (filled == kGemmS8Depth) {
          filled = 0;
          to += kernel_.rows * kGemmS8Depth;
        }
      }
    }
    if (filled > 0) std::memset(to + filled, 0, kGemmS8Depth - filled);
  }

  void RunGroup(const int8_t* a, int group, int8_t* output) const {
    const int8_t* w = weights_.data() + group * size_.GroupBytes();
    int32_t sums[kMaxRows * kGemmS8Columns];
    int8_t* out = output + group * kGemmS8Columns;
    for (int row = 0; row < size_.rows; row += kernel_.rows) {
      kernel_.run(size_.blocks, a, w, sums);
      output_.Store(group, sums, std::min(kernel_.rows, size_.rows - row), out,
                    spec_.out_channels);
      a += size_.RowBlockBytes();
      out += ptrdiff_t{kernel_.rows} * spec_.out_channels;
    }
  }

  const Conv1DSpec spec_;
  const Conv1DShape shape_;
  const DirectSize size_;
  const GemmS8Kernel& kernel_;
  const OutputStage output_;
  Buffer<int8_t> weights_;
};

}  // namespace

Status CreateDirectConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                          const Plan& plan, std::unique_ptr<Conv1D>* op) {
  auto direct = std::make_unique<DirectConv1D>(spec, shape);
  if (!direct->PackWeights()) {
    return Status::Error("no memory for " + std::to_string(plan.weight_bytes) +
                         " bytes of packed weights; close other programs or "
                         "use a smaller model");
  }
  *op = std::move(direct);
  return Status();
}

}  // namespace wqlite
