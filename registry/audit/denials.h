// Refusals for the audit log: a principal's first of a method at once, those after it as one record a minute
// with their number and the last one's rule, so that whoever is refused again and again cannot fill the log.
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

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
  // Records what a minute has counted. To be called each few seconds.
  void RecordDue();
  // Never waits.
  void Add(const Denial& denial);

 private:
  using Key = std::pair<std::string, std::string>;  // principal, method
  struct Count {
    int64_t recorded_at = 0;
    uint64_t since = 0;
    std::string rule;
  };
  void RecordDue(int64_t now, bool all) KPR_REQUIRES(mutex_);

  AuditLog* log_;
  const Clock* clock_;
  Mutex mutex_;
  std::map<Key, Count> counts_ KPR_GUARDED_BY(mutex_);
};

}  // namespace kpr::audit
