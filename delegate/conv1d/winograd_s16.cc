#include "delegate/conv1d/winograd_s16.h"

#include <algorithm>
#include <utility>

#include "delegate/base/buffer.h"
#include "delegate/base/phase.h"
#include "delegate/conv1d/winograd_stages.h"
#include "delegate/kernels/gemm_s16.h"
#include "delegate/winograd/geometry.h"
#include "delegate/winograd/size_s16.h"
#include "delegate/winograd/weights.h"

namespace wqlite {
namespace {

class WinogradConv1D : public Conv1D {
 public:
  WinogradConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                 const WeightStats& weights, const KernelChoice& choice)
      : spec_(spec),
        shape_(shape),
        choice_(choice),
        size_(spec, shape, *choice.tile, *choice.gemm_s16),
        tile_(size_.tile),
        kernel_(size_.kernel),
        geometry_(size_.geometry),
        layout_(size_.layout),
        stages_(spec_, shape_, weights, geometry_, tile_) {}

  /// Transforms what is wanted ahead; false when there is no memory for
  /// it.
  bool TransformAhead() {
    if (!weights_.Allocate(CheckedSize(choice_.ahead_groups) *
                           GroupWeights())) {
      return false;
    }
    for (int channel_group = 0; channel_group < choice_.ahead_groups;
         ++channel_group) {
      TransformWeights(spec_, geometry_, tile_, channel_group * 8, 0,
                       size_.channels, kernel_.interleave,
                       weights_.data() + channel_group * GroupWeights());
    }
    return true;
  }

  void Run(const int8_t* input, int8_t* output, void* scratch_block,
           const ThreadPool* pool) const override {
    const WinogradS16Scratch scratch(scratch_block, size_,
                                     choice_.channel_block, choice_.threads);
    const auto stage = [&](int sequence, int begin, int end, int) {
      StageRows(input, scratch, sequence, begin, end);
    };
    ParallelForRows(pool, geometry_.sequences, geometry_.rows, stage);
    const auto transform = [&](int tile, int begin, int end, int) {
      TransformInput(scratch, tile, 2 * begin, 2 * end);
    };
    const int in_tiles = geometry_.input_sets * geometry_.set_tiles;
    ParallelForRows(pool, in_tiles, (geometry_.quads + 1) / 2, transform);
    // A part of a group's tiles would need all its weights: only where these
    // are transformed ahead does it cost nothing to cut groups.
    const int out_tiles = geometry_.out_tiles;
    const bool none_on_the_fly = choice_.channel_block == 0;
    const int step = none_on_the_fly ? kernel_.max_tiles : out_tiles;
    const int groups =
        choice_.others_direct ? choice_.ahead_groups : stages_.channel_groups();
    const auto multiply = [&](int i, int begin, int end, int worker) {
      // What takes longest, groups with weights on the fly, comes first.
      const int channel_group = groups - 1 - i;
      MultiplyGroup(scratch.v, scratch.ForThread(worker), channel_group,
                    begin * step, std::min(end * step, out_tiles), output);
    };
    ParallelForRows(pool, groups, (out_tiles + step - 1) / step, multiply);
  }

 private:
  /// Elements of the transformed weights of 8 output channels.
  size_t GroupWeights() const { return size_.group_bytes / sizeof(int16_t); }

  WQ_PHASE void StageRows(const int8_t* input,
                          const WinogradS16Scratch& scratch, int sequence,
                          int begin, int end) const {
    stages_.StageRows(input, sequence, begin, end,
                      scratch.staged + sequence * size_.sequence_bytes);
  }

  /// Quads [begin, end) of an input tile, from an even one on.
  WQ_PHASE void TransformInput(const WinogradS16Scratch& scratch, int i,
                               int begin, int end) const {
    const int set = i / geometry_.set_tiles;
    const int t = i % geometry_.set_tiles;
    const int sequence = t / geometry_.tile_pitch;
    const int row = t % geometry_.tile_pitch * tile_.outputs + set * tile_.taps;
    const int8_t* from = scratch.staged + sequence * size_.sequence_bytes +
                         size_t{1} * row * geometry_.row_bytes;
    int16_t* to = scratch.v + layout_.Offset(set * geometry_.set_pitch + t);
    for (int quad = begin; quad < end; quad += 2) {
      const bool both = quad + 1 < geometry_.quads;
      tile_.transform_input(
          from + quad * 4, geometry_.row_bytes, to + quad * layout_.quad_stride,
          layout_.point_stride, both ? layout_.quad_stride : 0);
    }
  }

  /// 8 output channels over tiles [begin, end).
  WQ_PHASE void MultiplyGroup(const int16_t* v,
                              const WinogradS16Scratch::Worker& worker,
                              int channel_group, int begin, int end,
                              int8_t* output) const {
    const int channels = size_.channels;
    const bool ahead = channel_group < choice_.ahead_groups;
    const int block = ahead ? channels : choice_.channel_block;
    for (int first = 0; first < channels; first += block) {
      const int count = std::min(block, channels - first);
      const int16_t* u = worker.u;
      if (ahead) {
        u = weights_.data() + channel_group * GroupWeights();
      } else {
        TransformWeights(spec_, geometry_, tile_, channel_group * 8, first,
                         count, kernel_.interleave, worker.u);
      }
      for (int t = begin; t < end; t += kernel_.max_tiles) {
        const int tiles = std::min(kernel_.max_tiles, end - t);
        int32_t* acc = worker.acc + size_.Sums(t);
        Multiply(v + first * (layout_.quad_stride / 4), u, t, tiles, count / 4,
                 first > 0, acc);
        if (first + count == channels) {
          stages_.StoreTiles(acc, ptrdiff_t{8} * tiles, t, tiles, channel_group,
                             worker.y, output);
        }
      }
    }
  }

  /// acc[points][tiles][8] (+)= the products of all blocks of the kernel.
  void Multiply(const int16_t* v, const int16_t* u, int first_tile, int tiles,
                int quads, bool accumulate, int32_t* acc) const {
    GemmS16Args args;
    args.points = tile_.points;
    args.quads = quads;
    args.v_point_stride = layout_.point_stride;
    args.v_quad_stride = layout_.quad_stride;
    args.u_point_stride = WinogradS16Size::PointWeights(quads * 4);
    args.acc = acc;
    for (int b = 0; b < geometry_.blocks; ++b) {
      args.v = v + layout_.Offset(geometry_.InputTile(first_tile, b));
      args.u = u + b * tile_.points * args.u_point_stride;
      args.accumulate = accumulate || b > 0;
      kernel_.run[tiles](args);
    }
  }

  const Conv1DSpec spec_;
  const Conv1DShape shape_;
  const KernelChoice choice_;
  const WinogradS16Size size_;
  const Tile& tile_;
  const GemmS16Kernel& kernel_;
  const WinogradGeometry& geometry_;
  const InputLayout& layout_;
  const WinogradStages stages_;
  Buffer<int16_t> weights_;  // [choice_.ahead_groups][GroupWeights()]
};

}  // namespace

Status CreateWinogradConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                            const WeightStats& weights,
                            const KernelChoice& choice,
                            std::unique_ptr<Conv1D>* op) {
  auto winograd =
      std::make_unique<WinogradConv1D>(spec, shape, weights, choice);
  if (!winograd->TransformAhead()) {
    return Status::Error(
        "no memory for " +
        std::to_string(choice.weight_bytes - choice.direct_bytes) +
        " bytes of transformed weights; set memory_budget_mb lower");
  }
  *op = std::move(winograd);
  return Status();
}

}  // namespace wqlite
