#include "delegate/tflite/rounding_probe.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>

#include "delegate/base/conv1d_spec.h"
#include "delegate/conv1d/output_stage.h"
#include "delegate/tflite/kernel_trial.h"
#include "delegate/tflite/lent_scales.h"
#include "delegate/winograd/weight_stats.h"

namespace wqlite {
namespace {

constexpr int kRules = std::size(kAllRoundings);
constexpr int kMaxChannels = 16;
constexpr int kMaxWeights = 16;  // Of a channel.
constexpr int kMaxSteps = 8;
constexpr int kRounds = 20;

// A layer of width 1.
struct Size {
  int channels;
  int weights;  // Of a channel.
  int steps;
};

// Both sides of the line that RoundingRules draws.
constexpr Size kManySteps[] = {
    {16, 16, 8},
    {16, 16, 2},
    {RoundingRules::kVectorChannels - 1, 16, 1},
    {16, RoundingRules::kVectorWeights - 1, 1},
};
constexpr Size kOneStep[] = {
    {16, 16, 1},
    {RoundingRules::kVectorChannels, RoundingRules::kVectorWeights, 1},
};

// Bytes, and how many of them each rule gets wrong.
struct Tally {
  int bytes = 0;
  int misses[kRules] = {};

  std::string Describe() const {
    std::string text = "of " + std::to_string(bytes) + " bytes";
    for (int i = 0; i < kRules; ++i) {
      text += std::string(i == 0 ? " " : ", ") +
              RoundingName(kAllRoundings[i]) + " misses " +
              std::to_string(misses[i]);
    }
    return text;
  }
};

// A layer with its input, drawn anew for each round. Its input and its output
// have scale 1 and zero point 0.
class ToyLayer {
 public:
  explicit ToyLayer(const Size& size)
      : size_(size), scales_(size.channels), one_(1) {
    spec_.in_channels = size.weights;
    spec_.out_channels = size.channels;
    spec_.kernel_width = 1;
    spec_.filter = filter_;
    spec_.bias = bias_;
    spec_.multiplier.resize(size.channels);
    spec_.shift.resize(size.channels);
    shape_ = ComputeShape(Padding::kValid, 1, size.steps, spec_);
  }

  // Sums between -60 and 60 in steps of the output, most of them from the bias.
  void Draw(std::minstd_rand* random) {
    const auto any = [&](int low, int high) {
      return low + static_cast<int>((*random)() %
                                    static_cast<unsigned>(high - low + 1));
    };
    for (int c = 0; c < size_.channels; ++c) {
      // Powers of two make ties; those above 1 shift left.
      const float scale = any(0, 2) > 0
                              ? 2.0f / static_cast<float>(1 << any(0, 12))
                              : static_cast<float>(any(100, 4000)) / 1e4f;
      scales_.data()[c] = scale;
      QuantizeMultiplier(scale, &spec_.multiplier[c], &spec_.shift[c]);
      const int reach = static_cast<int>(40 / scale);
      bias_[c] = any(-reach, reach);
    }
    const auto fill = [&](int8_t* values, int count) {
      std::generate(values, values + count, [&] { return any(-1, 1); });
    };
    fill(filter_, size_.channels * size_.weights);
    fill(input_, size_.steps * size_.weights);
  }

  // Adds what the runtime's kernel makes of it to the tally.
  Status Run(TfLiteContext* context, const TfLiteRegistration& registration,
             Tally* tally) {
    Padded<TfLiteConvParams> params = {};
    params.value.padding = kTfLitePaddingValid;
    params.value.stride_width = params.value.stride_height = 1;
    params.value.dilation_width_factor = 1;
    params.value.dilation_height_factor = 1;
    // A layer of width 1 needs no temporary tensors.
    KernelTrial kernel(context, registration, &params, /*temporaries=*/0);
    const TfLiteTensor activation = one_.TensorOf(kTfLiteInt8);
    const TfLiteTensor filter = scales_.TensorOf(kTfLiteInt8);
    const TfLiteTensor bias = scales_.TensorOf(kTfLiteInt32);
    const auto [channels, weights, steps] = size_;
    Status status = kernel.AddInput(activation, {1, 1, steps, weights}, input_);
    if (status.ok()) {
      status = kernel.AddInput(filter, {channels, 1, 1, weights}, filter_);
    }
    if (status.ok()) status = kernel.AddInput(bias, {channels}, bias_);
    if (status.ok()) {
      status = kernel.Prepare(activation, {1, 1, steps, channels});
    }
    if (status.ok()) status = kernel.Invoke();
    if (status.ok()) status = weights_.Measure(spec_);
    if (!status.ok()) return status;
    const int bytes = steps * channels;
    if (kernel.output_bytes() != static_cast<size_t>(bytes)) {
      return Status::Error(
          "this interpreter's kernel of it makes an output "
          "of another size");
    }
    tally->bytes += bytes;
    for (int i = 0; i < kRules; ++i) {
      int8_t wanted[kMaxSteps * kMaxChannels];
      Compute(kAllRoundings[i], wanted);
      for (int j = 0; j < bytes; ++j) {
        tally->misses[i] += kernel.output()[j] != wanted[j];
      }
    }
    return Status();
  }

