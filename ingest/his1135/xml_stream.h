// A bounded pull reader over libxml2: start tags with their attributes, and the line they stand in.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kpr::his1135 {

struct Element {
  int depth = 0;  // 0 for the root
  int line = 0;
  std::string name;
  std::map<std::string, std::string> attributes;

  // Empty where it is absent.
  const std::string& attribute(const std::string& key) const;
};

// Where a message is read from: a file, or the text itself, which outlives it.
struct Source {
  std::string name;  // the file's path, or what errors call the text
  std::optional<std::string_view> text;
};

// Calls `start` for each element in document order until it fails. Refuses DTDs, entities, more than
// `max_depth` levels, messages over limits::kXmlBytes and attributes over limits::kXmlAttributeBytes.
Status ReadXml(const Source& source, int max_depth, const std::function<Status(const Element&)>& start);

}  // namespace kpr::his1135
