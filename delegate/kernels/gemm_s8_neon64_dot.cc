// AArch64 with dot products. One sdot is 16 products: four deep of four output
// channels times four deep of one time step, which is a lane of its register.
// Registers:
//
//   v0 .. v19    the sums: a pair of registers for each of ten time steps
//   v20 .. v27   a block of weights: four times four deep of 8 output channels
//   v28 .. v31   a block of up to four time steps
//
// All 32 are taken, and one instruction loads four: 80 products for 5 loads. A
// second kernel computes five time steps, for layers that are no multiple of
// ten by much: 40 products for 4 loads.
//
// Compiled for processors that not every phone has: nothing here may be called
// inline from elsewhere, nor call what other files share inline.
#include "delegate/kernels/gemm_s8_pack.h"
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

// clang-format off

// Both halves of a time step's sums += weights times lane `i` of its register.
#define WQ_STEP(low, high, a, w0, w1, i)                   \
  "sdot " low ".4s, " w0 ".16b, " a ".4b[" i "]\n"         \
  "sdot " high ".4s, " w1 ".16b, " a ".4b[" i "]\n"

#define WQ_STEPS_0_TO_3(w0, w1, i)           \
  WQ_STEP("v0", "v1", "v28", w0, w1, i)      \
  WQ_STEP("v2", "v3", "v29", w0, w1, i)      \
  WQ_STEP("v4", "v5", "v30", w0, w1, i)      \
  WQ_STEP("v6", "v7", "v31", w0, w1, i)
#define WQ_STEPS_4_TO_7(w0, w1, i)           \
  WQ_STEP("v8", "v9", "v28", w0, w1, i)      \
  WQ_STEP("v10", "v11", "v29", w0, w1, i)    \
  WQ_STEP("v12", "v13", "v30", w0, w1, i)    \
  WQ_STEP("v14", "v15", "v31", w0, w1, i)
#define WQ_STEPS_8_TO_9(w0, w1, i)           \
  WQ_STEP("v16", "v17", "v28", w0, w1, i)    \
  WQ_STEP("v18", "v19", "v29", w0, w1, i)

#define WQ_ALL_LANES(steps)   \
  steps("v20", "v21", "0")    \
  steps("v22", "v23", "1")    \
  steps("v24", "v25", "2")    \
  steps("v26", "v27", "3")

#define WQ_STEP_4(w0, w1, i) WQ_STEP("v8", "v9", "v28", w0, w1, i)

#define WQ_STEPS_0_TO_3_OF_BLOCK                          \
  "ld1 {v20.16b-v23.16b}, [%[w]], #64\n"                  \
  "ld1 {v28.16b-v31.16b}, [%[a]], #64\n"                  \
  "ld1 {v24.16b-v27.16b}, [%[w]], #64\n"                  \
  WQ_ALL_LANES(WQ_STEPS_0_TO_3)
#define WQ_BLOCK_OF_10                                    \
  WQ_STEPS_0_TO_3_OF_BLOCK                                \
  "ld1 {v28.16b-v31.16b}, [%[a]], #64\n"                  \
  WQ_ALL_LANES(WQ_STEPS_4_TO_7)                           \
  "ld1 {v28.16b-v29.16b}, [%[a]], #32\n"                  \
  WQ_ALL_LANES(WQ_STEPS_8_TO_9)
#define WQ_BLOCK_OF_5                                     \
  WQ_STEPS_0_TO_3_OF_BLOCK                                \
  "ldr q28, [%[a]], #16\n"                                \
  WQ_ALL_LANES(WQ_STEP_4)

#define WQ_ZERO(sum) "movi " sum ".4s, #0\n"
#define WQ_ZERO_5                                         \
  WQ_ZERO("v0") WQ_ZERO("v1") WQ_ZERO("v2") WQ_ZERO("v3") \
  WQ_ZERO("v4") WQ_ZERO("v5") WQ_ZERO("v6") WQ_ZERO("v7") \
  WQ_ZERO("v8") WQ_ZERO("v9")
