#include "delegate/tflite/option_fields.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "delegate/tflite/version.h"

namespace wqlite {
namespace {

// More than options will ever take.
constexpr size_t kMaxSize = 4096;

// Padding at the end would be within the `size` of programs that have not set
// it, and a new field could come to lie there.
static_assert(offsetof(WqDelegateOptions, log_level) + sizeof(const char*) ==
              sizeof(WqDelegateOptions));

// The field, or its default where the program's structure ends before it.
template <typename T>
T Read(const WqDelegateOptions* fields, T WqDelegateOptions::*field) {
  T value = WqDelegateOptionsDefault().*field;
  const auto* begin = reinterpret_cast<const char*>(fields);
  const auto* place = reinterpret_cast<const char*>(&(fields->*field));
  if (place + sizeof value <= begin + fields->size) {
    std::memcpy(&value, place, sizeof value);
  }
  return value;
}

Status CheckSize(const WqDelegateOptions* fields) {
  if (fields->size < sizeof fields->size || fields->size > kMaxSize) {
    return Status::Error("WqDelegateOptions.size is " +
                         std::to_string(fields->size) +
                         "; start from WqDelegateOptionsDefault()");
  }
  const auto* bytes = reinterpret_cast<const char*>(fields);
  for (size_t i = sizeof *fields; i < fields->size; ++i) {
    if (bytes[i] != 0) {
      return Status::Error(
          "WqDelegateOptions sets an option that wqlite " WQ_VERSION
          " does not know; load a newer libwq_delegate.so, or leave it at its "
          "default");
    }
  }
  return Status();
}

// "0.500000", whatever the locale; what is too much for an option is the most.
std::string Decimal(double value) {
  if (std::isnan(value)) return "nan";
  constexpr double kMillion = 1e6;
  value = std::min<double>(value, std::numeric_limits<uint32_t>::max());
  const auto whole = static_cast<uint32_t>(value);
  const auto millionths = static_cast<uint32_t>((value - whole) * kMillion);
  std::string digits = std::to_string(millionths);
  digits.insert(0, 6 - digits.size(), '0');
  return std::to_string(whole) + "." + digits;
}

}  // namespace

Status PairsOf(const WqDelegateOptions* fields, OptionPairs* pairs) {
  Status status = CheckSize(fields);
  if (!status.ok()) return status;
  const int threads = Read(fields, &WqDelegateOptions::num_threads);
  if (threads != 0) {
    pairs->emplace_back("num_threads", std::to_string(threads));
  }
  if (Read(fields, &WqDelegateOptions::strict) != 0) {
    pairs->emplace_back("strict", "true");
  }
  const double budget = Read(fields, &WqDelegateOptions::memory_budget_mb);
  if (!(budget < 0)) {  // also where it is no number
    pairs->emplace_back("memory_budget_mb", Decimal(budget));
  }
  for (const auto& [name, field] : {
           std::pair("algorithm", &WqDelegateOptions::algorithm),
           std::pair("tile", &WqDelegateOptions::tile),
           std::pair("core", &WqDelegateOptions::core),
           std::pair("rounding", &WqDelegateOptions::rounding),
           std::pair("rounding_one_step",
                     &WqDelegateOptions::rounding_one_step),
           std::pair("verify", &WqDelegateOptions::verify),
           std::pair("override", &WqDelegateOptions::override),
           std::pair("log_level", &WqDelegateOptions::log_level),
       }) {
    const char* value = Read(fields, field);
    if (value != nullptr) pairs->emplace_back(name, value);
  }
  return Status();
}

Status ParseOptions(const WqDelegateOptions* fields, Options* options) {
  OptionPairs pairs;
  Status status = PairsOf(fields, &pairs);
  if (!status.ok()) return status;
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : pairs) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  return ParseOptions(keys.data(), values.data(), pairs.size(), options);
}

}  // namespace wqlite
