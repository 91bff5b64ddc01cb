#ifndef WQLITE_DELEGATE_KERNELS_CPU_INFO_H_
#define WQLITE_DELEGATE_KERNELS_CPU_INFO_H_

#include <string_view>
#include <vector>

namespace wqlite {

/// What /proc/cpuinfo says of one ARM processor: fields of its register MIDR.
struct CpuPart {
  unsigned implementer = 0;
  unsigned variant = 0;  ///< The major revision.
  unsigned part = 0;
};

/// The processors that this text of /proc/cpuinfo describes, in its order;
/// none where it is not of an ARM processor.
std::vector<CpuPart> ParseCpuInfo(std::string_view cpuinfo);

/// ParseCpuInfo of this machine, read once.
const std::vector<CpuPart>& CpuParts();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_CPU_INFO_H_
