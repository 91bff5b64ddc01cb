#ifndef WQLITE_DELEGATE_KERNELS_CORE_H_
#define WQLITE_DELEGATE_KERNELS_CORE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "delegate/base/status.h"
#include "delegate/kernels/cpu_info.h"
#include "delegate/kernels/isa.h"

namespace wqlite {

/// Families of ARM cores that the planner tells apart: by how many vector
/// instructions start in a cycle, whether wide loads hold up what follows, and
/// whether there are dot products. Each is better than those before it.
enum class Core {
  kOnePipe,     ///< Cortex-A5, A8, A9.
  kInOrder,     ///< Cortex-A7, A35, A53: two instructions a cycle, in order.
  kDotInOrder,  ///< Cortex-A55, A510: the same with dot products.
  kTwoPipe,     ///< Cortex-A12, A15, A17, A57, A72, A73.
  kDot,         ///< Cortex-A75, A76 and up: two pipes and dot products.
};

inline constexpr Core kAllCores[] = {Core::kOnePipe, Core::kInOrder,
                                     Core::kDotInOrder, Core::kTwoPipe,
                                     Core::kDot};

/// "one_pipe", "in_order", "dot_in_order", "two_pipe" or "dot".
const char* CoreName(Core core);

/// The family of that name; none where no family is called so.
std::optional<Core> FindCore(std::string_view name);

/// Whether cores of a family have kernels' instruction set, as far as that is
/// a matter of the family: dot products.
bool CoreHas(Core core, Isa isa);

/// An error where this processor lacks what a family's kernels need.
Status CheckCore(Core core);

/// Whether each of these is known to have dot products: what a kernel older
/// than Linux 6.2 tells 32-bit processes nothing else of. False for none.
bool AllHaveDotProducts(const std::vector<CpuPart>& parts);

/// The family to plan for on a machine with these processors: the best of
/// them, since that is where a system runs heavy work. `dot_products` says
/// whether all of them have those; where one has not, its neighbours' are of
/// no use, as a thread may move. Processors that are not known count as
/// kOnePipe, or as kDot where there are dot products.
Core CoreOf(const std::vector<CpuPart>& parts, bool dot_products);

/// CoreOf this machine.
Core ThisCore();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_CORE_H_
