#include "delegate/tflite/log.h"

#ifdef __ANDROID__
#include <android/log.h>
#else
#include <cstdio>
#endif

namespace wqlite {
namespace {

#ifdef __ANDROID__

int Priority(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return ANDROID_LOG_INFO;
    case LogLevel::kWarning:
      return ANDROID_LOG_WARN;
    default:
      return ANDROID_LOG_ERROR;
  }
}

void WriteLine(LogLevel level, const std::string& line) {
  __android_log_write(Priority(level), "wqlite", line.c_str());
}

#else

void WriteLine(LogLevel, const std::string& line) {
  const std::string text = "wqlite: " + line + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

#endif

}  // namespace

void Logger::Write(LogLevel level, const std::string& line) const {
  if (level <= level_) WriteLine(level, line);
}

}  // namespace wqlite
