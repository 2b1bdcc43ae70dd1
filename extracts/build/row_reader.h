// The second reading of an extract: the rows of those who are in it, person after person; or what has changed
// in them since an earlier extract.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/crypto/hash.h"
#include "extracts/build/selection.h"

namespace kpr::extract {

// Rows of some persons, by table.
using TakeRows = std::function<Status(const std::vector<Rows>&)>;

// What a recipient has: who, as of when.
struct Held {
  const TimelineSource* source = nullptr;
  std::vector<SubjectId> persons;     // sorted
  std::vector<std::string> contents;  // hash of the rows of each table, as they were given
  RequestPlan* plan = nullptr;        // which codes were grouped differs from one to the next
};

// SHA-256 of the rows of each table.
class ContentHash {
 public:
  explicit ContentHash(size_t tables) : tables_(tables) {}
  void Add(const std::vector<Rows>& rows);
  std::vector<std::string> Finish();

 private:
  std::vector<crypto::Sha256Stream> tables_;
};

// Calls `take` with the rows of a thousand persons at a time. What `proceed` says ends it.
Status ReadRows(const TimelineSource& source, RequestPlan* plan, const std::vector<SubjectId>& persons,
                const ReadingOptions& options, const TakeRows& take);

// How many persons are new, withdrawn and changed.
struct DeltaCounts {
  uint64_t new_persons = 0, withdrawn_persons = 0, changed_persons = 0;
  std::vector<std::string> before, after;  // contents
};

// The same for what is no longer so and what is new: rows with `change` behind the token (DeltaTables). Rows
// that are in both are left out; one that has changed is withdrawn and new.
Status ReadDelta(const Held& before, const Held& after, const ReadingOptions& options, const TakeRows& take,
                 DeltaCounts* counts);

inline constexpr Value kNewRow = 1, kWithdrawnRow = 2;
// The tables with a column for what has happened to a row.
std::vector<TablePlan> DeltaTables(const std::vector<TablePlan>& tables);

}  // namespace kpr::extract
