#include "delegate/kernels/kernels.h"

namespace wqlite {
namespace {

void Run(const int8_t* table, const int8_t* in, size_t count, int8_t* out) {
  const auto at = [&](size_t i) { return table[static_cast<uint8_t>(in[i])]; };
  size_t i = 0;
  // Four loads before the first store, which the compiler cannot move: `out`
  // may be `in`.
  for (; i + 4 <= count; i += 4) {
    const int8_t a = at(i), b = at(i + 1), c = at(i + 2), d = at(i + 3);
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  for (; i < count; ++i) out[i] = at(i);
}

}  // namespace

const LookupS8Kernel kLookupS8Portable = {"lookup_s8__portable", Isa::kPortable,
                                          Run};

}  // namespace wqlite
