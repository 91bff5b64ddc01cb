#ifndef WQLITE_DELEGATE_TFLITE_OPTIONS_H_
#define WQLITE_DELEGATE_TFLITE_OPTIONS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delegate/base/status.h"
#include "delegate/plan/request.h"
#include "delegate/tflite/log.h"
#include "delegate/tflite/rounding_probe.h"
#include "delegate/tflite/verification.h"

namespace wqlite {

/// What the user may set, with the defaults.
struct Options {
  std::optional<int> num_threads;  ///< None: as many as the interpreter has.
  PlanOptions plan;
  Verification verification = Verification::kQuick;
  FixedRounding rounding;  ///< Default: as the runtime's own kernels round.
  std::map<int, KernelRequest> overrides;  ///< By the number of the node.
  LogLevel log_level = LogLevel::kWarning;
  /// Fail when a Conv1D is left to TFLite or an option cannot be met.
  bool strict = false;
};

/// One option: adding one is one row in options.cc.
struct OptionRow {
  const char* name;
  std::string values;  ///< The permitted values, in words.
  std::string help;
  bool (*parse)(std::string_view value, Options* options);  ///< False: bad.
};

const std::vector<OptionRow>& OptionTable();

/// The table as text, one option a line.
std::string DescribeOptions();

/// Reads `count` pairs of option and value, as external delegates get them. The
/// error is one sentence that names the option, the value and what is
/// permitted. The option "help" is refused with DescribeOptions(), which is how
/// programs that can only pass options on (benchmark_model) show it.
Status ParseOptions(const char* const* keys, const char* const* values,
                    size_t count, Options* options);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_OPTIONS_H_
