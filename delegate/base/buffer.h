#ifndef WQLITE_DELEGATE_BASE_BUFFER_H_
#define WQLITE_DELEGATE_BASE_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "delegate/base/allocate.h"
#include "delegate/base/checked_size.h"

namespace wqlite {

/// A cache line, and what the widest vector load wants.
inline constexpr int kAlignment = 64;

/// An aligned array that says so when there is no memory for it, where
/// std::vector would end the program.
template <class T>
class Buffer {
 public:
  /// Replaces the contents with `count` uninitialised elements; false when
  /// there is no memory.
  bool Allocate(CheckedSize count) {
    const CheckedSize bytes = (count * sizeof(T) + 1).RoundedUpTo(kAlignment);
    data_.reset(bytes.fits_memory() ? static_cast<T*>(AllocateAligned(
                                          kAlignment, bytes.AsBytes()))
                                    : nullptr);
    return data_ != nullptr;
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T, Free> data_;
};

/// Hands out aligned pieces of one block of memory; with a null block it only
/// adds up what they need.
class Carver {
 public:
  explicit Carver(void* block) : block_(static_cast<std::byte*>(block)) {}

  template <class T>
  T* Take(CheckedSize count) {
    std::byte* piece = block_ == nullptr ? nullptr : block_ + used_.AsBytes();
    used_ += (count * sizeof(T)).RoundedUpTo(kAlignment);
    return reinterpret_cast<T*>(piece);
  }
  CheckedSize used() const { return used_; }

 private:
  std::byte* block_;
  CheckedSize used_ = 0;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_BUFFER_H_
