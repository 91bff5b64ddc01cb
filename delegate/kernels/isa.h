#ifndef WQLITE_DELEGATE_KERNELS_ISA_H_
#define WQLITE_DELEGATE_KERNELS_ISA_H_

#include <vector>

namespace wqlite {

/// Instruction sets that kernels are written for.
enum class Isa { kPortable, kNeon32, kAvx2, kAvx512Vnni };

const char* IsaName(Isa isa);

/// The sets that this build has kernels for and this processor can run, best
/// first; kPortable is always last.
const std::vector<Isa>& AvailableIsas();

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_ISA_H_
