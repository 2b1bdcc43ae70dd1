// Cells as lines of comma-separated values, a line each. Pure.
#pragma once

#include <string>

#include "indicators/http/selection.h"

namespace kpr::http {

// What the columns of a dimension hold, and what parts them.
enum class CsvColumns { kCodesAndLabels, kLabels, kCodes };
struct CsvForm {
  CsvColumns columns = CsvColumns::kCodesAndLabels;
  char separator = ',';
};

// A header, then a line a cell; the last columns are the value, its status and the status in words.
std::string Csv(const Cube& cube, const Selection& selection, CsvForm form, Language language);

}  // namespace kpr::http
