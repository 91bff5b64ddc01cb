#ifndef WQLITE_DELEGATE_KERNELS_KERNELS_H_
#define WQLITE_DELEGATE_KERNELS_KERNELS_H_

// Every kernel by name, for dispatch only. Each is defined in the file that is
// called as it is, and only built for processors of its instruction set.

#include "delegate/kernels/gemm_s16.h"
#include "delegate/kernels/gemm_s8.h"
#include "delegate/kernels/lookup_s8.h"
#include "delegate/kernels/requantize.h"
#include "delegate/kernels/weight_stats_s8.h"

namespace wqlite {

extern const GemmS16Kernel kGemmS16Portable;
extern const GemmS16Kernel kGemmS16Neon32;
extern const GemmS16Kernel kGemmS16Neon32Woven;
extern const GemmS16Kernel kGemmS16Neon64;
extern const GemmS16Kernel kGemmS16Avx2;
extern const GemmS16Kernel kGemmS16Avx512Vnni;

extern const GemmS8Kernel kGemmS8Portable;
extern const GemmS8Kernel kGemmS8Neon32;
extern const GemmS8Kernel kGemmS8Neon32Woven;
extern const GemmS8Kernel kGemmS8Neon32Dot;
extern const GemmS8Kernel kGemmS8Neon32DotWoven;
extern const GemmS8Kernel kGemmS8Neon64;
extern const GemmS8Kernel kGemmS8Neon64Dot;
extern const GemmS8Kernel kGemmS8Neon64DotFive;
extern const GemmS8Kernel kGemmS8Neon64I8mm;
extern const GemmS8Kernel kGemmS8Avx2;
extern const GemmS8Kernel kGemmS8Avx512Vnni;

extern const LookupS8Kernel kLookupS8Portable;
extern const LookupS8Kernel kLookupS8Neon32;
extern const LookupS8Kernel kLookupS8Neon64;
extern const LookupS8Kernel kLookupS8Avx2;
extern const LookupS8Kernel kLookupS8Avx512Vnni;

extern const RequantizeKernel kRequantizePortable;
extern const RequantizeKernel kRequantizeNeon32;
extern const RequantizeKernel kRequantizeNeon64;
extern const RequantizeKernel kRequantizeAvx2;
extern const RequantizeKernel kRequantizeAvx512Vnni;

extern const WeightStatsS8Kernel kWeightStatsS8Portable;
extern const WeightStatsS8Kernel kWeightStatsS8Neon32;
extern const WeightStatsS8Kernel kWeightStatsS8Neon64;
extern const WeightStatsS8Kernel kWeightStatsS8Avx2;
extern const WeightStatsS8Kernel kWeightStatsS8Avx512Vnni;

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_KERNELS_KERNELS_H_
