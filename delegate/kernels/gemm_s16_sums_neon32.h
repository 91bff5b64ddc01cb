#ifndef WQLITE_DELEGATE_KERNELS_GEMM_S16_SUMS_NEON32_H_
#define WQLITE_DELEGATE_KERNELS_GEMM_S16_SUMS_NEON32_H_

// Assembly of the int16 product kernels for ARMv7 NEON: the sums of up to five
// tiles, two registers each, in q6 to q15; to and from acc: [tiles][8].

// clang-format off

// Pairs of registers that hold sums.
#define WQ_PAIR_0 "q6", "q7"
#define WQ_PAIR_1 "q8", "q9"
#define WQ_PAIR_2 "q10", "q11"
#define WQ_PAIR_3 "q12", "q13"
#define WQ_PAIR_4 "q14", "q15"

#define WQ_ZERO(pair) WQ_ZERO_EACH(pair)
#define WQ_ZERO_EACH(acc0, acc1) "vmov.i32 " acc0 ", #0\n vmov.i32 " acc1 ", #0\n"
#define WQ_ZERO_1 WQ_ZERO(WQ_PAIR_0)
#define WQ_ZERO_2 WQ_ZERO_1 WQ_ZERO(WQ_PAIR_1)
#define WQ_ZERO_3 WQ_ZERO_2 WQ_ZERO(WQ_PAIR_2)
#define WQ_ZERO_4 WQ_ZERO_3 WQ_ZERO(WQ_PAIR_3)
#define WQ_ZERO_5 WQ_ZERO_4 WQ_ZERO(WQ_PAIR_4)

#define WQ_LOAD_1 "vldmia %[acc], {d12-d15}\n"
#define WQ_LOAD_2 "vldmia %[acc], {d12-d19}\n"
#define WQ_LOAD_3 "vldmia %[acc], {d12-d23}\n"
#define WQ_LOAD_4 "vldmia %[acc], {d12-d27}\n"
// A register list holds 16 double registers at most.
#define WQ_LOAD_5                  \
  "vldmia %[acc]!, {d12-d27}\n"    \
  "vldmia %[acc], {d28-d31}\n"     \
  "sub %[acc], %[acc], #128\n"

// What the sums of `tiles` tiles begin with.
#define WQ_BEGIN(tiles, zero, ready)  \
  "cmp %[accumulate], #0\n"           \
  "beq " zero "f\n"                   \
  WQ_LOAD_##tiles                     \
  "b " ready "f\n"                    \
  zero ":\n"                          \
  WQ_ZERO_##tiles                     \
  ready ":\n"

#define WQ_STORE_1 "vstmia %[acc], {d12-d15}\n"
#define WQ_STORE_2 "vstmia %[acc], {d12-d19}\n"
#define WQ_STORE_3 "vstmia %[acc], {d12-d23}\n"
#define WQ_STORE_4 "vstmia %[acc], {d12-d27}\n"
#define WQ_STORE_5                 \
  "vstmia %[acc]!, {d12-d27}\n"    \
  "vstmia %[acc], {d28-d31}\n"

// clang-format on

#endif  // WQLITE_DELEGATE_KERNELS_GEMM_S16_SUMS_NEON32_H_
