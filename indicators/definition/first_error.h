// The first fault that the textproto parser finds, by file, line and column.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>

#include <string>
#include <utility>

namespace kpr {

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string file) : file_(std::move(file)) {}
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("{}:{}:{}: {}", file_, line + 1, column + 1, message);
  }
  void AddWarning(int, int, const std::string&) override {}
  const std::string& text() const { return text_; }

 private:
  std::string file_, text_;
};

}  // namespace kpr
