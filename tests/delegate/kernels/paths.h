#ifndef WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_
#define WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_

#include <gtest/gtest.h>

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include <cstdlib>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "delegate/kernels/gemm_s8.h"
#include "delegate/kernels/isa.h"

namespace wqlite {

/// Whether there must be dot products: on a processor that says so, and on the
/// cores that the rig emulates by name.
inline bool MustHaveDotProducts() {
  const char* name = std::getenv("WQ_RIG_CORE");
  const std::string core = name == nullptr ? "" : name;
  return core == "cortex-a55" || core == "cortex-a76" || core == "cortex-x2" ||
         ProcessorHasDotProducts();
}

/// The instruction sets that a kernel must have on this processor; a test that
/// walks all paths compares what it ran with it, so that a green run cannot
/// hide that a path never ran. `may_be_dot`: whether the kernel consists of dot
/// products where there are some.
inline std::set<Isa> RequiredIsas([[maybe_unused]] bool may_be_dot) {
  std::set<Isa> isas = {Isa::kPortable};
#if defined(__arm__)
  isas.insert(Isa::kNeon32);
  if (may_be_dot && MustHaveDotProducts()) isas.insert(Isa::kNeon32Dot);
#elif defined(__aarch64__)
  isas.insert(Isa::kNeon64);
  if (may_be_dot && MustHaveDotProducts()) {
    isas.insert(Isa::kNeon64Dot);
    if (getauxval(AT_HWCAP2) & HWCAP2_I8MM) isas.insert(Isa::kNeon64I8mm);
  }
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
  constexpr bool kMayBeDot = std::is_same_v<Kernel, GemmS8Kernel>;
  for (const Isa isa : RequiredIsas(kMayBeDot)) {
    EXPECT_EQ(ran.count(isa), 1u) << IsaName(isa) << " did not run";
  }
}

}  // namespace wqlite

#endif  // WQLITE_TESTS_DELEGATE_KERNELS_PATHS_H_
