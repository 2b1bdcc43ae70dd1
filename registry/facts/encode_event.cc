#include "registry/facts/encode_event.h"

#include <cmath>

#include "base/limits.h"
#include "registry/facts/fact.h"
#include "registry/facts/subject.h"

namespace kpr {
namespace {

int32_t Hundredths(double value) {
  return static_cast<int32_t>(std::llround(value * 100));
}

int32_t DayOf(const std::string& date) {
  const auto parsed = Date::Parse(date);
  return parsed ? parsed->days : kUnknownDay;
}

uint32_t ProviderNumber(const std::string& text) {
  const auto provider = Provider::Parse(text);
  return provider ? provider->number : 0;
}

// Local ids are unique within a sender, whatever code its municipality has at the time.
uint64_t LocalNumber(uint32_t sender, const std::string& id) {
  return Fnv1a(id, Fnv1a({reinterpret_cast<const char*>(&sender), sizeof sender}));
}

struct Content {
  FactHeader* header;
  std::vector<int32_t> values;

  template <typename Service>
  void TakeService(const Service& service) {
    header->type = static_cast<uint16_t>(service.service_type());
    header->service = LocalNumber(header->sender, service.service_id());
    header->provider = {ProviderNumber(service.provider())};
  }
  template <typename Service>
  void TakePause(const Service& service) {
    TakeService(service);
    header->pause = LocalNumber(header->sender, service.pause_id());
  }
  template <typename Place>
  void TakePlace(const Place& place) {
    header->type = static_cast<uint16_t>(place.service_type());
    header->service = LocalNumber(header->sender, place.application_id());
  }
  template <typename Survey>
  void TakeSurvey(const Survey& survey) {
    header->type = static_cast<uint16_t>(survey.respondent());
    header->service = InstrumentNumber(survey.instrument());
    header->provider = {ProviderNumber(survey.provider())};
  }

  void TakeDetails(const v1::PersonDetails& d) {
    header->type = static_cast<uint16_t>(d.sex());
    values = {DayOf(d.birth_date()), DayOf(d.death_date()), d.death_place()};
  }

  void TakeCapacity(const v1::Capacity& c) {
    values = {Hundredths(c.places()),
              Hundredths(c.places_bought()),
              Hundredths(c.places_sold()),
              Hundredths(c.rooms()),
              Hundredths(c.single_rooms_with_bath()),
              Hundredths(c.double_rooms()),
              IndustryNumber(c.industry_code())};
  }

