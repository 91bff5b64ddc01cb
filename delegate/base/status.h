#ifndef WQLITE_DELEGATE_BASE_STATUS_H_
#define WQLITE_DELEGATE_BASE_STATUS_H_

#include <string>
#include <utility>

namespace wqlite {

/// The result of a step that can fail: OK, or one sentence that says what went
/// wrong, where, and what to do. (No exceptions cross the delegate's ABI.)
class [[nodiscard]] Status {
 public:
  Status() = default;
  static Status Error(std::string message) {
    Status status;
    status.message_ = std::move(message);
    return status;
  }
  bool ok() const { return message_.empty(); }
  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

}  // namespace wqlite

#endif  // WQLITE_DELEGATE_BASE_STATUS_H_
