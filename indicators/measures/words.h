// Parts of definitions as English text. Pure.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "kpr/v1/definition.pb.h"

namespace kpr {

template <typename Items, typename Text>
std::string Listed(const Items& items, Text text, const char* between = ", ") {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : between) + text(item);
  return all;
}

// SOME_PREFIX_TWO_WORDS as "two words".
inline std::string Words(std::string text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return text;
}

// "medicines 10 to 99".
inline std::string ValueTestText(const v1::ValueTest& test) {
  const std::string field = Words(v1::ValueField_Name(test.field()), "VALUE_FIELD_");
  return test.from() == test.to() ? fmt::format("{} {}", field, test.from())
                                  : fmt::format("{} {} to {}", field, test.from(), test.to());
}

}  // namespace kpr
