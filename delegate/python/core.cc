// The operator, the planner and the tile table for numpy:
// wqlite.delegate._core.
#include "delegate/kernels/core.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "delegate/base/buffer.h"
#include "delegate/base/checked_size.h"
#include "delegate/conv1d/conv1d.h"
#include "delegate/plan/plan.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace wqlite {
namespace {

using Int8In = nb::ndarray<const int8_t, nb::c_contig, nb::device::cpu>;
using Int32In =
    nb::ndarray<const int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Int8Out = nb::ndarray<nb::numpy, int8_t, nb::ndim<3>>;

[[noreturn]] void Refuse(const std::string& message) {
  throw nb::value_error(message.c_str());
}

[[noreturn]] void NoMemory(const std::string& message) {
  PyErr_SetString(PyExc_MemoryError, message.c_str());
  throw nb::python_error();
}

/// An axis of an array as an int.
int Axis(const char* name, size_t size) {
  if (size > size_t{kMaxIndex}) {
    Refuse(std::string(name) + " is " + std::to_string(size) +
           "; it must be at most 2^30");
  }
  return static_cast<int>(size);
}

void CheckScale(const char* name, double scale) {
  if (!(scale > 0) || !std::isfinite(scale)) {
    Refuse(std::string(name) + " must be positive and finite");
  }
}

/// The keyword arguments that conv1d and plan_conv1d share.
struct LayerArguments {
  Int8In filter;
  std::optional<Int32In> bias;
  int stride;
  int dilation;
  std::string padding;
  double input_scale;
  int input_zero_point;
  int input_min;
  int input_max;
  std::vector<double> filter_scale;
  double output_scale;
  int output_zero_point;
  std::string activation;
  std::string rounding;
  std::string algorithm;
  std::string tile;
  std::optional<double> memory_budget_mb;
  std::string core;
  int num_threads;
};

template <class T>
T Choose(const std::string& option, const std::string& value,
         const std::vector<std::pair<std::string, T>>& choices) {
  std::string permitted;
  for (const auto& [name, choice] : choices) {
    if (name == value) return choice;
    permitted += (permitted.empty() ? "'" : ", '") + name + "'";
  }
  Refuse(option + " is '" + value + "'; it must be one of " + permitted);
}

void CheckZeroPoint(const char* name, int value) {
  if (value < -128 || value > 127) {
    Refuse(std::string(name) + " is " + std::to_string(value) +
           "; an int8 zero point lies in [-128, 127]");
  }
}

/// The fused activation as an int8 clamp (TFLite's
/// CalculateActivationRangeQuantized).
void SetActivation(const LayerArguments& args, Conv1DSpec* spec) {
  const auto quantize = [&](double real) {
    const double q = spec->output_zero_point +
                     std::round(static_cast<float>(real) /
                                static_cast<float>(args.output_scale));
    return static_cast<int32_t>(std::min(std::max(q, -128.0), 127.0));
  };
  enum class Activation { kNone, kRelu, kRelu6, kReluN1To1 };
  switch (Choose<Activation>("activation", args.activation,
                             {{"none", Activation::kNone},
                              {"relu", Activation::kRelu},
                              {"relu6", Activation::kRelu6},
                              {"relu_n1_to_1", Activation::kReluN1To1}})) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      spec->activation_min = quantize(0);
      break;
    case Activation::kRelu6:
      spec->activation_min = quantize(0);
      spec->activation_max = quantize(6);
      break;
    case Activation::kReluN1To1:
      spec->activation_min = quantize(-1);
      spec->activation_max = quantize(1);
      break;
  }
}

/// The rules of the optimised kernels of tflite-runtime 2.14 on this kind of
/// machine.
RoundingRules UsualRounding() {
#if defined(__arm__) || defined(__aarch64__)
  return {Rounding::kDoubleAway, Rounding::kDoubleUp};
#else
  return {Rounding::kDoubleUp, Rounding::kDoubleUp};
#endif
}

void SetRounding(const LayerArguments& args, Conv1DSpec* spec) {
  std::vector<std::pair<std::string, std::optional<Rounding>>> choices = {
      {"auto", std::nullopt}};
  for (const Rounding rounding : kAllRoundings) {
    choices.emplace_back(RoundingName(rounding), rounding);
  }
  const std::optional<Rounding> rule =
      Choose<std::optional<Rounding>>("rounding", args.rounding, choices);
  spec->rounding = rule ? RoundingRules{*rule, *rule} : UsualRounding();
}

