#include "tests/support/registry_fixture.h"

#include <gtest/gtest.h>

#include "indicators/query/selection.h"

namespace kpr::test {
namespace {

constexpr size_t kAtOnce = 5000;

std::string NumberedId(SubjectKind kind, uint64_t number) {
  SubjectId id;
  id.bytes[0] = static_cast<uint8_t>(kind);
  const uint64_t mixed = number * 0x9E3779B97F4A7C15ull;
  std::memcpy(id.bytes.data() + 1, &mixed, sizeof mixed);
  return std::string(id.view());
}

template <typename Service>
void FillService(Service* service, uint64_t person, uint32_t type, const std::string& provider) {
  service->set_service_id(std::to_string(person) + "-" + std::to_string(type));
  service->set_service_type(type);
  service->set_provider(provider);
}

}  // namespace

v1::Event& RegistryFixture::New(const std::string& on, const std::string& municipality) {
  if (has_current_) waiting_.push_back(std::move(current_));
  has_current_ = true;
  current_ = v1::Event();
  Uuid id;
  ++sequence_;
  std::memcpy(id.bytes.data(), &sequence_, sizeof sequence_);
  id.bytes[15] = 1;
  current_.set_event_id(id.ToString());
  current_.set_status(v1::EVENT_STATUS_ORIGINAL);
  current_.set_sequence(sequence_);
  current_.set_occurred_on(on);
  current_.set_municipality(municipality);
  return current_;
}

v1::Event& RegistryFixture::Person(uint64_t person, const std::string& on, const std::string& municipality) {
  v1::Event& e = New(on, municipality);
  e.mutable_subject()->set_pseudonym(NumberedId(SubjectKind::kPerson, person));
  return e;
}

v1::Event& RegistryFixture::Respondent(uint64_t respondent, const std::string& on,
                                       const std::string& municipality) {
  v1::Event& e = New(on, municipality);
  e.mutable_subject()->set_pseudonym(NumberedId(SubjectKind::kRespondent, respondent));
  return e;
}

v1::Event& RegistryFixture::Provider(const std::string& provider, const std::string& on,
                                     const std::string& municipality) {
  v1::Event& e = New(on, municipality);
  e.mutable_subject()->set_provider(provider);
  return e;
}

v1::Event& RegistryFixture::OfMunicipality(const std::string& municipality, const std::string& on) {
  v1::Event& e = New(on, municipality);
  e.mutable_subject()->set_municipality(municipality);
  return e;
}

void RegistryFixture::Change(uint64_t person, uint64_t other, const std::string& on) {
  Person(person, on).mutable_identity_changed()->set_new_pseudonym(NumberedId(SubjectKind::kPerson, other));
}

void RegistryFixture::Born(uint64_t person, const std::string& birth, v1::Sex sex) {
  v1::Event& e = Person(person, "2010-01-01");
  e.mutable_person_details()->set_birth_date(birth);
  e.mutable_person_details()->set_sex(sex);
}

void RegistryFixture::Died(uint64_t person, const std::string& birth, const std::string& on,
                           v1::DeathPlace place) {
  v1::Event& e = Person(person, on);
  e.mutable_person_details()->set_birth_date(birth);
  e.mutable_person_details()->set_sex(v1::SEX_FEMALE);
  e.mutable_person_details()->set_death_date(on);
  e.mutable_person_details()->set_death_place(place);
}

void RegistryFixture::Start(uint64_t person, uint32_t type, const std::string& on,
                            const std::string& municipality, const std::string& provider) {
  FillService(Person(person, on, municipality).mutable_service_started(), person, type, provider);
}

void RegistryFixture::End(uint64_t person, uint32_t type, const std::string& on,
                          const std::string& municipality) {
  FillService(Person(person, on, municipality).mutable_service_ended(), person, type, "");
}

void RegistryFixture::Pause(uint64_t person, uint32_t type, const std::string& from,
                            const std::string& until) {
  auto* paused = Person(person, from).mutable_service_paused();
  FillService(paused, person, type, "");
  paused->set_pause_id(from);
  auto* resumed = Person(person, until).mutable_service_resumed();
  FillService(resumed, person, type, "");
  resumed->set_pause_id(from);
}

v1::Event& RegistryFixture::Replace(const v1::Event& original) {
  v1::Event again = original;  // which may be the one that New puts away
  again.set_refers_to(original.event_id());
  again.set_event_id(New(again.occurred_on(), again.municipality()).event_id());
  again.set_sequence(sequence_);
  again.set_status(v1::EVENT_STATUS_REPLACE);
  current_ = std::move(again);
  return current_;
}

void RegistryFixture::Annul(const v1::Event& original) {
  Replace(original).set_status(v1::EVENT_STATUS_ANNUL);
}

void RegistryFixture::Settle(const std::string& horizon) {
  if (has_current_) waiting_.push_back(std::move(current_));
  has_current_ = false;
  harness_.Tick(*Date::Parse(horizon));
  for (size_t at = 0; at < waiting_.size(); at += kAtOnce) {
    const auto end = std::min(waiting_.size(), at + kAtOnce);
    harness_.Append({waiting_.begin() + static_cast<std::ptrdiff_t>(at),
                     waiting_.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  waiting_.clear();
  harness_.WaitApplied();
}

ResultTable RegistryFixture::Get(const v1::GetIndicatorValuesRequest& request) {
  auto response = query_.Get(request);
  EXPECT_TRUE(response.ok()) << response.status().message();
  return response.ok() ? *response : ResultTable();
}

ResultRow RegistryFixture::Value(const std::string& indicator, const std::string& period,
                                 const std::string& area) {
  v1::GetIndicatorValuesRequest request;
  request.set_indicator(indicator);
  request.set_from_period(period);
  request.set_level(LevelOfArea(area));
  if (!area.empty()) request.add_areas(area);
  const ResultTable response = Get(request);
  EXPECT_EQ(static_cast<int>(response.rows.size()), 1) << indicator << " " << period << " " << area;
  return response.rows.size() == 1 ? response.rows[0] : ResultRow();
}

}  // namespace kpr::test
