#ifndef WQLITE_DELEGATE_WINOGRAD_SIMD_H_
#define WQLITE_DELEGATE_WINOGRAD_SIMD_H_

#include <cstdint>
#include <cstring>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define WQ_UNROLL _Pragma("GCC unroll 64")
#define WQ_INLINE inline __attribute__((always_inline))
#define WQ_INLINE_LAMBDA __attribute__((always_inline))

namespace wqlite {

// GCC's and Clang's vector extension: arithmetic is the compiler's, for every
// target. Elements are unsigned, since everything is modulo 2^16 or 2^32 by
// design and wrapping must be defined.
using U16x8 = uint16_t __attribute__((vector_size(16)));
using U32x4 = uint32_t __attribute__((vector_size(16)));

// Memory accesses. On ARMv7, GCC splits a plain vector access in two and a
// conversion in four, so there they are spelt out.

/// Eight int8 values, sign-extended. `from` is aligned to 8.
WQ_INLINE U16x8 LoadWiden(const int8_t* from) {
#if defined(__ARM_NEON)
  // Not vld1_s8: a plain load can add a constant to its address.
  return reinterpret_cast<U16x8>(
      vmovl_s8(*reinterpret_cast<const int8x8_t*>(from)));
#else
  using I8x8 = int8_t __attribute__((vector_size(8)));
  using I16x8 = int16_t __attribute__((vector_size(16)));
  I8x8 narrow;
  std::memcpy(&narrow, from, sizeof(narrow));
  return reinterpret_cast<U16x8>(__builtin_convertvector(narrow, I16x8));
#endif
}

WQ_INLINE U32x4 Load(const int32_t* from) {
#if defined(__ARM_NEON)
  return reinterpret_cast<U32x4>(vld1q_s32(from));
#else
  U32x4 x;
  std::memcpy(&x, from, sizeof(x));
  return x;
#endif
}

WQ_INLINE void Store(int16_t* to, U16x8 x) {
#if defined(__ARM_NEON)
  vst1q_s16(to, reinterpret_cast<int16x8_t>(x));
#else
  std::memcpy(to, &x, sizeof(x));
#endif
}

/// The two halves go to different places; where these are the same, the first
/// half wins.
WQ_INLINE void StoreHalves(int16_t* first, int16_t* second, U16x8 x) {
#if defined(__ARM_NEON)
  const auto y = reinterpret_cast<int16x8_t>(x);
  vst1_s16(second, vget_high_s16(y));
  vst1_s16(first, vget_low_s16(y));
#else
  std::memcpy(second, reinterpret_cast<const char*>(&x) + 8, 8);
  std::memcpy(first, &x, 8);
#endif
}

/// Stores x / 2^shift of the signed values, which must be whole.
template <int kShift>
WQ_INLINE void StoreShifted(int32_t* to, U32x4 x) {
  using I32x4 = int32_t __attribute__((vector_size(16)));
  const I32x4 y = reinterpret_cast<I32x4>(x) >> kShift;
#if defined(__ARM_NEON)
  vst1q_s32(to, reinterpret_cast<int32x4_t>(y));
#else
  std::memcpy(to, &y, sizeof(y));
#endif
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIMD_H_
