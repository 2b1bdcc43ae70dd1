#include "registry/facts/subject.h"

namespace kpr {

uint64_t SenderNumber(std::string_view sender) {
  return Fnv1a(sender);
}

Result<SubjectId> SubjectOf(const v1::Event& event) {
  const v1::Subject& subject = event.subject();
  if (subject.has_pseudonym() && subject.pseudonym().size() == 16)
    return SubjectId::FromView(subject.pseudonym());
  if (subject.has_provider()) {
    if (const auto provider = Provider::Parse(subject.provider())) return SubjectId::OfProvider(*provider);
  }
  if (subject.has_municipality()) {
    if (const auto code = Municipality::Parse(subject.municipality()))
      return SubjectId::OfMunicipality(*code);
  }
  return Invalid("event without a stored subject");
}

Result<std::vector<SubjectId>> TimelinesOf(const v1::Event& event) {
  KPR_ASSIGN_OR_RETURN(const SubjectId subject, SubjectOf(event));
  std::vector<SubjectId> timelines{subject};
  if (event.has_identity_changed() && event.identity_changed().new_pseudonym().size() == 16) {
    const SubjectId to = SubjectId::FromView(event.identity_changed().new_pseudonym());
    if (to != subject) timelines.push_back(to);
  }
  return timelines;
}

}  // namespace kpr
