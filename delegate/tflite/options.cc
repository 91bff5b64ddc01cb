#include "delegate/tflite/options.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "delegate/base/threads.h"
#include "delegate/kernels/core.h"
#include "delegate/kernels/isa.h"

namespace wqlite {
namespace {

constexpr double kBytesPerMb = 1 << 20;

// Reads all of `text` as a whole number without sign. (strtol and its like
// follow the locale of the program that loaded us.)
bool ParseWhole(std::string_view text, uint32_t* number) {
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, *number);
  return result.ec == std::errc() && result.ptr == end;
}

// Reads "16", "0.5": digits, with at most one point between them.
bool ParseDecimal(std::string_view text, double* number) {
  const size_t point = text.find('.');
  uint32_t whole = 0;
  if (!ParseWhole(text.substr(0, point), &whole)) return false;
  *number = whole;
  if (point == std::string_view::npos) return true;
  const std::string_view digits = text.substr(point + 1);
  uint32_t fraction = 0;
  if (!ParseWhole(digits, &fraction)) return false;
  double scale = 1;
  for (size_t i = 0; i < digits.size(); ++i) scale *= 10;
  *number += fraction / scale;
  return true;
}

// Looks `text` up in a list of names.
template <typename T, size_t N>
bool ParseName(std::string_view text,
               const std::pair<const char*, T> (&names)[N], T* value) {
  for (const auto& [name, named_value] : names) {
    if (text == name) {
      *value = named_value;
      return true;
    }
  }
  return false;
}

bool ParseNumThreads(std::string_view value, Options* options) {
  options->num_threads.reset();
  if (value == "auto") return true;
  uint32_t threads = 0;
  if (!ParseWhole(value, &threads)) return false;
  options->num_threads = static_cast<int>(threads);
  return threads >= 1 && threads <= kMaxThreads;
}

bool ParseAlgorithm(std::string_view value, Options* options) {
  static constexpr std::pair<const char*, std::optional<Algorithm>> kNames[] = {
      {"auto", std::nullopt},
      {"direct", Algorithm::kDirect},
      {"winograd_s16", Algorithm::kWinogradS16},
      {"winograd_s8", Algorithm::kWinogradS8}};
  return ParseName(value, kNames, &options->plan.algorithm);
}

bool ParseTile(std::string_view value, Options* options) {
  options->plan.tile = FindTile(value);
  return options->plan.tile != nullptr || value == "auto";
}

bool ParseCore(std::string_view value, Options* options) {
  options->plan.core = FindCore(value);
  return options->plan.core.has_value() || value == "auto";
}

std::string CoreNames() {
  std::string names = "auto";
  for (const Core core : kAllCores) {
    names += std::string(", ") + CoreName(core);
  }
  return names;
}

bool ParseRule(std::string_view value, std::optional<Rounding>* rule) {
  rule->reset();
  for (const Rounding rounding : kAllRoundings) {
    if (value == RoundingName(rounding)) *rule = rounding;
  }
  return rule->has_value() || value == "auto";
}

bool ParseRounding(std::string_view value, Options* options) {
  return ParseRule(value, &options->rounding.many_steps);
}

bool ParseRoundingOneStep(std::string_view value, Options* options) {
  return ParseRule(value, &options->rounding.one_step);
}

// Reads "3=direct+7=winograd_s16/F(4,4)": benchmark_model keeps ';' and ':' for
// itself.
bool ParseOverrides(std::string_view value, Options* options) {
  options->overrides.clear();
  while (!value.empty()) {
    const std::string_view one = value.substr(0, value.find('+'));
    value.remove_prefix(std::min(one.size() + 1, value.size()));
    const size_t equals = one.find('=');
    uint32_t node = 0;
    if (equals == std::string_view::npos ||
        !ParseWhole(one.substr(0, equals), &node) ||
        node > static_cast<uint32_t>(std::numeric_limits<int>::max()) ||
        !ParseKernelRequest(one.substr(equals + 1),
                            &options->overrides[static_cast<int>(node)])) {
      return false;
    }
  }
  return true;
}

bool ParseMemoryBudget(std::string_view value, Options* options) {
  if (value == "auto") {
    options->plan.memory_budget.reset();
    return true;
  }
  double megabytes = 0;
  if (!ParseDecimal(value, &megabytes)) return false;
  const double bytes = megabytes * kBytesPerMb;
  constexpr size_t kLimit = std::numeric_limits<size_t>::max();
  options->plan.memory_budget =
      bytes < static_cast<double>(kLimit) ? static_cast<size_t>(bytes) : kLimit;
  return true;
}

bool ParseLogLevel(std::string_view value, Options* options) {
  static constexpr std::pair<const char*, LogLevel> kNames[] = {
      {"silent", LogLevel::kSilent},
      {"error", LogLevel::kError},
      {"warning", LogLevel::kWarning},
      {"info", LogLevel::kInfo}};
  return ParseName(value, kNames, &options->log_level);
}

bool ParseStrict(std::string_view value, Options* options) {
  static constexpr std::pair<const char*, bool> kNames[] = {{"true", true},
                                                            {"false", false}};
  return ParseName(value, kNames, &options->strict);
}

bool ParseVerification(std::string_view value, Options* options) {
  static constexpr std::pair<const char*, Verification> kNames[] = {
      {"off", Verification::kOff},
      {"quick", Verification::kQuick},
      {"full", Verification::kFull}};
  return ParseName(value, kNames, &options->verification);
}

std::string TileNames() {
  std::string names = "auto";
  for (const Tile* tile : AllTiles()) names += std::string(", ") + tile->name;
  return names;
}

std::string OptionNames() {
  std::string names;
  for (const OptionRow& row : OptionTable()) {
    names += std::string(names.empty() ? "" : ", ") + row.name;
  }
  return names;
}

Status ParseOption(std::string_view name, std::string_view value,
                   Options* options) {
  for (const OptionRow& row : OptionTable()) {
    if (name != row.name) continue;
    if (row.parse(value, options)) return Status();
    return Status::Error("option " + std::string(name) + ": '" +
                         std::string(value) +
                         "' is not permitted; permitted: " + row.values);
  }
  return Status::Error("unknown option '" + std::string(name) +
                       "'; permitted: " + OptionNames());
}

}  // namespace

