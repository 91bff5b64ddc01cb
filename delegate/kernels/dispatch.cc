// Which kernels exist for which instruction set: the only place that asks.
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// The kernel for `isa` among those of this build.
template <class Kernel, int Count>
const Kernel* Find(const Kernel* const (&kernels)[Count], Isa isa) {
  for (const Kernel* kernel : kernels) {
    if (kernel->isa == isa) return kernel;
  }
  return nullptr;
}

// The kernel for the best available set that has one; portable always has.
template <class Kernel>
const Kernel& Best(const Kernel* (*find)(Isa)) {
  for (const Isa isa : AvailableIsas()) {
    if (const Kernel* kernel = find(isa)) return *kernel;
  }
  return *find(Isa::kPortable);
}

}  // namespace

const GemmS16Kernel* FindGemmS16(Isa isa) {
  static constexpr const GemmS16Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kGemmS16Neon32,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kGemmS16Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kGemmS16Avx2,
#endif
    &kGemmS16Portable
  };
  return Find(kernels, isa);
}

const GemmS8Kernel* FindGemmS8(Isa isa) {
  static constexpr const GemmS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kGemmS8Neon32,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kGemmS8Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kGemmS8Avx2,
#endif
    &kGemmS8Portable
  };
  return Find(kernels, isa);
}

const LookupS8Kernel* FindLookupS8(Isa isa) {
  static constexpr const LookupS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kLookupS8Neon32,
#endif
#if defined(WQ_HAVE_AVX2)
    &kLookupS8Avx2,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kLookupS8Avx512Vnni,
#endif
    &kLookupS8Portable
  };
  return Find(kernels, isa);
}

const RequantizeKernel* FindRequantize(Isa isa) {
  static constexpr const RequantizeKernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kRequantizeNeon32,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kRequantizeAvx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kRequantizeAvx2,
#endif
    &kRequantizePortable
  };
  return Find(kernels, isa);
}

const WeightStatsS8Kernel* FindWeightStatsS8(Isa isa) {
  static constexpr const WeightStatsS8Kernel* kernels[] = {
#if defined(WQ_HAVE_NEON32)
    &kWeightStatsS8Neon32,
#endif
#if defined(WQ_HAVE_AVX512VNNI)
    &kWeightStatsS8Avx512Vnni,
#endif
#if defined(WQ_HAVE_AVX2)
    &kWeightStatsS8Avx2,
#endif
    &kWeightStatsS8Portable
  };
  return Find(kernels, isa);
}

const GemmS16Kernel& BestGemmS16() { return Best(FindGemmS16); }

const GemmS8Kernel& BestGemmS8() { return Best(FindGemmS8); }

const LookupS8Kernel& BestLookupS8() { return Best(FindLookupS8); }

const RequantizeKernel& BestRequantize() { return Best(FindRequantize); }

const WeightStatsS8Kernel& BestWeightStatsS8() {
  return Best(FindWeightStatsS8);
}

}  // namespace wqlite
