// Which kernels exist for which instruction set: the only place that asks.
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// Those of this build that this processor can run, by instruction set, best
// first; of one set, in the order given.
template <class Kernel, int Count>
const std::vector<const Kernel*>* Available(
    const Kernel* const (&kernels)[Count]) {
  auto* available = new std::vector<const Kernel*>;
  for (const Isa isa : AvailableIsas()) {
    for (const Kernel* kernel : kernels) {
      if (kernel->isa == isa) available->push_back(kernel);
    }
  }
  return available;
}

}  // namespace

const std::vector<const GemmS16Kernel*>& AvailableGemmS16() {
  static constexpr const GemmS16Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kGemmS16Neon32,
    &kGemmS16Neon32Woven,
#endif
#if defined(WQ_HAVE_NEON64)
    &kGemmS16Neon64,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kGemmS16Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kGemmS16Avx2,
#endif
    &kGemmS16Portable
  };
  static const auto* available = Available(kernels);
  return *available;
}

const std::vector<const GemmS8Kernel*>& AvailableGemmS8() {
  static constexpr const GemmS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kGemmS8Neon32,
    &kGemmS8Neon32Woven,
#endif
#if defined(WQ_HAVE_NEON32DOT)
    &kGemmS8Neon32Dot,
    &kGemmS8Neon32DotWoven,
#endif
#if defined(WQ_HAVE_NEON64)
    &kGemmS8Neon64,
#endif
#if defined(WQ_HAVE_NEON64DOT)
    &kGemmS8Neon64Dot,
    &kGemmS8Neon64DotFive,
#endif
#if defined(WQ_HAVE_NEON64I8MM)
    &kGemmS8Neon64I8mm,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kGemmS8Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kGemmS8Avx2,
#endif
    &kGemmS8Portable
  };
  static const auto* available = Available(kernels);
  return *available;
}

const std::vector<const LookupS8Kernel*>& AvailableLookupS8() {
  static constexpr const LookupS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kLookupS8Neon32,
#endif
#if defined(WQ_HAVE_NEON64)
    &kLookupS8Neon64,
#endif
#if defined(WQ_HAVE_AVX2)
    &kLookupS8Avx2,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kLookupS8Avx512Vnni,
#endif
    &kLookupS8Portable
  };
  static const auto* available = Available(kernels);
  return *available;
}

const std::vector<const RequantizeKernel*>& AvailableRequantize() {
  static constexpr const RequantizeKernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kRequantizeNeon32,
#endif
#if defined(WQ_HAVE_NEON64)
    &kRequantizeNeon64,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kRequantizeAvx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kRequantizeAvx2,
#endif
    &kRequantizePortable
  };
  static const auto* available = Available(kernels);
  return *available;
}

const std::vector<const WeightStatsS8Kernel*>& AvailableWeightStatsS8() {
  static constexpr const WeightStatsS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kWeightStatsS8Neon32,
#endif
#if defined(WQ_HAVE_NEON64)
    &kWeightStatsS8Neon64,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kWeightStatsS8Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kWeightStatsS8Avx2,
#endif
    &kWeightStatsS8Portable
  };
  static const auto* available = Available(kernels);
  return *available;
}

const LookupS8Kernel& BestLookupS8() { return *AvailableLookupS8().front(); }

const RequantizeKernel& BestRequantize() {
  return *AvailableRequantize().front();
}

const WeightStatsS8Kernel& BestWeightStatsS8() {
  return *AvailableWeightStatsS8().front();
}

}  // namespace wqlite
