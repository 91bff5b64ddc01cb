#include "delegate/conv1d/winograd_s8.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "delegate/base/buffer.h"
#include "delegate/base/phase.h"
#include "delegate/conv1d/winograd_stages.h"
#include "delegate/winograd/simd.h"
#include "delegate/winograd/size_s8.h"
#include "delegate/winograd/weights_s8.h"

namespace wqlite {
namespace {

constexpr int kHalf = WinogradS8Size::kVector / 2;

class WinogradS8Conv1D : public Conv1D {
 public:
  WinogradS8Conv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                   const WeightStats& weights, const KernelChoice& choice)
      : spec_(spec),
        shape_(shape),
        tile_(*choice.tile),
        threads_(choice.threads),
        centre_(choice.centre),
        size_(spec, shape, tile_, *choice.gemm_s8),
        kernel_(size_.kernel),
        stages_(spec_, shape_, weights, size_.geometry, tile_, centre_) {}

  /// Transforms and packs all weights; false when there is no memory for it.
  bool TransformWeights() {
    const ptrdiff_t length = size_.length;
    Buffer<int8_t> u;
    if (!weights_.Allocate(size_.weight_bytes) ||
        !u.Allocate(CheckedSize(kGemmS8Columns) * tile_.points * length)) {
      return false;
    }
    for (int channel_group = 0; channel_group < size_.channel_groups;
         ++channel_group) {
      TransformWeightsS8(spec_, size_.geometry, tile_,
                         channel_group * kGemmS8Columns, size_.channels,
                         u.data());
      for (int p = 0; p < tile_.points; ++p) {
        int8_t* columns = u.data() + p * kGemmS8Columns * length;
        // Without what the point does not see of the kernel's last block.
        const int wanted = size_.PointLength(p);
        for (int c = 1; c < kGemmS8Columns; ++c) {
          std::memmove(columns + c * wanted, columns + c * length, wanted);
        }
        kernel_.pack(columns, kGemmS8Columns, wanted, size_.PointBlocks(p),
                     PointWeights(channel_group, p));
      }
    }
    return true;
  }

  void Run(const int8_t* input, int8_t* output, void* scratch_block,
           const ThreadPool* pool) const override {
    const WinogradS8Scratch scratch(scratch_block, size_, threads_);
    const WinogradGeometry& geometry = size_.geometry;
    ParallelForRows(pool, geometry.sequences, geometry.rows,
                    [&](int sequence, int begin, int end, int) {
                      StageRows(input, scratch, sequence, begin, end);
                    });
    ParallelFor(
        pool, geometry.out_tiles * geometry.blocks,
        [&](int begin, int end, int) { TransformInputs(scratch, begin, end); });
    ParallelForRows(pool, size_.channel_groups, size_.row_blocks,
                    [&](int channel_group, int begin, int end, int worker) {
                      MultiplyGroup(scratch.v, channel_group, begin, end,
                                    scratch.sums + scratch.worker_sums * worker,
                                    output);
                    });
  }

 private:
  const int8_t* PointWeights(int channel_group, int p) const {
    return weights_.data() + (size_t{1} * channel_group * tile_.points + p) *
                                 size_.point_weight_bytes;
  }
  int8_t* PointWeights(int channel_group, int p) {
    return const_cast<int8_t*>(
        std::as_const(*this).PointWeights(channel_group, p));
  }

  /// Stages and centres rows [begin, end) of a sequence.
  WQ_PHASE void StageRows(const int8_t* input, const WinogradS8Scratch& scratch,
                          int sequence, int begin, int end) const {
    int8_t* rows = scratch.staged + sequence * size_.sequence_bytes;
    stages_.StageRows(input, sequence, begin, end, rows);
    const size_t row_bytes = size_.geometry.row_bytes;
    Centre(rows + begin * row_bytes, (end - begin) * row_bytes);
  }

  /// Transforms what each block of the kernel sees of each tile.
  WQ_PHASE void TransformInputs(const WinogradS8Scratch& scratch, int begin,
                                int end) const {
    const int blocks = size_.geometry.blocks;
    for (int i = begin; i < end; ++i) {
      TransformInput(scratch, i / blocks, i % blocks);
    }
  }

  /// Subtracts the centre from staged rows.
  void Centre(int8_t* rows, size_t size) const {
    if (centre_ == 0) return;
    const U8x16 centre = U8x16{} + static_cast<uint8_t>(centre_);
    for (size_t i = 0; i < size; i += sizeof(U8x16)) {
      *reinterpret_cast<U8x16*>(rows + i) -= centre;
    }
  }

