// What glibc's headers call by another name than bionic at API level 21.
#include <stddef.h>
#include <stdint.h>

#define HIDDEN __attribute__((visibility("hidden")))

int* __errno(void);
HIDDEN int* __errno_location(void) { return __errno(); }

// The one of POSIX, which glibc has beside another one.
int strerror_r(int, char*, size_t);
HIDDEN int __xpg_strerror_r(int number, char* text, size_t size) {
  return strerror_r(number, text, size);
}

// stdin, stdout and stderr are the addresses of three structs.
enum { kFileSize = sizeof(void*) == 8 ? 152 : 84 };
extern char __sF[];
HIDDEN void* const stderr = __sF + 2 * kFileSize;