Conv1DSpec MakeSpec(const LayerArguments& args) {
  if (args.filter.ndim() != 3) {
    Refuse("filter has " + std::to_string(args.filter.ndim()) +
           " axes; it must be [out_channels, kernel_width, in_channels]");
  }
  Conv1DSpec spec;
  spec.out_channels = Axis("out_channels", args.filter.shape(0));
  spec.kernel_width = Axis("kernel_width", args.filter.shape(1));
  spec.in_channels = Axis("in_channels", args.filter.shape(2));
  spec.stride = args.stride;
  spec.dilation = args.dilation;
  spec.filter = args.filter.data();
  if (args.bias) {
    if (args.bias->shape(0) != args.filter.shape(0)) {
      Refuse("bias has " + std::to_string(args.bias->shape(0)) +
             " values; the filter has " + std::to_string(spec.out_channels) +
             " output channels");
    }
    spec.bias = args.bias->data();
  }
  CheckZeroPoint("input_zero_point", args.input_zero_point);
  CheckZeroPoint("output_zero_point", args.output_zero_point);
  spec.input_zero_point = args.input_zero_point;
  spec.input_min = args.input_min;
  spec.input_max = args.input_max;
  spec.output_zero_point = args.output_zero_point;
  const size_t scales = args.filter_scale.size();
  if (scales != 1 && scales != args.filter.shape(0)) {
    Refuse("filter_scale has " + std::to_string(scales) +
           " values; give one, or one for each of the " +
           std::to_string(spec.out_channels) + " output channels");
  }
  CheckScale("input_scale", args.input_scale);
  CheckScale("output_scale", args.output_scale);
  for (int c = 0; c < spec.out_channels; ++c) {
    const double filter_scale = args.filter_scale[scales == 1 ? 0 : c];
    CheckScale("filter_scale", filter_scale);
    const double real = args.input_scale * filter_scale / args.output_scale;
    CheckScale("input_scale * filter_scale / output_scale", real);
    int32_t multiplier;
    int32_t shift;
    QuantizeMultiplier(real, &multiplier, &shift);
    spec.multiplier.push_back(multiplier);
    spec.shift.push_back(shift);
  }
  SetActivation(args, &spec);
  SetRounding(args, &spec);
  const Status status = Validate(spec);
  if (!status.ok()) Refuse(status.message());
  return spec;
}

Conv1DShape MakeShape(const LayerArguments& args, const Conv1DSpec& spec,
                      int batch, int in_time) {
  const auto padding =
      Choose<Padding>("padding", args.padding,
                      {{"same", Padding::kSame}, {"valid", Padding::kValid}});
  if (batch < 1 || in_time < 1) Refuse("the input is empty");
  const Conv1DShape shape = ComputeShape(padding, batch, in_time, spec);
  if (shape.out_time < 1) {
    Refuse("the kernel reaches over more than the input's " +
           std::to_string(in_time) + " time steps; use padding='same'");
  }
  const Status status = Fits(spec, shape);
  if (!status.ok()) Refuse(status.message());
  return shape;
}

const Tile& TileNamed(const std::string& name) {
  const Tile* tile = FindTile(name);
  if (tile == nullptr) {
    Refuse("tile is '" + name +
           "'; wqlite.delegate.tiles() lists those there are");
  }
  return *tile;
}

std::optional<Core> CoreNamed(const std::string& name) {
  std::vector<std::pair<std::string, std::optional<Core>>> names = {
      {"auto", std::nullopt}};
  for (const Core core : kAllCores) names.emplace_back(CoreName(core), core);
  const std::optional<Core> core = Choose("core", name, names);
  const Status status = core ? CheckCore(*core) : Status();
  if (!status.ok()) Refuse(status.message());
  return core;
}

