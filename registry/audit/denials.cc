#include "registry/audit/denials.h"

#include "access/method_table.h"
#include "base/limits.h"

namespace kpr::audit {
namespace {

constexpr int64_t kMinute = 60'000;

// A certificate's text may be anything; a record is UTF-8.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

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

void Denials::RecordDue() {
  const MutexLock lock(mutex_);
  RecordDue(clock_->UnixMillis(), false);
}

void Denials::Add(const Denial& denial) {
  // Names that callers make up are not kept apart.
  const std::string method = FindMethod(denial.method) == nullptr ? "no method" : denial.method;
  const int64_t now = clock_->UnixMillis();
  const MutexLock lock(mutex_);
  if (counts_.size() >= limits::kDenialsKept) RecordDue(now, false);
  Key key{Printable(denial.principal), method};
  if (!counts_.contains(key) && counts_.size() >= limits::kDenialsKept) key = {"others", "many methods"};
  Count& count = counts_[key];
  ++count.since;
  count.rule = Printable(denial.rule);
  if (count.recorded_at != 0) return;
  if (log_->RecordLater(RecordOf(key.first, key.second, count.rule, count.since)).ok()) {
    count.recorded_at = now;
    count.since = 0;
  }
}

void Denials::RecordDue(int64_t now, bool all) {
  for (auto at = counts_.begin(); at != counts_.end();) {
    Count& count = at->second;
    const bool due = all || now - count.recorded_at >= kMinute;
    Status recorded;
    if (due && count.since > 0)
      recorded = log_->RecordLater(RecordOf(at->first.first, at->first.second, count.rule, count.since));
    // Of a log that has failed nothing is kept.
    const bool over = due && (recorded.ok() || recorded.code() == Code::kUnavailable);
    at = over ? counts_.erase(at) : std::next(at);
  }
}

}  // namespace kpr::audit
