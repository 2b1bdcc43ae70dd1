// Errors as values. Nothing in kpr throws across a module boundary: every call that can fail returns
// Status or Result<T>. Both are [[nodiscard]]; an OK Status carries no text and costs nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kpr {

enum class Code {
  kOk,
  kInvalid,             // the caller's input is wrong; the message names the place and the fix
  kNotFound,            // what was named does not exist
  kFailedPrecondition,  // the state does not allow it (a running server holds the lock, a catalogue differs)
  kResourceExhausted,   // a bound is reached (disk, queue, rate); try again later
  kDataLoss,            // stored bytes are not what was written; never continue over it
  kUnavailable,         // another process or a resource is unavailable; try again
  kInternal,            // a promise of our own code is broken
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  // The same failure with the place it happened in put before the message.
  Status WithContext(std::string_view place) const {
    return ok() ? *this : Status(code_, std::string(place) + ": " + message_);
  }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status Invalid(std::string message) {
  return {Code::kInvalid, std::move(message)};
}
inline Status NotFound(std::string message) {
  return {Code::kNotFound, std::move(message)};
}
inline Status FailedPrecondition(std::string message) {
  return {Code::kFailedPrecondition, std::move(message)};
}
inline Status ResourceExhausted(std::string message) {
  return {Code::kResourceExhausted, std::move(message)};
}
inline Status DataLoss(std::string message) {
  return {Code::kDataLoss, std::move(message)};
}
inline Status Unavailable(std::string message) {
  return {Code::kUnavailable, std::move(message)};
}
inline Status Internal(std::string message) {
  return {Code::kInternal, std::move(message)};
}

// A value or the reason why there is none. Reading value() without ok() is a programming error.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}          // NOLINT: implicit by design
  Result(Status status) : status_(std::move(status)) {}  // NOLINT: implicit by design
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

#define KPR_CONCAT_INNER_(a, b) a##b
#define KPR_CONCAT_(a, b) KPR_CONCAT_INNER_(a, b)
#define KPR_RETURN_IF_ERROR(expression)                                                                      \
  do {                                                                                                       \
    if (::kpr::Status KPR_CONCAT_(status_, __LINE__) = (expression); !KPR_CONCAT_(status_, __LINE__).ok()) { \
      return KPR_CONCAT_(status_, __LINE__);                                                                 \
    }                                                                                                        \
  } while (false)

#define KPR_ASSIGN_OR_RETURN(target, expression)                                            \
  auto KPR_CONCAT_(result_, __LINE__) = (expression);                                       \
  if (!KPR_CONCAT_(result_, __LINE__).ok()) return KPR_CONCAT_(result_, __LINE__).status(); \
  target = std::move(*KPR_CONCAT_(result_, __LINE__))

}  // namespace kpr