PlanOptions MakeOptions(const LayerArguments& args) {
  PlanOptions options;
  options.algorithm = Choose<std::optional<Algorithm>>(
      "algorithm", args.algorithm,
      {{"auto", std::nullopt},
       {"direct", Algorithm::kDirect},
       {"winograd_s16", Algorithm::kWinogradS16},
       {"winograd_s8", Algorithm::kWinogradS8}});
  if (!args.tile.empty()) options.tile = &TileNamed(args.tile);
  if (args.memory_budget_mb) {
    if (!(*args.memory_budget_mb >= 0)) {
      Refuse("memory_budget_mb must be 0 or more");
    }
    options.memory_budget =
        static_cast<size_t>(std::min(*args.memory_budget_mb * 1048576.0,
                                     static_cast<double>(PTRDIFF_MAX / 2)));
  }
  options.core = CoreNamed(args.core);
  if (args.num_threads < 1 || args.num_threads > kMaxThreads) {
    Refuse("num_threads is " + std::to_string(args.num_threads) +
           "; it must be at least 1 and at most " +
           std::to_string(kMaxThreads));
  }
  options.threads = args.num_threads;
  return options;
}

/// The promise that input_min and input_max are.
void CheckRange(const Int8In& input, const Conv1DSpec& spec) {
  const int8_t* end = input.data() + input.size();
  const int8_t* outside = std::find_if(input.data(), end, [&](int8_t q) {
    return q < spec.input_min || q > spec.input_max;
  });
  if (outside != end) {
    Refuse("the input holds " + std::to_string(*outside) +
           ", which is not between input_min, " +
           std::to_string(spec.input_min) + ", and input_max, " +
           std::to_string(spec.input_max));
  }
}

WeightStats Measured(const Conv1DSpec& spec) {
  WeightStats weights;
  const Status status = weights.Measure(spec);
  if (!status.ok()) NoMemory(status.message());
  return weights;
}

Int8Out RunConv1D(const Int8In& input, const LayerArguments& args) {
  const Conv1DSpec spec = MakeSpec(args);
  if (input.ndim() != 3 ||
      input.shape(2) != static_cast<size_t>(spec.in_channels)) {
    Refuse("input must be [batch, time, " + std::to_string(spec.in_channels) +
           "], as the filter's last axis says");
  }
  const Conv1DShape shape =
      MakeShape(args, spec, Axis("the batch", input.shape(0)),
                Axis("the number of time steps", input.shape(1)));
  CheckRange(input, spec);
  const WeightStats weights = Measured(spec);
  const Plan plan = PlanConv1D(spec, shape, weights, MakeOptions(args));
  std::unique_ptr<Conv1D> op;
  const Status status = Conv1D::Create(spec, shape, weights, plan, &op);
  if (!status.ok()) NoMemory(status.message());
  Buffer<int8_t> scratch;
  if (!scratch.Allocate(plan.scratch_bytes)) {
    NoMemory("no memory for " + std::to_string(plan.scratch_bytes) +
             " bytes of working memory; use shorter inputs");
  }
  const size_t sizes[] = {static_cast<size_t>(shape.batch),
                          static_cast<size_t>(shape.out_time),
                          static_cast<size_t>(spec.out_channels)};
  auto* output = new int8_t[sizes[0] * sizes[1] * sizes[2]];
  nb::capsule owner(output,
                    [](void* p) noexcept { delete[] static_cast<int8_t*>(p); });
  {
    nb::gil_scoped_release release;
    const ThreadPool pool(args.num_threads);
    op->Run(input.data(), output, scratch.data(), &pool);
  }
  return Int8Out(output, 3, sizes, owner);
}

Plan MakePlan(int time_steps, int batch, const LayerArguments& args) {
  const Conv1DSpec spec = MakeSpec(args);
  return PlanConv1D(spec, MakeShape(args, spec, batch, time_steps),
                    Measured(spec), MakeOptions(args));
}

/// Values of several types under names.
using Record = nb::typed<nb::dict, nb::str, nb::any>;

Record ProofDict(const Proof& proof) {
  nb::dict dict;
  dict["exact"] = proof.exact();
  dict["max_input"] = proof.max_input;
  dict["max_weight"] = proof.max_weight;
  dict["max_sum"] = proof.max_sum;
  dict["channel"] = proof.channel;
  dict["centre"] = proof.centre;
  return dict;
}

Record TileDict(const Tile& tile) {
  nb::dict dict;
  dict["name"] = tile.name;
  dict["outputs"] = tile.outputs;
  dict["taps"] = tile.taps;
  dict["points"] = tile.points;
  dict["v_growth"] = tile.v_growth;
  dict["u_growth"] = tile.u_growth;
  dict["shift"] = tile.shift;
  return dict;
}

