#ifndef WQLITE_DELEGATE_KERNELS_ISA_H_
#define WQLITE_DELEGATE_KERNELS_ISA_H_

#include <optional>
#include <string_view>
#include <vector>

#include "delegate/base/status.h"

namespace wqlite {

/// Instruction sets that kernels are written for; of one processor family, each
/// better than those before it.
enum class Isa {
  kPortable,
  kNeon32,     ///< ARMv7.
  kNeon32Dot,  ///< ARMv8.2 in AArch32 state, with dot products.
  kNeon64,     ///< AArch64.
  kNeon64Dot,
  kNeon64I8mm,  ///< With matrix products of int8, too.
  kAvx2,
  kAvx512Vnni
};

const char* IsaName(Isa isa);

/// Whether the set is one of dot products on ARM.
bool NeedsDotProducts(Isa isa);

/// Whether this processor has what this build uses everywhere: NEON on ARMv7,
/// for which compilers and transforms take it to be there. Where it has not,
/// nothing else may be called, and kNoNeon is what to say.
bool ProcessorHasNeeds();
inline constexpr char kNoNeon[] =
    "this processor has no NEON, which wqlite is built for; run the model "
    "without it";

/// Whether every processor of this machine has ARM's dot products of int8, in
/// the state in which this process runs.
bool ProcessorHasDotProducts();

/// The set of that name; none where no set is called so.
std::optional<Isa> FindIsa(std::string_view name);

/// The environment variable that limits the kernels to a set and those below
/// it, for tests and comparisons: a processor then does as a lesser one would.
inline constexpr char kMaxIsaVariable[] = "WQLITE_MAX_ISA";

/// An error where the variable is set, not empty, and names no set: it limits
/// nothing then.
Status CheckMaxIsa();

/// The sets that this build has kernels for, this processor can run and
/// kMaxIsaVariable allows when this is called first; best first. kPortable is
/// always last.
const std::vector<Isa>& AvailableIsas();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_ISA_H_
