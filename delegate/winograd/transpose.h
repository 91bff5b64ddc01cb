#ifndef WQLITE_DELEGATE_WINOGRAD_TRANSPOSE_H_
#define WQLITE_DELEGATE_WINOGRAD_TRANSPOSE_H_

#include <cstdint>

#include "delegate/winograd/simd.h"

namespace wqlite {

// Squares of 8x8 bytes.

using I8x8 = int8_t __attribute__((vector_size(8)));

WQ_INLINE I8x8 ZipLow(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

WQ_INLINE I8x8 ZipHigh(I8x8 a, I8x8 b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/// One of the three perfect shuffles that transpose 8x8 bytes.
WQ_INLINE void Shuffle(const I8x8 (&in)[8], I8x8 (&out)[8]) {
  WQ_UNROLL for (int i = 0; i < 8 / 2; ++i) {
    out[2 * i] = ZipLow(in[i], in[i + 4]);
    out[2 * i + 1] = ZipHigh(in[i], in[i + 4]);
  }
}

/// Rows to columns.
WQ_INLINE void Transpose(const I8x8 (&in)[8], I8x8 (&out)[8]) {
#if defined(__arm__)
  // In place, where a compiler copies: vzip leaves its low half in the first
  // register, and after three rounds rows and registers are in order again.
  WQ_UNROLL for (int i = 0; i < 8; ++i) out[i] = in[i];
  asm("vzip.8 %P0, %P4\n vzip.8 %P1, %P5\n vzip.8 %P2, %P6\n vzip.8 %P3, %P7\n"
      "vzip.8 %P0, %P2\n vzip.8 %P4, %P6\n vzip.8 %P1, %P3\n vzip.8 %P5, %P7\n"
      "vzip.8 %P0, %P1\n vzip.8 %P2, %P3\n vzip.8 %P4, %P5\n vzip.8 %P6, %P7\n"
      : "+w"(out[0]), "+w"(out[1]), "+w"(out[2]), "+w"(out[3]), "+w"(out[4]),
        "+w"(out[5]), "+w"(out[6]), "+w"(out[7]));
#else
  I8x8 other[8];
  Shuffle(in, out);
  Shuffle(out, other);
  Shuffle(other, out);
#endif
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_TRANSPOSE_H_
