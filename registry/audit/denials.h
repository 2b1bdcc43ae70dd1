// Refusals for the audit log: the first of its kind at once, equal ones after it as one record a minute with
// their number, so that whoever is refused again and again cannot fill the log. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>

#include "access/authorizer.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "registry/audit/audit_log.h"

namespace kpr::audit {

class Denials {
 public:
  // Both outlive it.
  Denials(AuditLog* log, const Clock* clock) : log_(log), clock_(clock) {}
  ~Denials();  // records what is counted
  // Never waits.
  void Add(const Denial& denial);

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // principal, method, rule
  struct Count {
    int64_t recorded_at = 0;
    uint64_t since = 0;
  };
  void RecordDue(int64_t now, bool all) KPR_REQUIRES(mutex_);

  AuditLog* log_;
  const Clock* clock_;
  Mutex mutex_;
  std::map<Key, Count> counts_ KPR_GUARDED_BY(mutex_);
  int64_t looked_at_ KPR_GUARDED_BY(mutex_) = 0;
};

}  // namespace kpr::audit
