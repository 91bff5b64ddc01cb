#ifndef WQLITE_DELEGATE_WINOGRAD_CHECKED_S8_H_
#define WQLITE_DELEGATE_WINOGRAD_CHECKED_S8_H_

#include <cstdint>

#include "delegate/winograd/simd.h"

#if defined(__arm__)

namespace wqlite {

/// 16 int8 lanes whose additions and subtractions take note of overflow: they
/// saturate, which sets the processor's cumulative flag FPSCR.QC.
class CheckedS8 {
 public:
  CheckedS8() = default;
  explicit WQ_INLINE CheckedS8(U8x16 value)
      : value_(reinterpret_cast<int8x16_t>(value)) {}

  WQ_INLINE U8x16 value() const { return reinterpret_cast<U8x16>(value_); }

  WQ_INLINE CheckedS8& operator+=(const CheckedS8& y) {
    value_ = vqaddq_s8(value_, y.value_);
    return *this;
  }
  WQ_INLINE CheckedS8& operator-=(const CheckedS8& y) {
    value_ = vqsubq_s8(value_, y.value_);
    return *this;
  }

 private:
  int8x16_t value_ = {};
};

/// Whether an operation of CheckedS8 in this thread overflowed after the flag
/// was made. What it is asked about must have gone from and to memory in
/// between: that is what keeps compilers from moving it past the flag.
class OverflowFlag {
 public:
  OverflowFlag() {
    uint32_t status;
    asm volatile(
        "vmrs %0, fpscr\n"
        "bic %0, %0, %1\n"
        "vmsr fpscr, %0"
        : "=&r"(status)
        : "i"(kSaturated)
        : "memory");
  }

  bool raised() const {
    uint32_t status;
    asm volatile("vmrs %0, fpscr" : "=r"(status) : : "memory");
    return (status & kSaturated) != 0;
  }

  WQ_INLINE void Note(const CheckedS8&) {}

 private:
  static constexpr uint32_t kSaturated = 1u << 27;  // QC
};

}  // namespace wqlite

#else

namespace wqlite {

/// 16 int8 lanes whose additions and subtractions take note of overflow, in the
/// sign bits of a second vector.
class CheckedS8 {
 public:
  CheckedS8() = default;
  explicit WQ_INLINE CheckedS8(U8x16 value) : value_(value) {}

  WQ_INLINE U8x16 value() const { return value_; }
  WQ_INLINE U8x16 overflow() const { return overflow_; }

  // A sum overflows where its sign is that of neither operand.
  WQ_INLINE CheckedS8& operator+=(const CheckedS8& y) {
    const U8x16 sum = value_ + y.value_;
    overflow_ |= y.overflow_ | ((value_ ^ sum) & (y.value_ ^ sum));
    value_ = sum;
    return *this;
  }
  // A difference, where x and y differ in sign, and x and the difference.
  WQ_INLINE CheckedS8& operator-=(const CheckedS8& y) {
    const U8x16 difference = value_ - y.value_;
    overflow_ |= y.overflow_ | ((value_ ^ y.value_) & (value_ ^ difference));
    value_ = difference;
    return *this;
  }

 private:
  U8x16 value_ = {};
  U8x16 overflow_ = {};
};

/// Whether a value that was noted overflowed on the way.
class OverflowFlag {
 public:
  bool raised() const {
    uint8_t any = 0;
    for (int i = 0; i < 16; ++i) any |= noted_[i];
    return (any & 0x80) != 0;
  }

  WQ_INLINE void Note(const CheckedS8& x) { noted_ |= x.overflow(); }

 private:
  U8x16 noted_ = {};
};

}  // namespace wqlite

#endif

namespace wqlite {

WQ_INLINE CheckedS8 operator+(CheckedS8 x, const CheckedS8& y) {
  return x += y;
}
WQ_INLINE CheckedS8 operator-(CheckedS8 x, const CheckedS8& y) {
  return x -= y;
}

/// Only so that generic code compiles: factors are 1.
template <int32_t kFactor>
WQ_INLINE CheckedS8 Times(CheckedS8 x) {
  static_assert(kFactor == 1, "CheckedS8 only adds and subtracts");
  return x;
}

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_WINOGRAD_CHECKED_S8_H_
