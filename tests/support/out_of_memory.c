// Gives a delegate an option that does not fit into memory, in a program whose
// memory has no block of a MiB:
//
//     out_of_memory DELEGATE
//
// Prints what the delegate says.
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { kLargest = 1 << 20 };

// Of this program and all that it loads. glibc's own is __libc_malloc.
void* __libc_malloc(size_t size);
__attribute__((visibility("default"))) void* malloc(size_t size) {
  return size < kLargest ? __libc_malloc(size) : NULL;
}

static void Say(const char* message) { printf("%s\n", message); }

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    printf("%s\n", dlerror());
    return 2;
  }
  void* (*create)(const char* const*, const char* const*, size_t,
                  void (*)(const char*));
  *(void**)&create = dlsym(library, "tflite_plugin_create_delegate");
  static char value[2 * kLargest];
  memset(value, 'x', sizeof value - 1);
  const char* keys[] = {"algorithm"};
  const char* values[] = {value};
  return create(keys, values, 1, Say) == NULL ? 0 : 1;
}
