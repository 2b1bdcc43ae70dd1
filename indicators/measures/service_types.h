// Service types of kodeverk 9151, as definitions list them. Pure.
#pragma once

#include <fmt/format.h>

#include <string>

#include "base/code_set.h"
#include "indicators/measures/words.h"
#include "registry/codelists/codelists.h"

namespace kpr {

template <typename Types>
CodeSet CodesOf(const Types& types) {
  CodeSet codes;
  for (const uint32_t type : types) codes.Add(type);
  return codes;
}

// What was expected instead; empty: nothing is wrong.
template <typename Types>
std::string CheckTypes(const Types& types) {
  if (types.empty()) return "at least one service type";
  for (const uint32_t type : types) {
    if (ServiceTypeName(type).empty())
      return fmt::format("service types of kodeverk 9151, which has no {}", type);
  }
  return "";
}

template <typename Types>
std::string TypesText(const Types& types) {
  return Listed(types, [](uint32_t type) { return std::to_string(type); });
}

}  // namespace kpr
