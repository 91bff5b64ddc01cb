// Runs layers as XNNPACK's quantised convolutions under the rig, for their
// instructions to be counted (tools/rig/xnnpack.py):
//
//   xnnpack LAYER...
//
// with LAYER = WIDTH,STRIDE,DILATION,IN_CHANNELS,OUT_CHANNELS,IN_FRAMES,
// OUT_FRAMES. Each layer is created and set up once, and run three times: from
// where xnn_run_operator is entered the second time to where it is entered the
// third lies one run and nothing else (the first binds what it calls). Weights
// are random int8 values with a scale for each output channel; XNNPACK executes
// the same instructions for all values.
#include <pthreadpool.h>
#include <xnnpack.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

namespace {

struct Layer {
  int width, stride, dilation, in_channels, out_channels, in_frames, out_frames;
};

bool Parse(const char* text, Layer* layer) {
  char rest;
  return std::sscanf(text, "%d,%d,%d,%d,%d,%d,%d%c", &layer->width,
                     &layer->stride, &layer->dilation, &layer->in_channels,
                     &layer->out_channels, &layer->in_frames,
                     &layer->out_frames, &rest) == 7;
}

// Cheap ones: what makes them is emulated, too.
template <class T>
std::vector<T> RandomValues(size_t size) {
  std::vector<T> values(size);
  uint32_t state = 1;
  for (T& value : values) {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes' generator
    value = std::max(static_cast<int8_t>(state >> 24), int8_t{-127});
  }
  return values;
}

bool Run(const Layer& layer) {
  const int reach = (layer.width - 1) * layer.dilation + 1;
  const int padding = std::max(
      0, (layer.out_frames - 1) * layer.stride + reach - layer.in_frames);
  const int before = padding / 2;
  const size_t in = layer.in_channels, out = layer.out_channels;
  const auto weights = RandomValues<int8_t>(out * layer.width * in);
  const auto bias = RandomValues<int32_t>(out);
  const std::vector<float> scales(out, 0.01f);
  xnn_operator_t made = nullptr;
  if (xnn_create_convolution2d_nhwc_qc8(
          /*input_padding_top=*/0, padding - before,
          /*input_padding_bottom=*/0, before, /*kernel_height=*/1, layer.width,
          /*subsampling_height=*/1, layer.stride, /*dilation_height=*/1,
          layer.dilation, /*groups=*/1, in, out, in, out,
          /*input_zero_point=*/-1, /*input_scale=*/0.05f, scales.data(),
          weights.data(), bias.data(), /*output_zero_point=*/-1,
          /*output_scale=*/0.1f, /*output_min=*/-128, /*output_max=*/127,
          /*flags=*/0, &made) != xnn_status_success) {
    return false;
  }
  const std::unique_ptr<xnn_operator, decltype(&xnn_delete_operator)> owner(
      made, xnn_delete_operator);
  // XNNPACK reads up to XNN_EXTRA_BYTES behind its input.
  const auto input =
      RandomValues<int8_t>(layer.in_frames * in + XNN_EXTRA_BYTES);
  std::vector<int8_t> output(layer.out_frames * out);
  if (xnn_setup_convolution2d_nhwc_qc8(
          made, /*batch_size=*/1,
          /*input_height=*/1, layer.in_frames, input.data(), output.data(),
          /*threadpool=*/nullptr) != xnn_status_success) {
    return false;
  }
  for (int run = 0; run < 3; ++run) {
    if (xnn_run_operator(made, nullptr) != xnn_status_success) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (xnn_initialize(/*allocator=*/nullptr) != xnn_status_success) {
    std::fprintf(stderr, "xnnpack: xnn_initialize failed\n");
    return 1;
  }
  for (int i = 1; i < argc; ++i) {
    Layer layer;
    if (!Parse(argv[i], &layer)) {
      std::fprintf(stderr, "xnnpack: %s is not seven numbers\n", argv[i]);
      return 2;
    }
    if (!Run(layer)) {
      std::fprintf(stderr, "xnnpack: XNNPACK refuses layer %s\n", argv[i]);
      return 1;
    }
  }
  return 0;
}
