#include "delegate/tflite/log.h"

#include <cstdio>

namespace wqlite {

void Logger::Write(LogLevel level, const std::string& line) const {
  if (level > level_) return;
  const std::string text = "wqlite: " + line + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace wqlite
