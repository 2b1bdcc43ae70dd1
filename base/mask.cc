#include "base/mask.h"

namespace kpr {

std::string WithoutLongNumbers(const std::string& text) {
  constexpr size_t kShort = 5;
  std::string masked, digits;
  const auto flush = [&] {
    masked += digits.size() > kShort ? "#" : digits;
    digits.clear();
  };
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
      continue;
    }
    flush();
    masked += c;
  }
  flush();
  return masked;
}

}  // namespace kpr
