#ifndef WQLITE_DELEGATE_BASE_CHECKED_SIZE_H_
#define WQLITE_DELEGATE_BASE_CHECKED_SIZE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace wqlite {

/// The largest count that loops and indices take: sums of two, and counts that
/// are rounded up, stay inside int.
inline constexpr int kMaxIndex = 1 << 30;

/// A size that follows from the numbers of a model file, as products of which
/// may be more than this machine can address, or any integer hold. Counts in 64
/// bits on every machine, and what has become too large stays so.
class CheckedSize {
 public:
  /// Negative sizes count as too large.
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  constexpr CheckedSize(T value)  // NOLINT: a size is a number.
      : value_(value < 0 ? kTooLarge : static_cast<uint64_t>(value)) {}

  friend constexpr CheckedSize operator+(CheckedSize a, CheckedSize b) {
    uint64_t sum = 0;
    const bool overflow = __builtin_add_overflow(a.value_, b.value_, &sum);
    return overflow || a.too_large() || b.too_large() ? TooLarge() : sum;
  }
  friend constexpr CheckedSize operator*(CheckedSize a, CheckedSize b) {
    uint64_t product = 0;
    const bool overflow = __builtin_mul_overflow(a.value_, b.value_, &product);
    return overflow || a.too_large() || b.too_large() ? TooLarge() : product;
  }
  CheckedSize& operator+=(CheckedSize other) { return *this = *this + other; }

  /// Divided by a positive number, rounded up.
  constexpr CheckedSize DividedBy(int divisor) const {
    if (too_large()) return *this;
    return value_ / divisor + (value_ % divisor != 0 ? 1 : 0);
  }
  /// The next multiple of a positive number.
  constexpr CheckedSize RoundedUpTo(int multiple) const {
    return DividedBy(multiple) * multiple;
  }

  /// Whether so many bytes can be one block of memory.
  constexpr bool fits_memory() const { return value_ <= PTRDIFF_MAX; }

  /// The size as an index; kMaxIndex where it is larger, and `fits` is cleared.
  int AsIndex(bool* fits) const {
    if (value_ <= kMaxIndex) return static_cast<int>(value_);
    *fits = false;
    return kMaxIndex;
  }
  /// The size as bytes of one block of memory; PTRDIFF_MAX where it is larger,
  /// and `fits` is cleared.
  size_t AsBytes(bool* fits) const {
    if (!fits_memory()) *fits = false;
    return AsBytes();
  }
  size_t AsBytes() const {
    return fits_memory() ? static_cast<size_t>(value_) : PTRDIFF_MAX;
  }

 private:
  static constexpr uint64_t kTooLarge = UINT64_MAX;

  static constexpr CheckedSize TooLarge() { return kTooLarge; }
  constexpr bool too_large() const { return value_ == kTooLarge; }

  uint64_t value_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_CHECKED_SIZE_H_
