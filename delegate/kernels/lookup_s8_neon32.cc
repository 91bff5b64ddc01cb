// vtbx.8 looks up 32 entries at a time, and leaves alone what lies beyond them.
// In assembly, because compilers copy the four registers of a table around.
#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr size_t kBlock = 64;

// d0 to d7 hold 64 indices, d16 to d23 their values, d24 to d27 a part of the
// table. The indices are lowered from part to part, so that each part is looked
// up from 0; none comes back into [0, 32), since they are modulo 256.
#define WQ_LOOK_UP(instruction)                                           \
  "vld1.8 {d24-d27}, [%[part]]!\n" instruction                            \
  " d16, {d24-d27}, d0\n" instruction " d17, {d24-d27}, d1\n" instruction \
  " d18, {d24-d27}, d2\n" instruction " d19, {d24-d27}, d3\n" instruction \
  " d20, {d24-d27}, d4\n" instruction " d21, {d24-d27}, d5\n" instruction \
  " d22, {d24-d27}, d6\n" instruction " d23, {d24-d27}, d7\n"
#define WQ_NEXT_PART      \
  "vsub.i8 q0, q0, q14\n" \
  "vsub.i8 q1, q1, q14\n" \
  "vsub.i8 q2, q2, q14\n" \
  "vsub.i8 q3, q3, q14\n" WQ_LOOK_UP("vtbx.8")

void RunBlocks(const int8_t* table, const int8_t* in, size_t blocks,
               int8_t* out) {
  const int8_t* part = nullptr;
  asm volatile(
      "vmov.i8 q14, #32\n"
      "1:\n"
      "mov %[part], %[table]\n"
      "vld1.8 {d0-d3}, [%[in]]!\n"
      "vld1.8 {d4-d7}, [%[in]]!\n"
      // The first part gives all others 0.
      WQ_LOOK_UP("vtbl.8") WQ_NEXT_PART WQ_NEXT_PART WQ_NEXT_PART WQ_NEXT_PART
          WQ_NEXT_PART WQ_NEXT_PART WQ_NEXT_PART
      "vst1.8 {d16-d19}, [%[out]]!\n"
      "vst1.8 {d20-d23}, [%[out]]!\n"
      "subs %[blocks], %[blocks], #1\n"
      "bne 1b\n"
      : [part] "+r"(part), [in] "+r"(in), [out] "+r"(out), [blocks] "+r"(blocks)
      : [table] "r"(table)
      : "cc", "memory", "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d16",
        "d17", "d18", "d19", "d20", "d21", "d22", "d23", "d24", "d25", "d26",
        "d27", "d28", "d29");
}

void Run(const int8_t* table, const int8_t* in, size_t count, int8_t* out) {
  const size_t done = count / kBlock * kBlock;
  if (done > 0) RunBlocks(table, in, done / kBlock, out);
  kLookupS8Portable.run(table, in + done, count - done, out + done);
}

}  // namespace

const LookupS8Kernel kLookupS8Neon32 = {"lookup_s8__neon32", Isa::kNeon32, Run};

}  // namespace wqlite
