#ifndef WQLITE_DELEGATE_BASE_ALLOCATE_H_
#define WQLITE_DELEGATE_BASE_ALLOCATE_H_

#include <cstddef>

namespace wqlite {

/// Uninitialised memory, for std::free; null when there is none. `alignment` is
/// a power of two, and `bytes` a multiple of it.
///
/// Of large blocks the kernel is asked for huge pages: it maps and clears
/// memory when it is first written, which page by page takes several times as
/// long as transforming weights into it.
void* AllocateAligned(size_t alignment, size_t bytes);

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_ALLOCATE_H_
