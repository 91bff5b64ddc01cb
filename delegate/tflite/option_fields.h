#ifndef WQLITE_DELEGATE_TFLITE_OPTION_FIELDS_H_
#define WQLITE_DELEGATE_TFLITE_OPTION_FIELDS_H_

#include <wqlite/delegate.h>

#include <string>
#include <utility>
#include <vector>

#include "delegate/base/status.h"
#include "delegate/tflite/options.h"

namespace wqlite {

/// Options as names and values.
using OptionPairs = std::vector<std::pair<std::string, std::string>>;

/// The fields of the public header's structure that are not at their defaults.
/// It may be shorter or longer than ours, by its `size`: fields that it does
/// not have are defaults. (A pointer, since a reference would promise compilers
/// that all of it is there to read.) An error where `size` cannot be one, or
/// where it sets an option that we do not know.
Status PairsOf(const WqDelegateOptions* fields, OptionPairs* pairs);

/// Reads them as ParseOptions reads pairs.
Status ParseOptions(const WqDelegateOptions* fields, Options* options);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_OPTION_FIELDS_H_
