#include "app/open_audit.h"

namespace kpr {

audit::AuditOptions AuditOptionsOf(const Config& config, const Clock* clock) {
  audit::AuditOptions options;
  options.folder = config.audit_folder();
  options.origin = config.audit_origin;
  // Beside the data, not in it: each says something that a copy or a loss of the data must not.
  options.key_file = config.directory + ".audit-key";
  options.signing_key = config.directory + ".audit-signing-key";
  options.mark_file = config.directory + ".audit-mark";
  options.clock = clock;
  return options;
}

Result<std::unique_ptr<audit::AuditLog>> OpenAudit(const Config& config, const Clock* clock) {
  auto log = audit::AuditLog::Open(AuditOptionsOf(config, clock));
  if (!log.ok()) return log.status().WithContext("audit log");
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_SERVER_STARTED);
  record.set_subject("kpr " KPR_VERSION);
  KPR_RETURN_IF_ERROR((*log)->Record(std::move(record)));
  return log;
}

Status RecordPolicy(const Policy& policy, Audit* audit) {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_POLICY_LOADED);
  record.set_subject(policy.sha256.empty() ? "plaintext_loopback: everything from this machine"
                                           : "sha256 " + policy.sha256);
  return audit->Record(std::move(record));
}

}  // namespace kpr
