#include "subject/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ingest/feedback/finding_text.h"
#include "registry/codelists/codelists.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/person_facts.h"

namespace kpr {
namespace {

std::string DayText(Date day) {
  return day.days == kUnknownDay || day == kNoEnd ? "" : day.ToString();
}

v1::Text TextOf(const std::string& nb, const std::string& en) {
  v1::Text text;
  text.set_nb(nb);
  text.set_en(en);
  return text;
}

std::string SenderName(const SenderNames& senders, uint64_t number) {
  const auto found = senders.find(number);
  return found == senders.end() ? fmt::format("{:016x}", number) : found->second;
}

// What a reference is of is told by the facts that share it.
std::optional<v1::Text> ValueOf(const FieldDescriptor& field, const Fact& fact) {
  if (field.type == FieldType::kReference) return std::nullopt;
  if (field.type == FieldType::kText) {
    const std::string text = field.text(fact);
    return TextOf(text, text);
  }
  const std::optional<int64_t> number = field.number(fact);
  if (!number) return std::nullopt;
  if (field.codes != nullptr) {
    for (const CodeText& code : field.codes()) {
      if (code.code == *number) return TextOf(code.nb, code.en);
    }
  }
  const std::string text = field.type == FieldType::kAmount
                               ? fmt::format("{:.2f}", static_cast<double>(*number) / 100)
                               : std::to_string(*number);
  return TextOf(text, text);
}

v1::HeldFact Describe(const Fact& fact, const std::set<const char*>& in_force, const SenderNames& senders) {
  const FactDescriptor& descriptor = *DescriptorOf(fact.kind);
  v1::HeldFact held;
  held.set_kind(v1::Event::descriptor()->FindFieldByNumber(static_cast<int>(fact.kind))->name());
  *held.mutable_title() =
      TextOf(*descriptor.title_nb == '\0' ? descriptor.what : descriptor.title_nb, descriptor.what);
  held.set_validity(in_force.contains(fact.tail.data())    ? v1::HeldFact::VALIDITY_IN_FORCE
                    : fact.status == VersionStatus::kAnnul ? v1::HeldFact::VALIDITY_ANNULS
                                                           : v1::HeldFact::VALIDITY_CORRECTED);
  held.set_occurred_on(fact.occurred_on.ToString());
  held.set_municipality(fact.municipality.ToString());
  held.set_municipality_name(MunicipalityName(fact.municipality, fact.occurred_on));
  if (fact.provider.number != 0) held.set_provider(fact.provider.ToString());
  held.set_sender(SenderName(senders, fact.sender));
  held.set_event_id(fact.event_id.ToString());
  if (fact.status != VersionStatus::kOriginal) held.set_refers_to(fact.original.ToString());
  if (fact.status == VersionStatus::kAnnul) return held;
  for (const FieldDescriptor& field : descriptor.fields) {
    auto value = ValueOf(field, fact);
    if (!value) continue;
    v1::HeldValue* added = held.add_values();
    *added->mutable_meaning() = TextOf(field.nb, field.en);
    *added->mutable_value() = std::move(*value);
  }
  return held;
}

void AddSpells(const SubjectState& state, v1::SubjectAccess* access) {
  for (const Spell& spell : state.spells) {
    v1::HeldSpell* held = access->add_spells();
    held->set_service_type(spell.type);
    held->set_service_type_name(ServiceTypeName(spell.type));
    held->set_municipality(spell.municipality.ToString());
    held->set_municipality_name(MunicipalityName(spell.municipality, spell.start));
    const Provider provider = spell.ProviderOn(std::min(spell.end, state.death));
    if (provider.number != 0) held->set_provider(provider.ToString());
    held->set_start(spell.start.ToString());
    held->set_end(DayText(std::min(spell.end, state.death)));
  }
}

void AddFindings(const SubjectState& state, v1::SubjectAccess* access) {
  for (const TimelineFinding& finding : state.findings) {
    v1::HeldFinding* held = access->add_findings();
    for (const FindingDescriptor& descriptor : FindingDescriptors()) {
      if (descriptor.code == finding.code) *held->mutable_text() = TextOf(descriptor.nb, descriptor.en);
    }
    held->set_event_id(finding.event_id.ToString());
    held->set_municipality(finding.municipality.ToString());
  }
}

void AddReservations(const SubjectState& state, v1::SubjectAccess* access) {
  for (const Fact& fact : state.effective) {
    if (fact.kind != FactKind::kReservation) continue;
    v1::HeldReservation* held = access->add_reservations();
    held->set_purpose(static_cast<v1::Reservation::Purpose>(ReservationFact{fact}.purpose()));
    held->set_from(fact.occurred_on.ToString());
    held->set_withdrawn(ReservationFact{fact}.withdrawn());
  }
}

}  // namespace

void AddHeld(const SubjectState& state, const std::vector<const Fact*>& versions, const SenderNames& senders,
             v1::SubjectAccess* access) {
  access->set_birth_date(DayText(state.birth));
  access->set_sex(static_cast<v1::Sex>(state.sex));
  access->set_death_date(DayText(state.death));
  access->set_death_place(static_cast<v1::DeathPlace>(state.death_place));
  // Views of the same bytes: a version in force has the place of one of `versions`.
  std::set<const char*> in_force;
  for (const Fact& fact : state.effective) in_force.insert(fact.tail.data());
  std::vector<const Fact*> ordered = versions;
  std::stable_sort(ordered.begin(), ordered.end(), [](const Fact* a, const Fact* b) {
    return std::tie(a->occurred_on, a->offset) < std::tie(b->occurred_on, b->offset);
  });
  for (const Fact* fact : ordered) *access->add_facts() = Describe(*fact, in_force, senders);
  AddSpells(state, access);
  AddFindings(state, access);
  AddReservations(state, access);
}

}  // namespace kpr
