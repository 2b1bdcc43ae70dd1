// Open watches of indicator values: how many a principal has, and one computation for all that ask the same.
// Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "indicators/query/result_table.h"
#include "kpr/v1/indicator.pb.h"

namespace kpr {

struct WatchedAnswer {
  ResultTable table;
  uint64_t number = 1;  // rises with what a reader sees as a change: the position moves with every event
  uint64_t change = 0;  // of the registry or the code lists, that it was computed after
  double at = 0;        // seconds of the clock
};

class Watches;

// An open watch; its end closes it. Of one thread. It may not outlive the watches.
class Watch {
 public:
  using Compute = std::function<Result<ResultTable>()>;

  ~Watch();
  // The answer, where it is not older than `change` or the pause is not over; none: it is to be computed.
  // Does not wait for who computes it. kResourceExhausted: the principal's watches hold too many rows.
  Result<std::shared_ptr<const WatchedAnswer>> Current(uint64_t change);
  // The same, computed where nobody who asks the same has done so meanwhile. Call it in one's own turn.
  Result<std::shared_ptr<const WatchedAnswer>> Newest(uint64_t change, const Compute& compute);

 private:
  friend class Watches;
  struct Question {
    Mutex computing;  // held by who computes
    Mutex mutex;
    std::shared_ptr<const WatchedAnswer> answer KPR_GUARDED_BY(mutex);
  };
  // The answer as it is; whether it may be shown without another.
  std::pair<std::shared_ptr<const WatchedAnswer>, bool> Look(uint64_t change) const;
  Result<std::shared_ptr<const WatchedAnswer>> Hold(std::shared_ptr<const WatchedAnswer> answer);
  Watch(Watches* watches, std::string principal, std::string key, std::shared_ptr<Question> question);

  Watches* watches_;
  const std::string principal_, key_;
  std::shared_ptr<Question> question_;
  uint64_t rows_ = 0;
};

class Watches {
 public:
  // `now`: seconds of a clock that never goes back. An answer is computed at most once in `pause` seconds.
  Watches(double pause, std::function<double()> now) : pause_(pause), now_(std::move(now)) {}

  // kResourceExhausted: too many are open, of the principal or of all.
  Result<std::unique_ptr<Watch>> Open(const std::string& principal,
                                      const v1::GetIndicatorValuesRequest& request);

 private:
  friend class Watch;
  struct Held {
    size_t watches = 0;
    uint64_t rows = 0;
  };
  Status Hold(const std::string& principal, uint64_t before, uint64_t rows);
  void Close(Watch* watch);

  const double pause_;
  const std::function<double()> now_;
  Mutex mutex_;
  std::map<std::string, Held> held_ KPR_GUARDED_BY(mutex_);  // by principal
  std::map<std::string, std::shared_ptr<Watch::Question>> questions_ KPR_GUARDED_BY(mutex_);
  size_t open_ KPR_GUARDED_BY(mutex_) = 0;
};

}  // namespace kpr
