#include "delegate/kernels/isa.h"

namespace wqlite {

const char* IsaName(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kNeon32:
      return "neon32";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512Vnni:
      return "avx512vnni";
  }
  return "unknown";
}

const std::vector<Isa>& AvailableIsas() {
  static const auto* isas = [] {
    auto* available = new std::vector<Isa>;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512vnni") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
      available->push_back(Isa::kAvx512Vnni);
    }
    if (__builtin_cpu_supports("avx2")) available->push_back(Isa::kAvx2);
#elif defined(__ARM_NEON) && defined(__arm__)
    // The ARMv7 build requires NEON as a whole: Android does since 2021.
    available->push_back(Isa::kNeon32);
#endif
    available->push_back(Isa::kPortable);
    return available;
  }();
  return *isas;
}

}  // namespace wqlite
