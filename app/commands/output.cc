#include "app/commands/output.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>

namespace kpr {
namespace {

std::string ToJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = indented;
  std::string text;
  return google::protobuf::util::MessageToJsonString(message, &text, options).ok() ? text : "";
}

}  // namespace

void PrintJson(const google::protobuf::Message& message) {
  std::cout << ToJson(message, true);
}

void PrintJsonLine(const google::protobuf::Message& message) {
  std::cout << ToJson(message, false) << std::endl;
}

void Print(const TextTable& table, Output output) {
  output == Output::kCsv ? PrintCsv(table, &std::cout) : PrintTable(table, &std::cout);
}

std::string Plural(uint64_t count, const std::string& one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string WithoutPrefix(const std::string& name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string Number(double value, uint32_t decimals) {
  return fmt::format("{:.{}f}", value, decimals);
}

std::string Number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace kpr
