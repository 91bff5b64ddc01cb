// AArch64 with matrix products of int8. One smmla is 32 products: eight deep of
// two output channels times eight deep of two time steps. Registers:
//
//   v0 .. v19    the sums of two time steps times two output channels each:
//                v0 .. v3 those of the first two time steps
//   v20 .. v27   a block of weights: twice eight deep of four pairs of channels
//   v28 .. v31   a block of two pairs of time steps
//
// A block of a time step lies in one piece; ld2 sorts those of two into the
// first halves and the second halves of both.
//
// Compiled for processors that not every phone has: nothing here may be called
// inline from elsewhere, nor call what other files share inline.
#include "delegate/kernels/gemm_s8_pack.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// Two time steps' sums += eight deep of them times four pairs of channels.
#define WQ_PAIR(s0, s1, s2, s3, a, w0, w1, w2, w3)        \
  "smmla " s0 ".4s, " a ".16b, " w0 ".16b\n"              \
  "smmla " s1 ".4s, " a ".16b, " w1 ".16b\n"              \
  "smmla " s2 ".4s, " a ".16b, " w2 ".16b\n"              \
  "smmla " s3 ".4s, " a ".16b, " w3 ".16b\n"
#define WQ_FIRST(s0, s1, s2, s3, a) \
  WQ_PAIR(s0, s1, s2, s3, a, "v20", "v21", "v22", "v23")
#define WQ_SECOND(s0, s1, s2, s3, a) \
  WQ_PAIR(s0, s1, s2, s3, a, "v24", "v25", "v26", "v27")

#define WQ_BLOCK                                  \
  "ld1 {v20.16b-v23.16b}, [%[w]], #64\n"          \
  "ld2 {v28.2d-v29.2d}, [%[a]], #32\n"            \
  "ld1 {v24.16b-v27.16b}, [%[w]], #64\n"          \
  "ld2 {v30.2d-v31.2d}, [%[a]], #32\n"            \
  WQ_FIRST("v0", "v1", "v2", "v3", "v28")         \
  WQ_FIRST("v4", "v5", "v6", "v7", "v30")         \
  WQ_SECOND("v0", "v1", "v2", "v3", "v29")        \
  "ld2 {v28.2d-v29.2d}, [%[a]], #32\n"            \
  WQ_SECOND("v4", "v5", "v6", "v7", "v31")        \
  "ld2 {v30.2d-v31.2d}, [%[a]], #32\n"            \
  WQ_FIRST("v8", "v9", "v10", "v11", "v28")       \
  WQ_FIRST("v12", "v13", "v14", "v15", "v30")     \
  WQ_SECOND("v8", "v9", "v10", "v11", "v29")      \
  "ld2 {v28.2d-v29.2d}, [%[a]], #32\n"            \
  WQ_SECOND("v12", "v13", "v14", "v15", "v31")    \
  WQ_FIRST("v16", "v17", "v18", "v19", "v28")     \
  WQ_SECOND("v16", "v17", "v18", "v19", "v29")

#define WQ_ZERO_4(r0, r1, r2, r3)                 \
  "movi " r0 ".4s, #0\n movi " r1 ".4s, #0\n"     \
  "movi " r2 ".4s, #0\n movi " r3 ".4s, #0\n"

// Two time steps, each in one piece. A register holds both channels of a pair
// of the first, then those of the second.
#define WQ_STORE(s0, s1, s2, s3)                            \
  "zip1 v28.2d, " s0 ".2d, " s1 ".2d\n"                     \
  "zip1 v29.2d, " s2 ".2d, " s3 ".2d\n"                     \
  "zip2 v30.2d, " s0 ".2d, " s1 ".2d\n"                     \
  "zip2 v31.2d, " s2 ".2d, " s3 ".2d\n"                     \
  "st1 {v28.4s-v31.4s}, [%[acc]], #64\n"

void Run(int blocks, const int8_t* a, const int8_t* packed, int32_t* acc) {
  int pairs = blocks / 2;
  asm volatile(
      WQ_ZERO_4("v0", "v1", "v2", "v3")
      WQ_ZERO_4("v4", "v5", "v6", "v7")
      WQ_ZERO_4("v8", "v9", "v10", "v11")
      WQ_ZERO_4("v12", "v13", "v14", "v15")
      WQ_ZERO_4("v16", "v17", "v18", "v19")
      "cbz %w[pairs], 2f\n"
      "1:\n"
      "subs %w[pairs], %w[pairs], #1\n"
      WQ_BLOCK
      WQ_BLOCK
      "b.ne 1b\n"
      "2:\n"
      "tbz %w[blocks], #0, 3f\n"
      WQ_BLOCK
      "3:\n"
      WQ_STORE("v0", "v1", "v2", "v3")
      WQ_STORE("v4", "v5", "v6", "v7")
      WQ_STORE("v8", "v9", "v10", "v11")
      WQ_STORE("v12", "v13", "v14", "v15")
      WQ_STORE("v16", "v17", "v18", "v19")
      : [a] "+r"(a), [w] "+r"(packed), [acc] "+r"(acc), [pairs] "+r"(pairs)
      : [blocks] "r"(blocks)
      : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8",
        "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",
        "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
        "v29", "v30", "v31");
}

// clang-format on

// Instructions are counted, cycles are of llvm-mca's model of the Neoverse N2,
// which is a Cortex-A710, and of the rig's of the A55, to which an A510 is
// nearest.
GemmS8Cost Cost(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/48, /*call=*/75};
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/64.5, /*call=*/110};
    default:
      return {/*block=*/25.1, /*call=*/50};
  }
}

}  // namespace

const GemmS8Kernel kGemmS8Neon64I8mm = {"gemm_s8_10x8__neon64_i8mm",
                                        Isa::kNeon64I8mm,
                                        /*rows=*/10,
                                        /*depth=*/16,
                                        /*flip=*/0,
                                        /*takes_lowest_weight=*/true,
                                        PackedBytes16,
                                        PackEights16,
                                        Run,
                                        Cost};

}  // namespace wqlite
