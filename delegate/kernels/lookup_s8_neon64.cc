// tbl looks up 64 entries at a time and gives 0 beyond them; tbx leaves alone
// what lies beyond. The whole table stays in registers.
#include <arm_neon.h>

#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

constexpr size_t kVector = sizeof(int8x16_t);

void RunVectors(const int8_t* table, const int8_t* in, size_t count,
                int8_t* out) {
  const int8x16x4_t first = vld1q_s8_x4(table);
  const int8x16x4_t second = vld1q_s8_x4(table + 64);
  const int8x16x4_t third = vld1q_s8_x4(table + 128);
  const int8x16x4_t fourth = vld1q_s8_x4(table + 192);
  const uint8x16_t part = vdupq_n_u8(64);
  for (size_t i = 0; i < count; i += kVector) {
    // The index is lowered from part to part, so that each part is looked up
    // from 0; none comes back into [0, 64), since it is modulo 256.
    uint8x16_t index = vreinterpretq_u8_s8(vld1q_s8(in + i));
    int8x16_t value = vqtbl4q_s8(first, index);
    index = vsubq_u8(index, part);
    value = vqtbx4q_s8(value, second, index);
    index = vsubq_u8(index, part);
    value = vqtbx4q_s8(value, third, index);
    index = vsubq_u8(index, part);
    value = vqtbx4q_s8(value, fourth, index);
    vst1q_s8(out + i, value);
  }
}

void Run(const int8_t* table, const int8_t* in, size_t count, int8_t* out) {
  const size_t done = count / kVector * kVector;
  if (done > 0) RunVectors(table, in, done, out);
  kLookupS8Portable.run(table, in + done, count - done, out + done);
}

}  // namespace

const LookupS8Kernel kLookupS8Neon64 = {"lookup_s8__neon64", Isa::kNeon64, Run};

}  // namespace wqlite
