#include "app/open_audit.h"

#include "base/crypto/hash.h"
#include "base/files.h"

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

Status RecordPolicy(const Config& config, Audit* audit) {
  v1::AuditRecord record;
  record.set_kind(v1::AuditRecord::KIND_POLICY_LOADED);
  if (config.plaintext_loopback) {
    record.set_subject("plaintext_loopback: everything from this machine");
  } else {
    KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(config.policy));
    record.set_subject("sha256 " + crypto::Sha256(text));
  }
  return audit->Record(std::move(record));
}

}  // namespace kpr
