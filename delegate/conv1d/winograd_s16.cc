#include "delegate/conv1d/winograd_s16.h"

#include <algorithm>
#include <utility>

#include "delegate/base/buffer.h"
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
                 const Plan& plan)
      : spec_(spec),
        shape_(shape),
        plan_(plan),
        tile_(*plan.tile),
        kernel_(BestGemmS16()),
        geometry_(spec, shape, tile_, kernel_.max_tiles),
        layout_(geometry_, kernel_.max_tiles),
        stages_(spec_, shape_, geometry_, tile_) {}

  /// Transforms what the plan wants ahead; false when there is no memory for
  /// it.
  bool TransformAhead() {
    const int channels = geometry_.quads * 4;
    if (!weights_.Allocate(size_t{1} * plan_.ahead_groups * GroupWeights())) {
      return false;
    }
    for (int group = 0; group < plan_.ahead_groups; ++group) {
      TransformWeights(spec_, geometry_, tile_, group * 8, 0, channels,
                       kernel_.interleave,
                       weights_.data() + group * GroupWeights());
    }
    return true;
  }

  void Run(const int8_t* input, int8_t* output, void* scratch_block,
           const ThreadPool* pool) const override {
    const WinogradScratch scratch(scratch_block, geometry_, layout_, tile_,
                                  plan_.channel_block, plan_.threads);
    ParallelFor(pool, geometry_.sequences, [&](int begin, int end, int) {
      for (int s = begin; s < end; ++s) {
        stages_.StageSequence(input, s,
                              scratch.staged + size_t{1} * s * geometry_.rows *
                                                   geometry_.row_bytes);
      }
    });
    const int in_tiles = geometry_.input_sets * geometry_.set_tiles;
    ParallelFor(pool, in_tiles, [&](int begin, int end, int) {
      for (int i = begin; i < end; ++i) TransformInput(scratch, i);
    });
    ParallelFor(pool, stages_.groups(), [&](int begin, int end, int worker) {
      for (int group = begin; group < end; ++group) {
        RunGroup(scratch.v, scratch.ForThread(worker), group, output);
      }
    });
  }

 private:
  /// int16 elements of the transformed weights of 8 output channels.
  ptrdiff_t GroupWeights() const {
    return ptrdiff_t{32} * geometry_.blocks * tile_.points * geometry_.quads;
  }

  void TransformInput(const WinogradScratch& scratch, int i) const {
    const int set = i / geometry_.set_tiles;
    const int t = i % geometry_.set_tiles;
    const int sequence = t / geometry_.tile_pitch;
    const int row = t % geometry_.tile_pitch * tile_.outputs + set * tile_.taps;
    const int8_t* from =
        scratch.staged +
        (size_t{1} * sequence * geometry_.rows + row) * geometry_.row_bytes;
    int16_t* to = scratch.v + layout_.Offset(set * geometry_.set_pitch + t);
    for (int quad = 0; quad < geometry_.quads; quad += 2) {
      const bool both = quad + 1 < geometry_.quads;
      tile_.transform_input(
          from + quad * 4, geometry_.row_bytes, to + quad * layout_.quad_stride,
          layout_.point_stride, both ? layout_.quad_stride : 0);
    }
  }

  /// 8 output channels over all tiles.
  void RunGroup(const int16_t* v, const WinogradScratch::Worker& worker,
                int group, int8_t* output) const {
    const int channels = geometry_.quads * 4;
    const bool ahead = group < plan_.ahead_groups;
    const int block = ahead ? channels : plan_.channel_block;
    for (int first = 0; first < channels; first += block) {
      const int count = std::min(block, channels - first);
      const int16_t* u = worker.u;
      if (ahead) {
        u = weights_.data() + group * GroupWeights();
      } else {
        TransformWeights(spec_, geometry_, tile_, group * 8, first, count,
                         kernel_.interleave, worker.u);
      }
      for (int t = 0; t < geometry_.out_tiles; t += kernel_.max_tiles) {
        const int tiles = std::min(kernel_.max_tiles, geometry_.out_tiles - t);
        int32_t* acc = worker.acc + ptrdiff_t{8} * t * tile_.points;
        Multiply(v + first * (layout_.quad_stride / 4), u, t, tiles, count / 4,
                 first > 0, acc);
        if (first + count == channels) {
          stages_.StoreTiles(acc, ptrdiff_t{8} * tiles, t, tiles, group,
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
    args.u_point_stride = ptrdiff_t{32} * quads;
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
  const Plan plan_;
  const Tile& tile_;
  const GemmS16Kernel& kernel_;
  const WinogradGeometry geometry_;
  const InputLayout layout_;
  const WinogradStages stages_;
  Buffer<int16_t> weights_;  // [plan_.ahead_groups][GroupWeights()]
};

}  // namespace

Status CreateWinogradConv1D(const Conv1DSpec& spec, const Conv1DShape& shape,
                            const Plan& plan, std::unique_ptr<Conv1D>* op) {
  auto winograd = std::make_unique<WinogradConv1D>(spec, shape, plan);
  if (!winograd->TransformAhead()) {
    return Status::Error(
        "no memory for " + std::to_string(plan.weight_bytes) +
        " bytes of transformed weights; set memory_budget_mb lower");
  }
  *op = std::move(winograd);
  return Status();
}

}  // namespace wqlite
