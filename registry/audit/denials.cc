#include "registry/audit/denials.h"

#include "access/method_table.h"
#include "base/limits.h"

namespace kpr::audit {
namespace {

constexpr int64_t kMinute = 60'000;

v1::AuditRecord RecordOf(const std::string& principal, const std::string& method, const std::string& rule,
                         uint64_t times) {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_CALL_DENIED);
  record.set_principal(principal);
  record.set_method(method);
  record.set_rule(rule);
  record.set_times(times);
  return record;
}

}  // namespace

Denials::~Denials() {
  const MutexLock lock(mutex_);
  RecordDue(0, true);
}

void Denials::Add(const Denial& denial) {
  // Names that callers make up are not kept apart.
  const std::string method = FindMethod(denial.method) == nullptr ? "no method" : denial.method;
  const int64_t now = clock_->UnixMillis();
  const MutexLock lock(mutex_);
  if (now - looked_at_ >= kMinute || counts_.size() >= limits::kDenialsKept) RecordDue(now, false);
  Key key{denial.principal, method, denial.rule};
  if (!counts_.contains(key) && counts_.size() >= limits::kDenialsKept) key = {"others", "", ""};
  Count& count = counts_[key];
  ++count.since;
  if (count.recorded_at != 0) return;
  if (log_->RecordLater(RecordOf(std::get<0>(key), std::get<1>(key), std::get<2>(key), count.since)).ok()) {
    count.recorded_at = now;
    count.since = 0;
  }
}

void Denials::RecordDue(int64_t now, bool all) {
  looked_at_ = now;
  for (auto at = counts_.begin(); at != counts_.end();) {
    const auto& [principal, method, rule] = at->first;
    const bool due = all || now - at->second.recorded_at >= kMinute;
    const bool recorded =
        due && (at->second.since == 0 ||
                log_->RecordLater(RecordOf(principal, method, rule, at->second.since)).ok());
    at = recorded ? counts_.erase(at) : std::next(at);
  }
}

}  // namespace kpr::audit
