#ifndef WQLITE_DELEGATE_KERNELS_CORE_H_
#define WQLITE_DELEGATE_KERNELS_CORE_H_

#include <string_view>

namespace wqlite {

/// Families of ARM cores that the planner tells apart, by their NEON pipes: how
/// many vector instructions start in a cycle.
enum class Core {
  kOnePipe,  ///< Cortex-A5 to A9, A35, A53, A55 and the like.
  kTwoPipe,  ///< Cortex-A12, A15, A17, A57, A72 and up.
};

/// "one_pipe" or "two_pipe".
const char* CoreName(Core core);

/// The family of the processor that this text of /proc/cpuinfo describes: by
/// its best core where there are several, since that is where a system runs
/// heavy work. kOnePipe where no core is known.
Core CoreOfCpuInfo(std::string_view cpuinfo);

/// CoreOfCpuInfo of this machine, read once.
Core ThisCore();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_CORE_H_
