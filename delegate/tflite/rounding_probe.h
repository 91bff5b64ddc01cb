#ifndef WQLITE_DELEGATE_TFLITE_ROUNDING_PROBE_H_
#define WQLITE_DELEGATE_TFLITE_ROUNDING_PROBE_H_

#include <optional>
#include <vector>

#include "delegate/base/rounding.h"
#include "delegate/base/status.h"
#include "delegate/tflite/abi.h"
#include "delegate/tflite/log.h"

namespace wqlite {

/// Rules that are set beforehand, and not asked of the runtime.
struct FixedRounding {
  std::optional<Rounding> many_steps;
  std::optional<Rounding> one_step;
};

/// How the CONV_2D kernels of one interpreter round.
///
/// No list of versions and processors could say so: it depends on the version,
/// the processor, the environment, the op resolver and the shape of a layer. So
/// the runtime's own kernel is run on small layers whose sums lie at ties
/// (KernelTrial), and a rule counts only where it gives all of their bytes
/// and no other rule does.
///
/// Lives as long as one call of a delegate's Prepare. An application may have
/// registered CONV_2D kernels of its own; each is asked once.
class RoundingProbe {
 public:
  RoundingProbe(TfLiteContext* context, const FixedRounding& fixed,
                const Logger& log)
      : context_(context), fixed_(fixed), log_(log) {}

  /// The rules of the kernel that `registration` names. The error says how many
  /// bytes each rule misses, or why the kernel could not be run.
  Status Ask(const TfLiteRegistration& registration, RoundingRules* rules);

 private:
  struct Answer {
    TfLiteStatus (*prepare)(TfLiteContext* context, TfLiteNode* node);
    TfLiteStatus (*invoke)(TfLiteContext* context, TfLiteNode* node);
    Status status;
    RoundingRules rules;
  };

  Answer Probe(const TfLiteRegistration& registration) const;

  TfLiteContext* context_;
  const FixedRounding fixed_;
  const Logger& log_;
  std::vector<Answer> answers_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_ROUNDING_PROBE_H_
