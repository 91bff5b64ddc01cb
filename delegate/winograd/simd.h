#ifndef WQLITE_DELEGATE_WINOGRAD_SIMD_H_
#define WQLITE_DELEGATE_WINOGRAD_SIMD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define WQ_UNROLL _Pragma("GCC unroll 64")
#define WQ_NO_UNROLL _Pragma("GCC unroll 1")
#define WQ_INLINE inline __attribute__((always_inline))
#define WQ_INLINE_LAMBDA __attribute__((always_inline))

namespace wqlite {

// GCC's and Clang's vector extension: arithmetic is the compiler's, for every
// target. Elements are unsigned, since everything is modulo 2^8, 2^16 or 2^32
// by design and wrapping must be defined.
using U8x16 = uint8_t __attribute__((vector_size(16)));
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

// On ARMv7 loading or storing a vector and moving on by a fixed step is one
// instruction, which compilers do not find by themselves. It names the memory
// that it uses, so that compilers can move it: cores that execute in order wait
// for a result that is stored right after it was computed.

/// Moves a pointer by a number of bytes. In numbers: it may leave its array.
template <class Element>
WQ_INLINE void Move(Element** at, ptrdiff_t bytes) {
  *at = reinterpret_cast<Element*>(reinterpret_cast<uintptr_t>(*at) +
                                   static_cast<uintptr_t>(bytes));
}

/// A place in memory that moves on by a fixed step with every access.
template <class Element, class Vector>
class Cursor {
 public:
  static_assert(sizeof(Vector) == 16);

  /// `step` counts elements.
  WQ_INLINE Cursor(Element* at, ptrdiff_t step)
      : at_(at), step_(step * static_cast<ptrdiff_t>(sizeof(Element))) {}

  WQ_INLINE Vector Load() {
    Vector x;
#if defined(__arm__)
    asm("vld1.32 {%e0, %f0}, [%1], %2"
        : "=w"(x), "+r"(at_)
        : "r"(step_), "m"(*reinterpret_cast<const char(*)[16]>(at_)));
#else
    std::memcpy(&x, at_, sizeof(x));
    Move(&at_, step_);
#endif
    return x;
  }

  WQ_INLINE void Store(Vector x) {
#if defined(__arm__)
    asm("vst1.32 {%e2, %f2}, [%0], %3"
        : "+r"(at_), "=m"(*reinterpret_cast<char(*)[16]>(at_))
        : "w"(x), "r"(step_));
#else
    std::memcpy(at_, &x, sizeof(x));
    Move(&at_, step_);
#endif
  }

 private:
  Element* at_;
  ptrdiff_t step_;  // Bytes.
};

using Cursor8 = Cursor<int8_t, U8x16>;
using Cursor16 = Cursor<int16_t, U16x8>;
using Cursor32 = Cursor<int32_t, U32x4>;

/// The same for the two halves of vectors, `distance` elements apart; where
/// that is 0, the first half wins.
template <class Element>
class HalvesCursor {
 public:
  WQ_INLINE HalvesCursor(Element* at, ptrdiff_t step, ptrdiff_t distance)
      : first_(at),
        second_(at + distance),
        step_(step * static_cast<ptrdiff_t>(sizeof(Element))) {}

  template <class Vector>
  WQ_INLINE void Store(Vector x) {
#if defined(__arm__)
    asm("vst1.32 {%f2}, [%0], %3"
        : "+r"(second_), "=m"(*reinterpret_cast<char(*)[8]>(second_))
        : "w"(x), "r"(step_));
    asm("vst1.32 {%e2}, [%0], %3"
        : "+r"(first_), "=m"(*reinterpret_cast<char(*)[8]>(first_))
        : "w"(x), "r"(step_));
#else
    std::memcpy(second_, reinterpret_cast<const char*>(&x) + 8, 8);
    std::memcpy(first_, &x, 8);
    Move(&second_, step_);
    Move(&first_, step_);
#endif
  }

 private:
  Element* first_;
  Element* second_;
  ptrdiff_t step_;  // Bytes.
};

/// A small matrix of vectors, walked along rows and columns, in memory.
template <class Element, class Vector, int kRows, int kCols>
class MemoryBuffer {
 public:
  static constexpr bool kUnrollLoops = false;

  WQ_INLINE auto Row(int row) { return Walk(row * kCols, 1); }
  WQ_INLINE auto Column(int column) { return Walk(column, kCols); }

 private:
  static constexpr int kLanes = 16 / sizeof(Element);

  WQ_INLINE auto Walk(int first, int step) {
    return Cursor<Element, Vector>(values_ + first * kLanes, step * kLanes);
  }

  alignas(16) Element values_[kRows * kCols * kLanes];
};

/// The same in registers, as long as all loops around it are unrolled.
template <class Vector, int kRows, int kCols>
class RegisterBuffer {
 public:
  static constexpr bool kUnrollLoops = true;

  struct Walk {
    Vector* at;
    int step;
    WQ_INLINE Vector Load() {
      const Vector x = *at;
      at += step;
      return x;
    }
    WQ_INLINE void Store(Vector x) {
      *at = x;
      at += step;
    }
  };
  WQ_INLINE Walk Row(int row) { return {values_ + row * kCols, 1}; }
  WQ_INLINE Walk Column(int column) { return {values_ + column, kCols}; }

 private:
  Vector values_[kRows * kCols];
};

/// body(0), body(1) .. body(kCount - 1).
template <int kCount, bool kUnroll, class Body>
WQ_INLINE void Repeat(Body body) {
  if constexpr (kUnroll) {
    WQ_UNROLL for (int i = 0; i < kCount; ++i) body(i);
  } else {
    WQ_NO_UNROLL for (int i = 0; i < kCount; ++i) body(i);
  }
}

/// x / 2^shift of the signed values, which must be whole.
template <int kShift>
WQ_INLINE U32x4 ShiftedRight(U32x4 x) {
  using I32x4 = int32_t __attribute__((vector_size(16)));
  return reinterpret_cast<U32x4>(reinterpret_cast<I32x4>(x) >> kShift);
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_SIMD_H_
