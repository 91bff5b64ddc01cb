#ifndef WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_
#define WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "delegate/kernels/isa.h"

namespace wqlite {

/// The instruction sets that a kernel must have on this processor; a test that
/// walks all paths compares what it ran with it, so that a green run cannot
/// hide that a path never ran.
inline std::set<Isa> RequiredIsas() {
  std::set<Isa> isas = {Isa::kPortable};
#if defined(__arm__)
  isas.insert(Isa::kNeon32);
#elif defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) isas.insert(Isa::kAvx2);
  if (__builtin_cpu_supports("avx512vnni")) isas.insert(Isa::kAvx512Vnni);
#endif
  const char* limit = std::getenv(kMaxIsaVariable);
  if (limit != nullptr && *limit != '\0') {
    // Better sets come later, as isa.h says.
    isas.erase(isas.upper_bound(FindIsa(limit).value()), isas.end());
  }
  return isas;
}

/// Calls test(kernel) for every kernel of this processor, by the best first.
template <class Kernel, class Test>
void ForEachPath(const std::vector<const Kernel*>& kernels, Test test) {
  std::set<Isa> ran;
  for (const Kernel* kernel : kernels) {
    SCOPED_TRACE(kernel->name);
    // Kernels are named after operation, block and instruction set.
    const std::string suffix = std::string("__") + IsaName(kernel->isa);
    const std::string name = kernel->name;
    EXPECT_EQ(name.substr(name.size() - suffix.size()), suffix);
    test(*kernel);
    ran.insert(kernel->isa);
  }
  EXPECT_EQ(kernels.back()->isa, Isa::kPortable);
  for (const Isa isa : RequiredIsas()) {
    EXPECT_EQ(ran.count(isa), 1u) << IsaName(isa) << " did not run";
  }
}

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_
