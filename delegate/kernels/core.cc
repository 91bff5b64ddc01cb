#include "delegate/kernels/core.h"

#include <algorithm>
#include <string>

namespace wqlite {
namespace {

constexpr unsigned kArm = 0x41;
constexpr unsigned kHiSilicon = 0x48;
constexpr unsigned kQualcomm = 0x51;
constexpr unsigned kSamsung = 0x53;

// Of a part whose early revisions lack dot products, and that is not known
// better: it has them where Linux says so.
constexpr unsigned kAskLinux = ~0u;

struct KnownPart {
  unsigned implementer;
  unsigned part;
  Core core;
  unsigned first_dot_variant = 0;  ///< Which has dot products, if any has.
};

// CPU part numbers (Arm's technical reference manuals, register MIDR; Linux,
// arch/arm64/include/asm/cputype.h).
constexpr KnownPart kKnownParts[] = {
    {kArm, 0xc07, Core::kInOrder},              // Cortex-A7
    {kArm, 0xc0d, Core::kTwoPipe},              // Cortex-A12
    {kArm, 0xc0e, Core::kTwoPipe},              // Cortex-A17
    {kArm, 0xc0f, Core::kTwoPipe},              // Cortex-A15
    {kArm, 0xd01, Core::kInOrder},              // Cortex-A32
    {kArm, 0xd03, Core::kInOrder},              // Cortex-A53
    {kArm, 0xd04, Core::kInOrder},              // Cortex-A35
    {kArm, 0xd05, Core::kDotInOrder, 1},        // Cortex-A55
    {kArm, 0xd07, Core::kTwoPipe},              // Cortex-A57
    {kArm, 0xd08, Core::kTwoPipe},              // Cortex-A72
    {kArm, 0xd09, Core::kTwoPipe},              // Cortex-A73
    {kArm, 0xd0a, Core::kDot, 2},               // Cortex-A75
    {kArm, 0xd0b, Core::kDot},                  // Cortex-A76
    {kArm, 0xd0c, Core::kDot},                  // Neoverse N1
    {kArm, 0xd0d, Core::kDot},                  // Cortex-A77
    {kArm, 0xd0e, Core::kDot},                  // Cortex-A76AE
    {kArm, 0xd40, Core::kDot},                  // Neoverse V1
    {kArm, 0xd41, Core::kDot},                  // Cortex-A78
    {kArm, 0xd42, Core::kDot},                  // Cortex-A78AE
    {kArm, 0xd44, Core::kDot},                  // Cortex-X1
    {kArm, 0xd46, Core::kDotInOrder},           // Cortex-A510
    {kArm, 0xd47, Core::kDot},                  // Cortex-A710
    {kArm, 0xd48, Core::kDot},                  // Cortex-X2
    {kArm, 0xd49, Core::kDot},                  // Neoverse N2
    {kArm, 0xd4b, Core::kDot},                  // Cortex-A78C
    {kArm, 0xd4c, Core::kDot},                  // Cortex-X1C
    {kArm, 0xd4d, Core::kDot},                  // Cortex-A715
    {kArm, 0xd4e, Core::kDot},                  // Cortex-X3
    {kArm, 0xd4f, Core::kDot},                  // Neoverse V2
    {kArm, 0xd80, Core::kDotInOrder},           // Cortex-A520
    {kArm, 0xd81, Core::kDot},                  // Cortex-A720
    {kArm, 0xd82, Core::kDot},                  // Cortex-X4
    {kHiSilicon, 0xd40, Core::kDot},            // Cortex-A76
    {kQualcomm, 0x06f, Core::kTwoPipe},         // Krait
    {kQualcomm, 0x201, Core::kTwoPipe},         // Kryo
    {kQualcomm, 0x205, Core::kTwoPipe},         // Kryo
    {kQualcomm, 0x211, Core::kTwoPipe},         // Kryo
    {kQualcomm, 0x800, Core::kTwoPipe},         // Kryo 2xx Gold: Cortex-A73
    {kQualcomm, 0x801, Core::kInOrder},         // Kryo 2xx Silver: Cortex-A53
    {kQualcomm, 0x802, Core::kDot, kAskLinux},  // Kryo 3xx Gold: Cortex-A75
    {kQualcomm, 0x803, Core::kDotInOrder,
     kAskLinux},                            // Kryo 3xx Silver: Cortex-A55
    {kQualcomm, 0x804, Core::kDot},         // Kryo 4xx Gold: Cortex-A76
    {kQualcomm, 0x805, Core::kDotInOrder},  // Kryo 4xx Silver: Cortex-A55
    {kSamsung, 0x001, Core::kTwoPipe},      // Exynos M1, M2
    {kSamsung, 0x002, Core::kTwoPipe},      // Exynos M3
    {kSamsung, 0x003, Core::kDot},          // Exynos M4
    {kSamsung, 0x004, Core::kDot},          // Exynos M5
};

Core WithoutDot(Core core) {
  if (core == Core::kDot) return Core::kTwoPipe;
  return core == Core::kDotInOrder ? Core::kInOrder : core;
}

// Null where it is not known.
const KnownPart* Find(const CpuPart& part) {
  for (const KnownPart& known : kKnownParts) {
    if (known.implementer == part.implementer && known.part == part.part) {
      return &known;
    }
  }
  return nullptr;
}

bool HasDotProducts(const CpuPart& part) {
  const KnownPart* known = Find(part);
  return known != nullptr && known->core != WithoutDot(known->core) &&
         part.variant >= known->first_dot_variant;
}

Core CoreOf(const CpuPart& part, bool dot_products) {
  const KnownPart* known = Find(part);
  if (known == nullptr) return dot_products ? Core::kDot : Core::kOnePipe;
  return dot_products ? known->core : WithoutDot(known->core);
}

}  // namespace

const char* CoreName(Core core) {
  switch (core) {
    case Core::kOnePipe:
      return "one_pipe";
    case Core::kInOrder:
      return "in_order";
    case Core::kDotInOrder:
      return "dot_in_order";
    case Core::kTwoPipe:
      return "two_pipe";
    case Core::kDot:
      return "dot";
  }
  return "unknown";
}

std::optional<Core> FindCore(std::string_view name) {
  for (const Core core : kAllCores) {
    if (name == CoreName(core)) return core;
  }
  return std::nullopt;
}

bool CoreHas(Core core, Isa isa) {
  return !NeedsDotProducts(isa) || core == Core::kDot ||
         core == Core::kDotInOrder;
}

Status CheckCore(Core core) {
  const std::vector<Isa>& isas = AvailableIsas();
  if (core == WithoutDot(core) ||
      std::any_of(isas.begin(), isas.end(), NeedsDotProducts)) {
    return Status();
  }
  return Status::Error(std::string("core '") + CoreName(core) +
                       "' has dot products (ARMv8.2 and later), which this "
                       "processor lacks; use auto or " +
                       CoreName(WithoutDot(core)));
}

bool AllHaveDotProducts(const std::vector<CpuPart>& parts) {
  return !parts.empty() &&
         std::all_of(parts.begin(), parts.end(), HasDotProducts);
}

Core CoreOf(const std::vector<CpuPart>& parts, bool dot_products) {
  if (parts.empty()) return CoreOf(CpuPart(), dot_products);
  Core best = Core::kOnePipe;
  for (const CpuPart& part : parts) {
    best = std::max(best, CoreOf(part, dot_products));
  }
  return best;
}

Core ThisCore() {
  static const Core core = CoreOf(CpuParts(), ProcessorHasDotProducts());
  return core;
}

}  // namespace wqlite
