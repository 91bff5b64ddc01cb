// Android's log, as far as it is used here, by the NDK's documentation of it.
#ifndef WQLITE_TOOLS_ANDROID_SYSROOT_INCLUDE_ANDROID_LOG_H_
#define WQLITE_TOOLS_ANDROID_SYSROOT_INCLUDE_ANDROID_LOG_H_

#ifdef __cplusplus
extern "C" {
#endif

enum {
  ANDROID_LOG_INFO = 4,
  ANDROID_LOG_WARN,
  ANDROID_LOG_ERROR,
};

int __android_log_write(int priority, const char* tag, const char* text);

#ifdef __cplusplus
}
#endif

#endif  // WQLITE_TOOLS_ANDROID_SYSROOT_INCLUDE_ANDROID_LOG_H_
