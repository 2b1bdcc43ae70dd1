// Everything that the register holds on one person, for the desk that answers citizens. Thread-safe.
#pragma once

#include "base/clock.h"
#include "extracts/office/extract_office.h"
#include "kpr/v1/subject.pb.h"
#include "registry/audit/audit_log.h"
#include "registry/pseudonym/pseudonymizer.h"
#include "registry/read/registry_reader.h"
#include "registry/sender_chain/chain_reader.h"

namespace kpr {

// All outlive the desk.
struct SubjectDeskOptions {
  const RegistryReader* registry = nullptr;
  const Pseudonymizer* pseudonymizer = nullptr;  // none: this node knows no numbers
  const ChainReader* chains = nullptr;
  extract::ExtractOffice* extracts = nullptr;
  audit::AuditLog* audit = nullptr;
  const Clock* clock = nullptr;
};

class SubjectDesk {
 public:
  explicit SubjectDesk(SubjectDeskOptions options) : options_(options) {}

  // kInvalid: not a number; kFailedPrecondition: this node makes no pseudonyms.
  Result<v1::SubjectAccess> Access(const v1::PersonIdentity& person) const;

 private:
  Result<std::string> TimelineOf(const SubjectId& subject) const;
  Status AddDisclosures(const std::vector<SubjectId>& identities, v1::SubjectAccess* access) const;
  Status AddReadings(const std::vector<SubjectId>& identities, v1::SubjectAccess* access) const;

  const SubjectDeskOptions options_;
};

}  // namespace kpr