const std::vector<OptionRow>& OptionTable() {
  static const auto* const kTable = new std::vector<OptionRow>{
      {"num_threads",
       "auto, a whole number from 1 to " + std::to_string(kMaxThreads),
       "threads that share out each layer (default auto: as many as the "
       "interpreter has)",
       ParseNumThreads},
      {"algorithm", "auto, direct, winograd_s16, winograd_s8",
       "kernel of every layer (default auto: the cheapest by the planner)",
       ParseAlgorithm},
      {"tile", TileNames(), "Winograd tile of every layer (default auto)",
       ParseTile},
      {"core", CoreNames(),
       "family of cores to plan for, such as one_pipe for Cortex-A9, in_order "
       "for A53, dot_in_order for A55, two_pipe for A57 and dot for A75 and up "
       "(default auto: the best of this machine)",
       ParseCore},
      {"rounding", "auto, double_up, double_away, single",
       "how sums are scaled down to int8 (default auto: as this interpreter's "
       "own CONV_2D kernel does it)",
       ParseRounding},
      {"rounding_one_step", "auto, double_up, double_away, single",
       "the same for layers of one output step, where TFLite multiplies by a "
       "vector (default auto)",
       ParseRoundingOneStep},
      {"verify", "off, quick, full",
       "compares each layer with TFLite's own kernel when it is built, and "
       "leaves it to that where they differ (default quick: some channels and "
       "steps)",
       ParseVerification},
      {"override",
       "NODE=KERNEL[/TILE[/WEIGHTS]], several joined by +, where NODE is a "
       "node's number in the log, KERNEL auto, direct, winograd_s16 or "
       "winograd_s8, and WEIGHTS, of winograd_s16 only, fly, ahead or the "
       "number of groups of 8 output channels that are transformed ahead, and "
       "/direct behind it where the others' products are direct",
       "kernels of single layers, as log_level=info prints them (default: "
       "none)",
       ParseOverrides},
      {"log_level", "silent, error, warning, info",
       "what is logged, to stderr or on Android to logcat (default warning; "
       "info: a line per layer)",
       ParseLogLevel},
      {"memory_budget_mb", "auto, a number of at least 0, such as 16 or 0.5",
       "MiB that weights transformed ahead may take in a model (default auto: "
       "1.4 times its INT8 weights)",
       ParseMemoryBudget},
      {"strict", "true, false",
       "fail when a Conv1D is left to TFLite or an option cannot be met "
       "(default false)",
       ParseStrict},
  };
  return *kTable;
}

std::string DescribeOptions() {
  std::string text;
  for (const OptionRow& row : OptionTable()) {
    text += std::string(text.empty() ? "" : "\n") + row.name + ": " + row.help +
            ". Values: " + row.values;
  }
  return text;
}

Status ParseOptions(const char* const* keys, const char* const* values,
                    size_t count, Options* options) {
  if (count > 0 && (keys == nullptr || values == nullptr)) {
    return Status::Error("options were announced but not passed");
  }
  Status environment = CheckMaxIsa();
  if (!environment.ok()) return environment;
  for (size_t i = 0; i < count; ++i) {
    if (keys[i] == nullptr || values[i] == nullptr) {
      return Status::Error("option number " + std::to_string(i + 1) +
                           " has no name or no value");
    }
    if (std::string_view(keys[i]) == "help") {
      return Status::Error(DescribeOptions());
    }
    Status status = ParseOption(keys[i], values[i], options);
    if (!status.ok()) return status;
  }
  if (options->plan.core) {
    Status status = CheckCore(*options->plan.core);
    if (!status.ok()) return Status::Error("option core: " + status.message());
  }
  if (options->plan.algorithm == Algorithm::kDirect &&
      options->plan.tile != nullptr) {
    return Status::Error(std::string("option tile: '") +
                         options->plan.tile->name +
                         "' contradicts algorithm 'direct', which has no "
                         "tiles; leave one of them out");
  }
  return Status();
}

}  // namespace wqlite