/// A new array for numpy.
template <class T>
struct NewArray {
  T* data;
  nb::capsule owner;
  explicit NewArray(size_t size)
      : data(new T[size]()),
        owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); }) {}
  nb::ndarray<nb::numpy, T, nb::ndim<2>> Shaped(size_t rows, size_t columns) {
    return {data, {rows, columns}, owner};
  }
};

using Int8Rows =
    nb::ndarray<const int8_t, nb::shape<-1, 8>, nb::c_contig, nb::device::cpu>;
using Int32Rows =
    nb::ndarray<const int32_t, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>;

void CheckRows(size_t rows, int wanted) {
  if (rows != static_cast<size_t>(wanted)) {
    Refuse("there must be " + std::to_string(wanted) + " rows, not " +
           std::to_string(rows));
  }
}

auto TransformInput(const std::string& name, const Int8Rows& rows) {
  const Tile& tile = TileNamed(name);
  CheckRows(rows.shape(0), tile.inputs());
  NewArray<int16_t> v(tile.points * 8);
  tile.transform_input(rows.data(), 8, v.data, 8, 4);
  return v.Shaped(tile.points, 8);
}

auto TransformWeights(const std::string& name, const Int8Rows& rows) {
  const Tile& tile = TileNamed(name);
  CheckRows(rows.shape(0), tile.taps);
  std::vector<int8_t> packed(size_t{kWeightTapBytes} * tile.taps);
  for (int k = 0; k < tile.taps; ++k) {
    std::memcpy(&packed[k * kWeightTapBytes], rows.data() + k * 8, 8);
  }
  NewArray<int16_t> u(tile.points * 8);
  tile.transform_weights(packed.data(), u.data, 8);
  return u.Shaped(tile.points, 8);
}

auto TransformOutput(const std::string& name, const Int32Rows& rows) {
  const Tile& tile = TileNamed(name);
  CheckRows(rows.shape(0), tile.points);
  NewArray<int32_t> y(tile.outputs * 4);
  tile.transform_output(rows.data(), 4, y.data, 4);
  return y.Shaped(tile.outputs, 4);
}

constexpr const char* kConv1DDoc =
    R"(Runs one int8 1-D convolution as the delegate does.

Args:
  input: int8 [batch, time, in_channels].
  filter: int8 [out_channels, kernel_width, in_channels], zero point 0.
  bias: int32 [out_channels], scale input_scale * filter_scale, or None.
  stride, dilation: in time steps.
  padding: 'same' or 'valid'.
  input_scale, input_zero_point, output_scale, output_zero_point: real value =
    scale * (q - zero_point).
  input_min, input_max: the quantised inputs that can occur, which winograd_s8
    is proved with; conv1d refuses an input outside.
  filter_scale: one value, or one per output channel.
  activation: 'none', 'relu', 'relu6' or 'relu_n1_to_1', fused as a clamp.
  rounding: how sums are scaled down: 'double_up', 'double_away' or 'single',
    or 'auto': as the optimised kernels of tflite-runtime 2.14 do it on this
    kind of machine. (The delegate asks the interpreter that it runs in.)
  algorithm: 'auto', 'direct', 'winograd_s16' or 'winograd_s8'.
  tile: a name from tiles(), or '' for the cheapest.
  memory_budget_mb: for weights transformed ahead; None for 1.4 times the
    int8 weights.
  core: family to plan for: 'auto', 'one_pipe', 'in_order', 'dot_in_order',
    'two_pipe' or 'dot'.
  num_threads: 1 to 64.

Returns:
  int8 [batch, out_time, out_channels], byte for byte what a built-in CONV_2D of
  TFLite gives that rounds so.

Raises:
  ValueError: an argument is out of range; the message says which.
  MemoryError: there is not enough memory.)";

constexpr const char* kPlanDoc =
    R"(How the delegate would run a layer; arguments as conv1d has them.

Returns:
  A Plan: kernel, tile, weights_ahead, cost (predicted cycles), instructions
  (predicted, on ARMv7), weight_bytes, scratch_bytes, proof (a dict of bounds),
  reason, and refusal: why the arguments could not be met, or ''.)";