#define WQ_ZERO_10                                            \
  WQ_ZERO_5                                                   \
  WQ_ZERO("v10") WQ_ZERO("v11") WQ_ZERO("v12") WQ_ZERO("v13") \
  WQ_ZERO("v14") WQ_ZERO("v15") WQ_ZERO("v16") WQ_ZERO("v17") \
  WQ_ZERO("v18") WQ_ZERO("v19")

#define WQ_STORE_4                                        \
  "st1 {v0.4s-v3.4s}, [%[acc]], #64\n"                    \
  "st1 {v4.4s-v7.4s}, [%[acc]], #64\n"
#define WQ_STORE_5                                        \
  WQ_STORE_4                                              \
  "st1 {v8.4s-v9.4s}, [%[acc]]\n"
#define WQ_STORE_10                                       \
  WQ_STORE_4                                              \
  "st1 {v8.4s-v11.4s}, [%[acc]], #64\n"                   \
  "st1 {v12.4s-v15.4s}, [%[acc]], #64\n"                  \
  "st1 {v16.4s-v19.4s}, [%[acc]]\n"

// The kernel of so many time steps.
#define WQ_RUN(steps)                                                      \
  void Run##steps(int blocks, const int8_t* a, const int8_t* packed,       \
                  int32_t* acc) {                                          \
    int pairs = blocks / 2;                                                \
    asm volatile(                                                          \
        WQ_ZERO_##steps                                                    \
        "cbz %w[pairs], 2f\n"                                              \
        "1:\n"                                                             \
        "subs %w[pairs], %w[pairs], #1\n"                                  \
        WQ_BLOCK_OF_##steps                                                \
        WQ_BLOCK_OF_##steps                                                \
        "b.ne 1b\n"                                                        \
        "2:\n"                                                             \
        "tbz %w[blocks], #0, 3f\n"                                         \
        WQ_BLOCK_OF_##steps                                                \
        "3:\n"                                                             \
        WQ_STORE_##steps                                                   \
        : [a] "+r"(a), [w] "+r"(packed), [acc] "+r"(acc),                  \
          [pairs] "+r"(pairs)                                              \
        : [blocks] "r"(blocks)                                             \
        : "cc", "memory", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7",  \
          "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16",     \
          "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",   \
          "v26", "v27", "v28", "v29", "v30", "v31");                       \
  }

WQ_RUN(10)
WQ_RUN(5)

// clang-format on

// Instructions are counted, cycles are those of the rig's models of the
// Cortex-A76 and the A55. Others have no dot products.
GemmS8Cost Cost10(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/86, /*call=*/80};
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/103, /*call=*/90};
    default:
      return {/*block=*/40.1, /*call=*/40};
  }
}

GemmS8Cost Cost5(CostUnit unit) {
  switch (unit) {
    case CostUnit::kInstructions:
      return {/*block=*/45, /*call=*/65};
    case CostUnit::kDotInOrderCycles:
      return {/*block=*/66.5, /*call=*/70};
    default:
      return {/*block=*/20.1, /*call=*/30};
  }
}

}  // namespace

const GemmS8Kernel kGemmS8Neon64Dot = {"gemm_s8_10x8__neon64_dot",
                                       Isa::kNeon64Dot,
                                       /*rows=*/10,
                                       /*depth=*/16,
                                       /*flip=*/0,
                                       /*takes_lowest_weight=*/true,
                                       PackedBytes16,
                                       PackFours16,
                                       Run10,
                                       Cost10};

const GemmS8Kernel kGemmS8Neon64DotFive = {"gemm_s8_5x8__neon64_dot",
                                           Isa::kNeon64Dot,
                                           /*rows=*/5,
                                           /*depth=*/16,
                                           /*flip=*/0,
                                           /*takes_lowest_weight=*/true,
                                           PackedBytes16,
                                           PackFours16,
                                           Run5,
                                           Cost5};

}  // namespace wqlite
