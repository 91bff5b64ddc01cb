// Makes the delegate's allocations and threads fail, one by one: LD_PRELOADed
// by tests/delegate/test_failures.py, which also calls the functions at the
// end.
//
// Only calls from inside of libwq_delegate.so count, so that Python and TFLite
// stay whole.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

static uintptr_t begin, end;  // Of the delegate's code.
static long seen, fail_at, fail_from, fail_threads;

static int find_delegate(struct dl_phdr_info* info, size_t size, void* data) {
  (void)size;
  (void)data;
  if (strstr(info->dlpi_name, "libwq_delegate") == NULL) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)* header = &info->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
    begin = info->dlpi_addr + header->p_vaddr;
    end = begin + header->p_memsz;
  }
  return 1;
}

static int is_delegate(const void* caller) {
  return (uintptr_t)caller >= begin && (uintptr_t)caller < end;
}

static int fails(const void* caller) {
  if (!is_delegate(caller)) return 0;
  const long number = __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
  const int failing =
      number == fail_at || (fail_from > 0 && number >= fail_from);
  if (failing) errno = ENOMEM;
  return failing;
}

#define CALLER __builtin_return_address(0)

void* malloc(size_t size) { return fails(CALLER) ? NULL : __libc_malloc(size); }

void* calloc(size_t count, size_t size) {
  return fails(CALLER) ? NULL : __libc_calloc(count, size);
}

void* realloc(void* block, size_t size) {
  return fails(CALLER) ? NULL : __libc_realloc(block, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return fails(CALLER) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, size_t alignment, size_t size) {
  if (fails(CALLER)) return ENOMEM;
  *block = __libc_memalign(alignment, size);
  return *block == NULL ? ENOMEM : 0;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*run)(void*), void* argument) {
  static int (*next)(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                     void*);
  if (next == NULL) *(void**)&next = dlsym(RTLD_NEXT, "pthread_create");
  if (fail_threads > 0 && is_delegate(CALLER)) return EAGAIN;
  return next(thread, attributes, run, argument);
}

/// From now on: counts from 1 again, and fails the allocation number `at` (0:
/// none), all from number `from` on (0: none), and all threads where `threads`
/// is not 0. Call it when the delegate is loaded.
void wq_fail(long at, long from, long threads) {
  dl_iterate_phdr(find_delegate, NULL);
  seen = 0;
  fail_at = at;
  fail_from = from;
  fail_threads = threads;
}

/// The delegate's allocations since then.
long wq_allocations(void) { return seen; }
