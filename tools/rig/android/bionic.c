// What Android's C library, bionic, does otherwise than glibc, for libraries
// that were linked against bionic at API level 21: enough for TensorFlow Lite.
// pass_through.py hands everything else to glibc.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Defines NAME as Android's libraries ask for it. Not the default version: else
// calls of glibc's NAME in this file would end here.
#define BIONIC(name)                                   \
  __asm__(".symver bionic_" #name ", " #name "@LIBC"); \
  __attribute__((visibility("default")))

// errno, in <errno.h>.
BIONIC(__errno) int* bionic___errno(void) { return &errno; }

// stdin, stdout and stderr are the addresses of three structs.
enum { kFileSize = sizeof(void*) == 8 ? 152 : 84 };
BIONIC(__sF) _Alignas(16) char bionic___sF[3 * kFileSize];

static FILE* File(void* file) {
  const uintptr_t offset = (uintptr_t)file - (uintptr_t)bionic___sF;
  if (offset >= sizeof bionic___sF) return file;
  FILE* const standard[] = {stdin, stdout, stderr};
  return standard[offset / kFileSize];
}

BIONIC(vfprintf)
int bionic_vfprintf(void* file, const char* format, va_list arguments) {
  return vfprintf(File(file), format, arguments);
}

BIONIC(fprintf) int bionic_fprintf(void* file, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int written = vfprintf(File(file), format, arguments);
  va_end(arguments);
  return written;
}

BIONIC(fwrite)
size_t bionic_fwrite(const void* data, size_t size, size_t count, void* file) {
  return fwrite(data, size, count, File(file));
}

BIONIC(fread)
size_t bionic_fread(void* data, size_t size, size_t count, void* file) {
  return fread(data, size, count, File(file));
}

BIONIC(fputc) int bionic_fputc(int c, void* file) {
  return fputc(c, File(file));
}

BIONIC(fflush) int bionic_fflush(void* file) {
  return fflush(file == NULL ? NULL : File(file));
}

BIONIC(fclose) int bionic_fclose(void* file) { return fclose(File(file)); }

BIONIC(fileno) int bionic_fileno(void* file) { return fileno(File(file)); }

// The log, all of it to standard error. In liblog.so, without a version.
__attribute__((visibility("default"))) int __android_log_vprint(
    int priority, const char* tag, const char* format, va_list arguments) {
  (void)priority;
  fprintf(stderr, "%s: ", tag);
  const int written = vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  return written;
}

__attribute__((visibility("default"))) int __android_log_write(
    int priority, const char* tag, const char* text) {
  (void)priority;
  return fprintf(stderr, "%s: %s\n", tag, text);
}

BIONIC(android_set_abort_message)
void bionic_android_set_abort_message(const char* message) {
  fprintf(stderr, "abort: %s\n", message);
}

BIONIC(__assert2)
void bionic___assert2(const char* file, int line, const char* function,
                      const char* condition) {
  fprintf(stderr, "%s:%d: %s: %s is false\n", file, line, function, condition);
  abort();
}

BIONIC(__strlen_chk)
size_t bionic___strlen_chk(const char* text, size_t capacity) {
  const size_t length = strlen(text);
  if (length >= capacity) abort();
  return length;
}

// POSIX's, where glibc's default returns a string.
int __xpg_strerror_r(int number, char* buffer, size_t size);
BIONIC(strerror_r)
int bionic_strerror_r(int number, char* buffer, size_t size) {
  return __xpg_strerror_r(number, buffer, size);
}

// Of the system's properties there is only the API level, of which TensorFlow
// Lite for Java makes it depend whether it looks for XNNPACK.
BIONIC(__system_property_get)
int bionic___system_property_get(const char* name, char* value) {
  const bool known = strcmp(name, "ro.build.version.sdk") == 0;
  strcpy(value, known ? "21" : "");
  return (int)strlen(value);
}

// The numbers of its names are in bionic's bits/sysconf.h.
BIONIC(sysconf) long bionic_sysconf(int name) {
  switch (name) {
    case 0x27:
    case 0x28:
      return sysconf(_SC_PAGESIZE);
    case 0x60:
      return sysconf(_SC_NPROCESSORS_CONF);
    case 0x61:
      return sysconf(_SC_NPROCESSORS_ONLN);
    default:
      fprintf(stderr, "bionic.c: add the name %#x to sysconf\n", name);
      abort();
  }
}

#ifdef __arm__

// The kernel's struct stat64, on 32 bits also without large files.
BIONIC(fstat) int bionic_fstat(int file, struct stat64* status) {
  return fstat64(file, status);
}

uintptr_t __gnu_Unwind_Find_exidx(uintptr_t pc, int* count);
BIONIC(dl_unwind_find_exidx)
uintptr_t bionic_dl_unwind_find_exidx(uintptr_t pc, int* count) {
  return __gnu_Unwind_Find_exidx(pc, count);
}

BIONIC(__stack_chk_guard) uintptr_t bionic___stack_chk_guard = 0x7f3a5c11;

// 32-bit mutexes and condition variables have 4 bytes, which start as zero:
// they hold the address of glibc's, which are larger and start as zero, too.
static void* Larger(void** field, size_t size) {
  void* larger = __atomic_load_n(field, __ATOMIC_ACQUIRE);
  if (larger != NULL) return larger;
  void* const made = calloc(1, size);
  if (made == NULL) abort();
  if (__atomic_compare_exchange_n(field, &larger, made, false, __ATOMIC_ACQ_REL,
                                  __ATOMIC_ACQUIRE)) {
    return made;
  }
  free(made);  // another thread was first
  return larger;
}

static pthread_mutex_t* Mutex(void** field) {
  return Larger(field, sizeof(pthread_mutex_t));
}

static pthread_cond_t* Condition(void** field) {
  return Larger(field, sizeof(pthread_cond_t));
}

BIONIC(pthread_mutex_lock) int bionic_pthread_mutex_lock(void** mutex) {
  return pthread_mutex_lock(Mutex(mutex));
}

BIONIC(pthread_mutex_unlock) int bionic_pthread_mutex_unlock(void** mutex) {
  return pthread_mutex_unlock(Mutex(mutex));
}

BIONIC(pthread_mutex_destroy) int bionic_pthread_mutex_destroy(void** mutex) {
  free(*mutex);
  *mutex = NULL;
  return 0;
}

BIONIC(pthread_cond_wait)
int bionic_pthread_cond_wait(void** condition, void** mutex) {
  return pthread_cond_wait(Condition(condition), Mutex(mutex));
}

BIONIC(pthread_cond_signal) int bionic_pthread_cond_signal(void** condition) {
  return pthread_cond_signal(Condition(condition));
}

BIONIC(pthread_cond_broadcast)
int bionic_pthread_cond_broadcast(void** condition) {
  return pthread_cond_broadcast(Condition(condition));
}

BIONIC(pthread_cond_destroy)
int bionic_pthread_cond_destroy(void** condition) {
  free(*condition);
  *condition = NULL;
  return 0;
}

#endif  // __arm__