  void Take(const v1::Event& e) {
    switch (e.fact_case()) {
      case v1::Event::kServiceStarted:
        TakeService(e.service_started());
        values = {Hundredths(e.service_started().hours_per_week())};
        break;
      case v1::Event::kServiceEnded:
        TakeService(e.service_ended());
        break;
      case v1::Event::kProviderChanged:
        TakeService(e.provider_changed());
        break;
      case v1::Event::kServicePaused:
        TakePause(e.service_paused());
        break;
      case v1::Event::kServiceResumed:
        TakePause(e.service_resumed());
        break;
      case v1::Event::kPersonDetails:
        TakeDetails(e.person_details());
        break;
      case v1::Event::kReservation:
        header->type = static_cast<uint16_t>(e.reservation().purpose());
        values = {e.reservation().withdrawn()};
        break;
      case v1::Event::kMedicationReview:
        header->type = static_cast<uint16_t>(e.medication_review().kind());
        break;
      case v1::Event::kNutritionAssessment:
        values = {e.nutrition_assessment().at_risk(), e.nutrition_assessment().has_plan()};
        break;
      case v1::Event::kFunctionAssessment:
        for (uint32_t score : e.function_assessment().scores()) values.push_back(static_cast<int32_t>(score));
        break;
      case v1::Event::kDiagnosis:
        header->type = static_cast<uint16_t>(e.diagnosis().system());
        header->service = Fnv1a(e.diagnosis().code());
        for (char c : e.diagnosis().code()) values.push_back(c);
        break;
      case v1::Event::kIndividualPlan:
        values = {e.individual_plan().ended()};
        break;
      case v1::Event::kCoordinator:
        values = {e.coordinator().ended()};
        break;
      case v1::Event::kRoomTaken:
        header->type = static_cast<uint16_t>(e.room_taken().kind());
        header->service = LocalNumber(header->sender, e.room_taken().service_id());
        break;
      case v1::Event::kPlaceApplied:
        TakePlace(e.place_applied());
        break;
      case v1::Event::kPlaceGranted:
        TakePlace(e.place_granted());
        break;
      case v1::Event::kPlaceDeclined:
        TakePlace(e.place_declined());
        break;
      case v1::Event::kCapacity:
        TakeCapacity(e.capacity());
        break;
      case v1::Event::kSurveyInvitation:
        TakeSurvey(e.survey_invitation());
        break;
      case v1::Event::kSurveyResponse:
        TakeSurvey(e.survey_response());
        for (uint32_t answer : e.survey_response().answers()) values.push_back(static_cast<int32_t>(answer));
        break;
      case v1::Event::kWorkforce:
        values = {Hundredths(e.workforce().full_time_equivalents()),
                  Hundredths(e.workforce().with_health_education()),
                  Hundredths(e.workforce().doctor_hours_per_week())};
        break;
      case v1::Event::kPeriodComplete: {
        const auto first = Period::Parse(e.period_complete().first_month());
        const auto last = Period::Parse(e.period_complete().last_month());
        values = {first ? first->ordinal : 0, last ? last->ordinal : 0,
                  static_cast<int32_t>(std::min<uint64_t>(e.period_complete().events(), INT32_MAX))};
        break;
      }
      case v1::Event::kEverydayRehabilitation:
        values = {e.everyday_rehabilitation().ended()};
        break;
      case v1::Event::kInhabitants:
        for (uint32_t count : e.inhabitants().men()) values.push_back(static_cast<int32_t>(count));
        for (uint32_t count : e.inhabitants().women()) values.push_back(static_cast<int32_t>(count));
        break;
      default:
        break;
    }
    if (values.size() > limits::kFactValues) values.resize(limits::kFactValues);
  }
};

}  // namespace

Result<std::string> EncodeEvent(const v1::Event& event, uint32_t sender, uint64_t offset) {
  FactHeader header;
  const auto id = Uuid::Parse(event.event_id());
  const auto municipality = Municipality::Parse(event.municipality());
  const auto date = Date::Parse(event.occurred_on());
  if (!id || !municipality || !date || event.fact_case() == v1::Event::FACT_NOT_SET ||
      event.status() < v1::EVENT_STATUS_ORIGINAL || event.status() > v1::EVENT_STATUS_ANNUL) {
    return Invalid("event " + event.event_id() + " is not one that validation lets through");
  }
  header.kind = static_cast<FactKind>(event.fact_case());
  header.status = static_cast<VersionStatus>(event.status());
  header.event_id = *id;
  header.original =
      header.status == VersionStatus::kOriginal ? *id : Uuid::Parse(event.refers_to()).value_or(Uuid());
  header.sequence = event.sequence();
  header.sender = sender;
  header.offset = offset;
  header.municipality = *municipality;
  header.occurred_on = *date;
  Content content{&header, {}};
  content.Take(event);
  if (event.subject().has_provider()) header.provider = {ProviderNumber(event.subject().provider())};
  std::vector<SubjectId> identity;
  if (event.has_identity_changed()) {
    KPR_ASSIGN_OR_RETURN(const SubjectId from, SubjectOf(event));
    const std::string& to = event.identity_changed().new_pseudonym();
    identity = {from, to.size() == 16 ? SubjectId::FromView(to) : from};
  }
  std::string bytes;
  EncodeFact(header, content.values, {}, identity, &bytes);
  return bytes;
}

}  // namespace kpr
