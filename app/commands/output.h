// How answers are shown: an aligned table, CSV or JSON.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "app/commands/table.h"

namespace kpr {

enum class Output { kTable, kCsv, kJson };

// Zeros and false included.
void PrintJson(const google::protobuf::Message& message);
// One line.
void PrintJsonLine(const google::protobuf::Message& message);
void Print(const TextTable& table, Output output);
std::string Plural(uint64_t count, const std::string& one);  // "1 event", "2 events"
// An enum value's name without its enum's prefix: "STATE_RUNNING" is "RUNNING".
std::string WithoutPrefix(const std::string& name, std::string_view prefix);
// With so many decimals.
std::string Number(double value, uint32_t decimals);
// As many decimals as it needs, at most two.
std::string Number(double value);

}  // namespace kpr
