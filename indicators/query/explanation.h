// What is behind one value: who and what it is made of, and how it has changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "indicators/query/result_table.h"

namespace kpr {

struct ContributingSubject {
  SubjectId subject;
  double numerator = 0, denominator = 0;
  std::vector<std::string> classes;  // ids
  std::vector<Uuid> events;
};

struct Explanation {
  std::optional<ResultRow> row;               // none: there are no data
  std::vector<ContributingSubject> subjects;  // one page
  uint64_t all_subjects = 0;                  // also those beyond the page
  double numerator = 0, denominator = 0;      // sums over all of them: what the value is made of
  std::vector<int64_t> classes;
  std::vector<uint64_t> positions;
  std::string code_lists;  // version
};

// What the events of one day changed in a value.
struct Revision {
  Date day;  // on which the events arrived
  ResultRow before, after;
  std::vector<Uuid> events;  // that changed a subject's contribution; sorted
};

}  // namespace kpr
