#include "subject/subject_desk.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <deque>
#include <set>

#include "base/limits.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"
#include "registry/pseudonym/person_by_number.h"
#include "registry/timeline/present_identity.h"
#include "subject/held.h"

namespace kpr {
Result<std::string> SubjectDesk::TimelineOf(const SubjectId& subject) const {
  return options_.registry->store(PartitionOf(subject, options_.registry->partitions()))->Timeline(subject);
}

Result<v1::SubjectAccess> SubjectDesk::Access(const v1::PersonIdentity& person) const {
  KPR_ASSIGN_OR_RETURN(const SubjectId asked,
                       PersonByNumber(options_.pseudonymizer, person.type(), person.number()));
  PresentIdentity found;
  KPR_RETURN_IF_ERROR(FindPresentIdentity(
      asked, [this](const SubjectId& subject) { return TimelineOf(subject); }, &found));
  const std::vector<SubjectId> identities = found.All();
  v1::SubjectAccess access;
  *access.mutable_made_at() =
      google::protobuf::util::TimeUtil::MillisecondsToTimestamp(options_.clock->UnixMillis());
  access.set_data_day(options_.registry->horizon().ToString());
  if (found.known()) {
    for (const SubjectId& identity : identities) access.add_pseudonyms(identity.ToHex());
  }
  SenderNames senders;
  if (options_.chains != nullptr) {
    KPR_ASSIGN_OR_RETURN(const auto names, options_.chains->Senders());
    for (const std::string& name : names) senders[SenderNumber(name)] = name;
  }
  AddHeld(Fold(found.subject, found.versions), found.belonging.versions, senders, &access);
  KPR_RETURN_IF_ERROR(AddDisclosures(identities, &access));
  KPR_RETURN_IF_ERROR(AddReadings(identities, &access));
  return access;
}

Status SubjectDesk::AddDisclosures(const std::vector<SubjectId>& identities,
                                   v1::SubjectAccess* access) const {
  KPR_ASSIGN_OR_RETURN(const auto extracts, options_.extracts->With(identities));
  for (const v1::Extract& extract : extracts) {
    v1::Disclosure* disclosure = access->add_disclosures();
    disclosure->set_extract(extract.id());
    disclosure->set_title(extract.request().title());
    disclosure->set_institution(extract.request().institution());
    disclosure->set_legal_basis(extract.request().legal_basis());
    disclosure->set_purpose(extract.request().purpose());
    *disclosure->mutable_built_at() = extract.built_at();
    disclosure->set_over(extract.state() != v1::Extract::STATE_READY);
  }
  return {};
}

// One way through the log: reads that name the person, and the records of the extracts.
Status SubjectDesk::AddReadings(const std::vector<SubjectId>& identities, v1::SubjectAccess* access) const {
  std::set<std::string> names;
  for (const SubjectId& identity : identities) names.insert(identity.ToHex());
  std::vector<std::pair<uint64_t, v1::AuditProof*>> proofs;
  std::deque<std::pair<uint64_t, v1::Reading>> readings;
  KPR_RETURN_IF_ERROR(options_.audit->ForEach(0, [&](uint64_t index, const v1::AuditRecord& record) {
    if (record.kind() == v1::AuditRecord::KIND_EXTRACT_BUILT && record.outcome().starts_with("built:")) {
      for (v1::Disclosure& disclosure : *access->mutable_disclosures()) {
        if (disclosure.extract() == record.subject()) proofs.emplace_back(index, disclosure.mutable_proof());
      }
    }
    const bool named = std::any_of(record.persons().begin(), record.persons().end(),
                                   [&](const std::string& person) { return names.contains(person); });
    if (!named) return true;
    if (readings.size() == limits::kShownReadings) {
      readings.pop_front();
      access->set_readings_left_off(access->readings_left_off() + 1);
    }
    v1::Reading& reading = readings.emplace_back(index, v1::Reading()).second;
    *reading.mutable_at() = record.at();
    reading.set_principal(record.principal());
    reading.set_method(record.method());
    reading.set_purpose(record.purpose());
    return true;
  }));
  for (auto& [index, reading] : readings) {
    v1::Reading* added = access->add_readings();
    *added = std::move(reading);
    proofs.emplace_back(index, added->mutable_proof());
  }
  for (const auto& [index, proof] : proofs) {
    auto proved = options_.audit->Prove(index);
    if (proved.ok()) {
      *proof = std::move(*proved);
    } else if (proved.status().code() != Code::kNotFound) {
      return proved.status();
    }
  }
  return {};
}

}  // namespace kpr
