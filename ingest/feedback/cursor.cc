#include "ingest/feedback/cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpr {

std::optional<Cursor> Cursor::Parse(const std::string& text, uint64_t epoch, uint32_t partitions) {
  Cursor cursor = Start(epoch, partitions);
  if (text.empty()) return cursor;
  std::vector<uint64_t> numbers;
  for (size_t at = text[0] == 'g' ? 1 : text.size(); at < text.size();) {
    const size_t end = std::min(text.find('.', at), text.size());
    const std::string part = text.substr(at, end - at);
    if (part.empty() || part.size() > 19 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    numbers.push_back(std::stoull(part));
    at = end + 1;
  }
  if (numbers.empty()) return std::nullopt;
  if (numbers[0] != epoch) return cursor;
  if (numbers.size() != partitions + 1) return std::nullopt;
  cursor.next.assign(numbers.begin() + 1, numbers.end());
  return cursor;
}

std::string Cursor::ToString() const {
  return fmt::format("g{}.{}", epoch, fmt::join(next, "."));
}

}  // namespace kpr
