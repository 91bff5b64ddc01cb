#ifndef WQLITE_DELEGATE_TFLITE_LAST_ERROR_H_
#define WQLITE_DELEGATE_TFLITE_LAST_ERROR_H_

namespace wqlite {

/// The calling thread's last error, a sentence or "". By a pthread key, because
/// Android's linker before API level 29 loads no library with thread-local
/// variables.
const char* LastError() noexcept;

/// Copies `message`; without memory the last error becomes "out of memory".
void SetLastError(const char* message) noexcept;

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_LAST_ERROR_H_
