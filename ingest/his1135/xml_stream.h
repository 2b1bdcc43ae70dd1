// A bounded pull reader over libxml2: start tags with their attributes, and the line they stand in.
#pragma once

#include <functional>
#include <map>
#include <string>

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

// Calls `start` for each element in document order until it fails. Refuses DTDs, entities, more than
// `max_depth` levels, files over limits::kXmlBytes and attributes over limits::kXmlAttributeBytes.
Status ReadXml(const std::string& path, int max_depth, const std::function<Status(const Element&)>& start);

}  // namespace kpr::his1135