  /// What block `b` of the kernel sees of tile `t`, to where the products want
  /// it.
  void TransformInput(const WinogradS8Scratch& scratch, int t, int b) const {
    const WinogradGeometry& geometry = size_.geometry;
    const int sequence = t / geometry.tile_pitch;
    const int row = t % geometry.tile_pitch * tile_.outputs + b * tile_.taps;
    const int8_t* from = scratch.staged + sequence * size_.sequence_bytes +
                         size_t{1} * row * geometry.row_bytes;
    int8_t* to = scratch.v + t / kernel_.rows * size_.row_block_bytes +
                 t % kernel_.rows * kernel_.depth;
    const auto point_stride = static_cast<ptrdiff_t>(size_.point_bytes);
    const ptrdiff_t block_stride = ptrdiff_t{kernel_.rows} * kernel_.depth;
    // A vector may be longer than a block is deep.
    const ptrdiff_t half_stride = kernel_.depth == kHalf ? block_stride : kHalf;
    const int first = b * size_.channels;
    int8_t* block = to + first / kernel_.depth * block_stride;
    int within = first % kernel_.depth;
    for (int c = 0; c < size_.channels; c += WinogradS8Size::kVector) {
      tile_.transform_input_s8(from + c, geometry.row_bytes, block + within,
                               point_stride, half_stride);
      if (kernel_.flip != 0) {
        Flip(block + within, point_stride);
        Flip(block + within + half_stride, point_stride);
      }
      for (within += WinogradS8Size::kVector; within >= kernel_.depth;
           within -= kernel_.depth) {
        block += block_stride;
      }
    }
  }

  /// Flips the bits that the kernel wants flipped, in half a vector of each
  /// point.
  void Flip(int8_t* v, ptrdiff_t point_stride) const {
    using Half = uint8_t __attribute__((vector_size(kHalf)));
    for (int p = 0; p < tile_.points; ++p, v += point_stride) {
      *reinterpret_cast<Half*>(v) ^= kernel_.flip;
    }
  }

  /// 8 output channels over row blocks [begin, end).
  WQ_PHASE void MultiplyGroup(const int8_t* v, int channel_group, int begin,
                              int end, int32_t* sums, int8_t* output) const {
    const ptrdiff_t block_sums = ptrdiff_t{kGemmS8Columns} * kernel_.rows;
    const ptrdiff_t point_sums = block_sums * (end - begin);
    int32_t* to = sums;
    for (int p = 0; p < tile_.points; ++p) {
      const int8_t* u = PointWeights(channel_group, p);
      const int8_t* rows =
          v + size_.point_bytes * p + size_.row_block_bytes * begin;
      const int depth_blocks = size_.PointBlocks(p);
      for (int block = begin; block < end; ++block) {
        kernel_.run(depth_blocks, rows, u, to);
        rows += size_.row_block_bytes;
        to += block_sums;
      }
    }
    const int end_tile = std::min(end * kernel_.rows, size_.geometry.out_tiles);
    for (int t = begin * kernel_.rows; t < end_tile;
         t += WinogradS8Size::kStoreTiles) {
      stages_.StoreTiles(sums, point_sums, t,
                         std::min(WinogradS8Size::kStoreTiles, end_tile - t),
                         channel_group, to, output);
      sums += ptrdiff_t{kGemmS8Columns} * WinogradS8Size::kStoreTiles;
    }
  }

  const Conv1DSpec spec_;
  const Conv1DShape shape_;
  const Tile& tile_;
  const int threads_;
  const int32_t centre_;
  const WinogradS8Size size_;
  const GemmS8Kernel& kernel_;
  const WinogradStages stages_;
  Buffer<int8_t> weights_;  // [channel_groups][points][point_weight_bytes]
};

}  // namespace

Status CreateWinogradS8Conv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                              const WeightStats& weights,
                              const KernelChoice& choice,
                              std::unique_ptr<Conv1D>* op) {
  auto winograd =
      std::make_unique<WinogradS8Conv1D>(spec, shape, weights, choice);
  if (!winograd->TransformWeights()) {
    return Status::Error("no memory for " +
                         std::to_string(choice.weight_bytes) +
                         " bytes of transformed weights; use "
                         "algorithm=winograd_s16 and a small memory_budget_mb");
  }
  *op = std::move(winograd);
  return Status();
}

}  // namespace wqlite
