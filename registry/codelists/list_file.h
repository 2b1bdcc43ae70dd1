// A list as a file: a heading, then a row a line. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/embedded.h"
#include "base/status.h"

namespace kpr {

struct ListRow {
  int line = 0;
  std::vector<std::string>
      cells;  // as many as the heading has; the last takes the rest of the line, commas too
};

// UTF-8, lines that end in LF or CR LF, empty ones left out. kInvalid names file and line: another heading, a
// row with fewer cells, more than `most` bytes.
Result<std::vector<ListRow>> ReadList(const embedded::File& file, const std::string& heading, size_t most);

}  // namespace kpr
