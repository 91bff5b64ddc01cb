#include "delegate/kernels/isa.h"

#include <cstdlib>
#include <string>

#if defined(__arm__) || defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "delegate/kernels/core.h"

namespace wqlite {
namespace {

constexpr Isa kAllIsas[] = {Isa::kPortable, Isa::kNeon32,    Isa::kNeon32Dot,
                            Isa::kNeon64,   Isa::kNeon64Dot, Isa::kNeon64I8mm,
                            Isa::kAvx2,     Isa::kAvx512Vnni};

/// The best set that the user allows.
Isa MaxIsa() {
  const char* name = std::getenv(kMaxIsaVariable);
  return FindIsa(name == nullptr ? "" : name).value_or(Isa::kAvx512Vnni);
}

// From Linux 6.2 on; older headers do not name it.
#if defined(__arm__)
constexpr unsigned long kHwcapDotProducts = 1ul << 24;
#elif defined(__aarch64__)
constexpr unsigned long kHwcapDotProducts = HWCAP_ASIMDDP;
// AT_HWCAP2, from Linux 5.10 on.
constexpr unsigned long kHwcap2I8mm = 1ul << 13;
#endif

}  // namespace

bool ProcessorHasNeeds() {
#if defined(__ARM_NEON) && defined(__arm__)
  return (getauxval(AT_HWCAP) & HWCAP_NEON) != 0;
#else
  return true;
#endif
}

bool ProcessorHasDotProducts() {
#if defined(__arm__)
  return (getauxval(AT_HWCAP) & kHwcapDotProducts) != 0 ||
         AllHaveDotProducts(CpuParts());
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & kHwcapDotProducts) != 0;
#else
  return false;
#endif
}

const char* IsaName(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kNeon32:
      return "neon32";
    case Isa::kNeon32Dot:
      return "neon32_dot";
    case Isa::kNeon64:
      return "neon64";
    case Isa::kNeon64Dot:
      return "neon64_dot";
    case Isa::kNeon64I8mm:
      return "neon64_i8mm";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512Vnni:
      return "avx512vnni";
  }
  return "unknown";
}

bool NeedsDotProducts(Isa isa) {
  return isa == Isa::kNeon32Dot || isa == Isa::kNeon64Dot ||
         isa == Isa::kNeon64I8mm;
}

std::optional<Isa> FindIsa(std::string_view name) {
  for (const Isa isa : kAllIsas) {
    if (name == IsaName(isa)) return isa;
  }
  return std::nullopt;
}

Status CheckMaxIsa() {
  const char* name = std::getenv(kMaxIsaVariable);
  if (name == nullptr || *name == '\0' || FindIsa(name)) return Status();
  std::string names;
  for (const Isa isa : kAllIsas) {
    names += std::string(names.empty() ? "" : ", ") + IsaName(isa);
  }
  return Status::Error(std::string("environment variable ") + kMaxIsaVariable +
                       ": '" + name +
                       "' is not permitted; permitted: " + names);
}

const std::vector<Isa>& AvailableIsas() {
  static const auto* isas = [] {
    auto* available = new std::vector<Isa>;
    const Isa max = MaxIsa();
    const auto add = [&](Isa isa) {
      if (isa <= max) available->push_back(isa);
    };
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
      add(Isa::kAvx512Vnni);
    }
    if (__builtin_cpu_supports("avx2")) add(Isa::kAvx2);
#elif defined(__ARM_NEON) && defined(__arm__)
    // The ARMv7 build requires NEON as a whole (ProcessorHasNeeds).
    if (ProcessorHasDotProducts()) add(Isa::kNeon32Dot);
    add(Isa::kNeon32);
#elif defined(__aarch64__)
    if (ProcessorHasDotProducts()) {
      if ((getauxval(AT_HWCAP2) & kHwcap2I8mm) != 0) add(Isa::kNeon64I8mm);
      add(Isa::kNeon64Dot);
    }
    add(Isa::kNeon64);
#endif
    add(Isa::kPortable);
    return available;
  }();
  return *isas;
}

}  // namespace wqlite
