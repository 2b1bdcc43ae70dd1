// The node's audit log, where the configuration puts it.
#pragma once

#include "app/config.h"
#include "registry/audit/audit_log.h"

namespace kpr {

audit::AuditOptions AuditOptionsOf(const Config& config, const Clock* clock);
// Recorded: that the server has started, with its version.
Result<std::unique_ptr<audit::AuditLog>> OpenAudit(const Config& config, const Clock* clock);
// Recorded: which policy is in force from now on, by the SHA-256 of its file.
Status RecordPolicy(const Config& config, Audit* audit);

}  // namespace kpr
