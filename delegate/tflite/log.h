#ifndef WQLITE_DELEGATE_TFLITE_LOG_H_
#define WQLITE_DELEGATE_TFLITE_LOG_H_

#include <string>

namespace wqlite {

enum class LogLevel { kSilent, kError, kWarning, kInfo };

/// Writes lines to stderr, each with the prefix "wqlite: " and in one piece, so
/// that lines of several threads do not mix. On Android they go to the log
/// (logcat), with the tag "wqlite" and a priority by their level.
class Logger {
 public:
  explicit Logger(LogLevel level) : level_(level) {}

  void Error(const std::string& line) const { Write(LogLevel::kError, line); }
  void Warning(const std::string& line) const {
    Write(LogLevel::kWarning, line);
  }
  void Info(const std::string& line) const { Write(LogLevel::kInfo, line); }

 private:
  void Write(LogLevel level, const std::string& line) const;

  LogLevel level_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_TFLITE_LOG_H_