 private:
  void Compute(Rounding rounding, int8_t* output);

  const Size size_;
  Conv1DSpec spec_;
  Conv1DShape shape_;
  WeightStats weights_;
  LentScales scales_;
  LentScales one_;
  int8_t filter_[kMaxChannels * kMaxWeights];
  int8_t input_[kMaxSteps * kMaxWeights];
  int32_t bias_[kMaxChannels];
};

// What our own kernels would give by that rule.
void ToyLayer::Compute(Rounding rounding, int8_t* output) {
  spec_.rounding = {rounding, rounding};
  const OutputStage stage(spec_, shape_, weights_);
  constexpr int kGroup = OutputStage::kChannels;
  for (int first = 0; first < size_.channels; first += kGroup) {
    const int last = std::min(first + kGroup, size_.channels);
    int32_t sums[kMaxSteps * kGroup] = {};
    for (int t = 0; t < size_.steps; ++t) {
      for (int c = first; c < last; ++c) {
        for (int i = 0; i < size_.weights; ++i) {
          sums[t * kGroup + c - first] +=
              filter_[c * size_.weights + i] * input_[t * size_.weights + i];
        }
      }
    }
    stage.Store(first / kGroup, sums, size_.steps, output + first,
                size_.channels);
  }
}

// Runs layers of some sizes, several times each.
template <size_t N>
Status RunLayers(TfLiteContext* context, const TfLiteRegistration& registration,
                 const Size (&sizes)[N], Tally* tally) {
  std::minstd_rand random(1);
  for (const Size& size : sizes) {
    ToyLayer layer(size);
    for (int round = 0; round < kRounds; ++round) {
      layer.Draw(&random);
      Status status = layer.Run(context, registration, tally);
      if (!status.ok()) return status;
    }
  }
  return Status();
}

// The only rule that misses nothing.
Status Choose(const char* where, const Tally& tally, Rounding* rounding) {
  if (std::count(tally.misses, tally.misses + kRules, 0) != 1) {
    return Status::Error(
        std::string("this interpreter's kernel of it rounds by none of the "
                    "rules that we know: with ") +
        where + ", " + tally.Describe());
  }
  *rounding = kAllRoundings[std::find(tally.misses, tally.misses + kRules, 0) -
                            tally.misses];
  return Status();
}

template <size_t N>
Status Find(TfLiteContext* context, const TfLiteRegistration& registration,
            const char* where, const Size (&sizes)[N], Rounding* rounding) {
  Tally tally;
  Status status = RunLayers(context, registration, sizes, &tally);
  return status.ok() ? Choose(where, tally, rounding) : status;
}

}  // namespace

RoundingProbe::Answer RoundingProbe::Probe(
    const TfLiteRegistration& registration) const {
  Answer answer = {registration.prepare, registration.invoke, Status(), {}};
  if (fixed_.many_steps.has_value()) {
    answer.rules.many_steps = *fixed_.many_steps;
  } else {
    answer.status = Find(context_, registration, "many output steps",
                         kManySteps, &answer.rules.many_steps);
  }
  if (fixed_.one_step.has_value()) {
    answer.rules.one_step = *fixed_.one_step;
  } else if (answer.status.ok()) {
    answer.status = Find(context_, registration, "one output step", kOneStep,
                         &answer.rules.one_step);
  }
  if (answer.status.ok()) {
    log_.Info(std::string("rounding: ") +
              RoundingName(answer.rules.many_steps) +
              ", with one output step " + RoundingName(answer.rules.one_step));
  }
  return answer;
}

Status RoundingProbe::Ask(const TfLiteRegistration& registration,
                          RoundingRules* rules) {
  auto answer =
      std::find_if(answers_.begin(), answers_.end(), [&](const Answer& known) {
        return known.prepare == registration.prepare &&
               known.invoke == registration.invoke;
      });
  if (answer == answers_.end()) {
    answer = answers_.insert(answers_.end(), Probe(registration));
  }
  *rules = answer->rules;
  return answer->status;
}

}  // namespace wqlite
