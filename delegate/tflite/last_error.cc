#include "delegate/tflite/last_error.h"

#include <pthread.h>

#include <cstdlib>
#include <cstring>

namespace wqlite {
namespace {

char out_of_memory[] = "out of memory";

void Free(void* text) {
  if (text != out_of_memory) std::free(text);
}

// Goes with the library: no thread that ends later may call Free.
class Key {
 public:
  Key() : made_(pthread_key_create(&key_, Free) == 0) {}
  ~Key() {
    if (made_) pthread_key_delete(key_);
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const char* text() const {
    if (!made_) return out_of_memory;
    const void* text = pthread_getspecific(key_);
    return text == nullptr ? "" : static_cast<const char*>(text);
  }

  // Takes `text` over.
  void SetText(char* text) {
    void* before = made_ ? pthread_getspecific(key_) : nullptr;
    const bool kept = made_ && pthread_setspecific(key_, text) == 0;
    Free(kept ? before : text);
  }

 private:
  pthread_key_t key_;
  const bool made_;
};

Key& TheKey() {
  static Key key;
  return key;
}

}  // namespace

const char* LastError() noexcept { return TheKey().text(); }

void SetLastError(const char* message) noexcept {
  char* text = strdup(message);
  TheKey().SetText(text == nullptr ? out_of_memory : text);
}

}  // namespace wqlite