// The shared keyword arguments, declared once for both functions.
#define WQ_LAYER_PARAMETERS                                            \
  const Int8In &filter, const std::optional<Int32In>&bias, int stride, \
      int dilation, const std::string &padding, double input_scale,    \
      int input_zero_point, int input_min, int input_max,              \
      const std::vector<double>&filter_scale, double output_scale,     \
      int output_zero_point, const std::string &activation,            \
      const std::string &rounding, const std::string &algorithm,       \
      const std::string &tile, std::optional<double> memory_budget_mb, \
      const std::string &core, int num_threads
#define WQ_LAYER_ARGUMENTS                                                   \
  LayerArguments {                                                           \
    filter, bias, stride, dilation, padding, input_scale, input_zero_point,  \
        input_min, input_max, filter_scale, output_scale, output_zero_point, \
        activation, rounding, algorithm, tile, memory_budget_mb, core,       \
        num_threads                                                          \
  }
#define WQ_LAYER_KEYWORDS                                                    \
  "bias"_a = nb::none(), "stride"_a = 1, "dilation"_a = 1,                   \
  "padding"_a = "same", "input_scale"_a = 1.0, "input_zero_point"_a = 0,     \
  "input_min"_a = -128, "input_max"_a = 127,                                 \
  "filter_scale"_a = std::vector<double>{1.0}, "output_scale"_a = 1.0,       \
  "output_zero_point"_a = 0, "activation"_a = "none", "rounding"_a = "auto", \
  "algorithm"_a = "auto", "tile"_a = "", "memory_budget_mb"_a = nb::none(),  \
  "core"_a = "auto", "num_threads"_a = 1

}  // namespace

NB_MODULE(_core, m) {
  m.doc() = "wqlite's 1-D convolution operator and planner on numpy arrays.";

  nb::class_<Plan>(m, "Plan", "How a layer runs, and why.")
      .def_prop_ro("kernel", &Plan::kernel)
      .def_prop_ro("tile", &Plan::tile_name)
      .def_prop_ro("weights_ahead", &Plan::weights_ahead)
      .def_ro("ahead_groups", &Plan::ahead_groups)
      .def_ro("channel_groups", &Plan::channel_groups)
      .def_ro("channel_block", &Plan::channel_block)
      .def_ro("cost", &Plan::cost)
      .def_ro("instructions", &Plan::instructions)
      .def_ro("weight_bytes", &Plan::weight_bytes)
      .def_ro("scratch_bytes", &Plan::scratch_bytes)
      .def_ro("reason", &Plan::reason)
      .def_ro("refusal", &Plan::refusal)
      .def_prop_ro("proof",
                   [](const Plan& plan) { return ProofDict(plan.proof); })
      .def("__repr__", [](const Plan& plan) {
        return std::string("Plan(") + plan.kernel() + ", " + plan.tile_name() +
               ": " + plan.reason + ")";
      });

  m.def(
      "conv1d",
      [](const Int8In& input, WQ_LAYER_PARAMETERS) {
        return RunConv1D(input, WQ_LAYER_ARGUMENTS);
      },
      "input"_a, "filter"_a, nb::kw_only(), WQ_LAYER_KEYWORDS, kConv1DDoc);
  m.def(
      "plan_conv1d",
      [](WQ_LAYER_PARAMETERS, int time_steps, int batch) {
        return MakePlan(time_steps, batch, WQ_LAYER_ARGUMENTS);
      },
      "filter"_a, nb::kw_only(), WQ_LAYER_KEYWORDS, "time_steps"_a,
      "batch"_a = 1, kPlanDoc);
  m.def(
      "tiles",
      [] {
        nb::list list;
        for (const Tile* tile : AllTiles()) list.append(TileDict(*tile));
        return nb::typed<nb::list, Record>(list);
      },
      "All Winograd tiles: name, sizes and growths.");
  m.def("transform_input", TransformInput, "tile"_a, "rows"_a,
        "int8 [inputs, 8] to int16 [points, 8], as the tile's kernel does it.");
  m.def("transform_weights", TransformWeights, "tile"_a, "rows"_a,
        "int8 [taps, 8] to int16 [points, 8], as the tile's kernel does it.");
  m.def("transform_output", TransformOutput, "tile"_a, "rows"_a,
        "int32 products [points, 4] to exact sums int32 [outputs, 4].");
  m.def(
      "isa", [] { return std::string(IsaName(AvailableIsas().front())); },
      "The instruction set whose kernels run on this processor.");
}

}  // namespace wqlite
