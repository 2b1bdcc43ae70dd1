// Pages of indicator tables. The table of a first page is kept for the next ones; when it is gone, the next
// page is recomputed at the first one's position, so that all pages are of one state. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "indicators/query/query.h"

namespace kpr {

// A page token: the position and the version its table is of, and how many rows, subjects or revisions came
// before.
struct PageToken {
  std::string position;
  uint32_t version = 0;
  uint64_t first = 0;

  std::string ToString() const;
  // Empty text is the first page. kInvalid: not a page token.
  static Result<PageToken> Parse(const std::string& text);
};

// The page size asked for, or the default.
uint64_t PageSize(uint32_t asked, uint32_t standard, uint32_t most);

class PagedTables {
 public:
  // `query` outlives it.
  explicit PagedTables(const Query* query) : query_(query) {}

  Result<v1::IndicatorTable> Page(const v1::GetIndicatorValuesRequest& request);
  // Whether its page may have to be computed from every timeline: it is of an earlier state and not kept.
  bool ReadsTimelines(const v1::GetIndicatorValuesRequest& request);

 private:
  Result<std::shared_ptr<const ResultTable>> TableFor(v1::GetIndicatorValuesRequest request,
                                                      const PageToken& token);
  std::shared_ptr<const ResultTable> Kept(v1::GetIndicatorValuesRequest request, const PageToken& token);
  void Keep(std::string key, std::shared_ptr<const ResultTable> table);
  void Drop(const std::string& key);

  const Query* query_;
  Mutex mutex_;
  struct Entry {
    std::string key;  // request and position
    std::shared_ptr<const ResultTable> table;
  };
  std::list<Entry> entries_ KPR_GUARDED_BY(mutex_);  // most recently used first
};

}  // namespace kpr
