// The node's audit log, where the configuration puts it.
#pragma once

#include "access/policy.h"
#include "app/config.h"
#include "registry/audit/audit_log.h"

namespace kpr {

audit::AuditOptions AuditOptionsOf(const Config& config, const Clock* clock);
// Recorded: that the server has started, with its version.
Result<std::unique_ptr<audit::AuditLog>> OpenAudit(const Config& config, const Clock* clock);
// Recorded before it takes force: which policy it is, by the SHA-256 of its file.
Status RecordPolicy(const Policy& policy, Audit* audit);

}  // namespace kpr
