#include "delegate/base/allocate.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace wqlite {
namespace {

// Android has aligned_alloc from API level 28 on.
void* Allocate(size_t alignment, size_t bytes) {
  void* block = nullptr;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
}

// Where the address space is small, blocks that begin at huge pages would cut
// it up, and the kernel has none.
#if defined(MADV_HUGEPAGE) && UINTPTR_MAX > UINT32_MAX
constexpr size_t kHugePage = size_t{2} << 20;

/// Bytes at the begin of a block that go into huge pages: the last one must be
/// filled to three quarters, so that little memory is taken for nothing.
size_t HugeBytes(size_t bytes) {
  return (bytes / (kHugePage / 4) + 1) / 4 * kHugePage;
}

void* AllocateHuge(size_t bytes) {
  const size_t huge = HugeBytes(bytes);
  void* block = Allocate(kHugePage, std::max(bytes, huge));
  if (block == nullptr) return nullptr;
  // A kernel that has none says no, and nothing is lost.
  madvise(block, huge, MADV_HUGEPAGE);
  return block;
}
#else
size_t HugeBytes(size_t) { return 0; }

void* AllocateHuge(size_t) { return nullptr; }
#endif

}  // namespace

void* AllocateAligned(size_t alignment, size_t bytes) {
  return HugeBytes(bytes) > 0 ? AllocateHuge(bytes)
                              : Allocate(alignment, bytes);
}

}  // namespace wqlite
