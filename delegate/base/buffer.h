#ifndef WQLITE_DELEGATE_BASE_BUFFER_H_
#define WQLITE_DELEGATE_BASE_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace wqlite {

/// A cache line, and what the widest vector load wants.
inline constexpr size_t kAlignment = 64;

constexpr size_t AlignUp(size_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

/// An aligned array that says so when there is no memory for it, where
/// std::vector would end the program.
template <class T>
class Buffer {
 public:
  /// Replaces the contents with `count` uninitialised elements; false when
  /// there is no memory.
  bool Allocate(size_t count) {
    if (count > (static_cast<size_t>(-1) - kAlignment) / sizeof(T))
      return false;
    const size_t bytes = AlignUp(count * sizeof(T) + 1);
    data_.reset(static_cast<T*>(std::aligned_alloc(kAlignment, bytes)));
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
  T* Take(size_t count) {
    std::byte* piece = block_ == nullptr ? nullptr : block_ + used_;
    used_ += AlignUp(count * sizeof(T));
    return reinterpret_cast<T*>(piece);
  }
  size_t used() const { return used_; }

 private:
  std::byte* block_;
  size_t used_ = 0;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_BUFFER_H_
