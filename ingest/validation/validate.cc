#include "ingest/validation/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/descriptor.h>

#include <cmath>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "registry/codelists/codelists.h"
#include "registry/pseudonym/identity_number.h"

namespace kpr {
namespace {

const Date kEarliest = Date::FromYmd(1900, 1, 1);

using MaybeViolation = std::optional<Violation>;

Violation Missing(std::string field) {
  return {"MISSING", field, fmt::format("{} mangler", field), fmt::format("{} is missing", field)};
}

// The end of a sentence, in both languages.
struct Phrase {
  std::string nb, en;
};

Violation BadFormat(std::string field, std::string_view form) {
  return {"BAD_FORMAT", field, fmt::format("{} må ha formen {}", field, form),
          fmt::format("{} must have the form {}", field, form)};
}

// Of a code list whose name is the same in both languages.
Violation UnknownCode(std::string field, std::string_view list) {
  return {"UNKNOWN_CODE", field, fmt::format("{} er ikke en kode i {}", field, list),
          fmt::format("{} is not a code of {}", field, list)};
}

Violation NotOneOf(std::string field, const google::protobuf::EnumDescriptor& values) {
  std::vector<std::string> names;
  for (int i = 0; i < values.value_count(); ++i) {
    if (values.value(i)->number() != 0) names.push_back(values.value(i)->name());
  }
  return {"UNKNOWN_CODE", field, fmt::format("{} må være en av {}", field, fmt::join(names, ", ")),
          fmt::format("{} must be one of {}", field, fmt::join(names, ", "))};
}

Violation OutOfRange(std::string field, const Phrase& range) {
  return {"OUT_OF_RANGE", field, fmt::format("{} må være {}", field, range.nb),
          fmt::format("{} must be {}", field, range.en)};
}

// Whether digits in the text, blanks between them or not, are a national identity number. Local ids go into
// the log as they are, so none may hold one.
bool HoldsIdentityNumber(const std::string& text) {
  std::string digits;
  const auto is_number = [&](uint32_t type, size_t length) {
    return digits.size() >= length &&
           CheckIdentity(type, std::string_view(digits).substr(digits.size() - length)) == IdentityCheck::kOk;
  };
  for (char c : text) {
    if (c == ' ') continue;
    if (c < '0' || c > '9') {
      digits.clear();
      continue;
    }
    digits += c;
    if (is_number(1, 11) || is_number(2, 11) || is_number(3, 11) || is_number(12, 11) || is_number(10, 12))
      return true;
  }
  return false;
}

// All checks of one event. Each gives the first thing that is wrong.
class Checker {
 public:
  Checker(const v1::Event& event, int64_t received_at_ms)
      : e_(event), received_on_(Date::FromUnixMillis(received_at_ms)), received_at_ms_(received_at_ms) {}

  MaybeViolation Check() {
    for (const auto check : {&Checker::CheckIds, &Checker::CheckStatus, &Checker::CheckTimes,
                             &Checker::CheckMunicipality, &Checker::CheckSubject, &Checker::CheckFact}) {
      if (MaybeViolation refusal = (this->*check)()) return refusal;
    }
    return std::nullopt;
  }

 private:
  static MaybeViolation CheckUuid(const std::string& text, const char* field, bool zero_allowed) {
    if (text.empty()) return Missing(field);
    const auto id = Uuid::Parse(text);
    if (!id) return BadFormat(field, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    if (id->is_zero() && !zero_allowed)
      return OutOfRange(field, {"en annen UUID enn null", "a UUID other than zero"});
    return std::nullopt;
  }

  MaybeViolation CheckIds() {
    if (auto r = CheckUuid(e_.event_id(), "event_id", false)) return r;
    if (e_.sequence() == 0) return Missing("sequence");
    return CheckUuid(e_.previous_event_id(), "previous_event_id", true);
  }

  MaybeViolation CheckStatus() {
    switch (e_.status()) {
      case v1::EVENT_STATUS_ORIGINAL:
        if (e_.refers_to().empty()) return std::nullopt;
        return Violation{"REFERENCE_NOT_ALLOWED", "refers_to",
                         "En original kan ikke vise til en annen hendelse",
                         "An ORIGINAL cannot refer to another event"};
      case v1::EVENT_STATUS_REPLACE:
      case v1::EVENT_STATUS_ANNUL:
        if (auto r = CheckUuid(e_.refers_to(), "refers_to", false)) return r;
        if (e_.refers_to() != e_.event_id()) return std::nullopt;
        return Violation{"REFERENCE_NOT_ALLOWED", "refers_to", "En rettelse kan ikke vise til seg selv",
                         "A correction cannot refer to itself"};
      case v1::EVENT_STATUS_SUPPLEMENT:
        return Violation{"STATUS_NOT_IN_USE", "status",
                         "Kode T (supplement) skal ikke brukes; send M eller en ny N",
                         "Code T (supplement) is not in use; send REPLACE or a new ORIGINAL"};
      default:
        return UnknownCode("status", "kodeverk 7316");
    }
  }

  MaybeViolation CheckTimes() {
    if (e_.occurred_on().empty()) return Missing("occurred_on");
    const auto on = Date::Parse(e_.occurred_on());
    if (!on)
      return Violation{"NO_SUCH_DATE", "occurred_on", "occurred_on er ikke en dato ÅÅÅÅ-MM-DD",
                       "occurred_on is not a date YYYY-MM-DD"};
    on_ = *on;
    if (on_ < kEarliest || on_ > received_on_ + 1)
      return OutOfRange("occurred_on", {"fra 1900-01-01 til dagen etter mottak",
                                        "from 1900-01-01 to the day after receipt"});
    if (!e_.has_registered_at()) return Missing("registered_at");
    if (!e_.has_sent_at()) return Missing("sent_at");
    if (auto r = CheckMoment(e_.registered_at(), "registered_at")) return r;
    return CheckMoment(e_.sent_at(), "sent_at");
  }

  MaybeViolation CheckMoment(const google::protobuf::Timestamp& t, const char* field) const {
    constexpr int64_t kEarliestSeconds = -2'208'988'800;  // 1900
    const int64_t latest = (received_at_ms_ + limits::kClockSkewMillis) / 1000;
    if (t.seconds() < kEarliestSeconds || t.seconds() > latest || t.nanos() < 0 || t.nanos() > 999'999'999) {
      return OutOfRange(
          field, {"etter 1900 og høyst et døgn etter mottak", "after 1900 and at most a day after receipt"});
    }
    return std::nullopt;
  }

  MaybeViolation CheckMunicipalityCode(const std::string& text, const char* field) const {
    if (text.empty()) return Missing(field);
    const auto code = Municipality::Parse(text);
    if (!code) return BadFormat(field, "NNNN");
    switch (MunicipalityOn(*code, on_)) {
      case CodeValidity::kUnknown:
        return UnknownCode(field, "SSB klass 131");
      case CodeValidity::kNotInForce:
        return Violation{"MUNICIPALITY_NOT_IN_FORCE", field,
                         fmt::format("Kommune {} var ikke i kraft {}", text, on_.ToString()),
                         fmt::format("Municipality {} was not in force on {}", text, on_.ToString())};
      case CodeValidity::kInForce:
        return std::nullopt;
    }
    return std::nullopt;
  }

  MaybeViolation CheckMunicipality() { return CheckMunicipalityCode(e_.municipality(), "municipality"); }

  MaybeViolation CheckPerson(const v1::PersonIdentity& person, const std::string& field) const {
    switch (CheckIdentity(person.type(), person.number())) {
      case IdentityCheck::kOk:
        break;
      case IdentityCheck::kUnknownType:
        return UnknownCode(field + ".type", "kodeverk 9032");
      case IdentityCheck::kFormat:
        return Violation{"BAD_FORMAT", field + ".number",
                         fmt::format("{}.number passer ikke til nummertypen", field),
                         fmt::format("{}.number does not fit the type of number", field)};
      case IdentityCheck::kDate:
        return Violation{"IDENTITY_DATE", field + ".number", "Datodelen passer ikke til nummertypen",
                         "The date part does not fit the type of number"};
      case IdentityCheck::kCheckDigit:
        return Violation{"IDENTITY_CHECK_DIGIT", field + ".number", "Kontrollsifrene stemmer ikke",
                         "The check digits do not match"};
    }
    if (person.type() == 9 && e_.source().patient_number().empty()) {
      return Violation{"LOCAL_NUMBER_REQUIRED", "source.patient_number",
                       "En person uten nummer (type 9) må ha lokalt brukernummer",
                       "A person without a number (type 9) needs the local patient number"};
    }
    return std::nullopt;
  }

  MaybeViolation CheckProviderNumber(const std::string& text, const std::string& field, bool required) const {
    if (text.empty()) return required ? MaybeViolation(Missing(field)) : std::nullopt;
    if (Provider::Parse(text)) return std::nullopt;
    return Violation{"PROVIDER_CHECK_DIGIT", field, "Organisasjonsnummeret er ikke gyldig",
                     "The organisation number is not valid"};
  }

  static MaybeViolation CheckText(const std::string& text, const std::string& field) {
    if (text.empty()) return Missing(field);
    if (text.size() > limits::kTextBytes)
      return OutOfRange(field, {"på 1 til 100 tegn", "1 to 100 characters"});
    if (HoldsIdentityNumber(text)) {
      return Violation{"IDENTITY_IN_TEXT", field, "Feltet inneholder et fødselsnummer",
                       "The field holds a national identity number"};
    }
    return std::nullopt;
  }

  MaybeViolation SubjectMust(v1::Subject::KindCase kind, const Phrase& name) const {
    if (e_.subject().kind_case() == kind) return std::nullopt;
    return Violation{"WRONG_SUBJECT", "subject", fmt::format("Denne hendelsen må gjelde {}", name.nb),
                     fmt::format("This fact must be about {}", name.en)};
  }

  MaybeViolation CheckSubject() {
    const v1::Subject& s = e_.subject();
    switch (s.kind_case()) {
      case v1::Subject::kPerson:
        return CheckPerson(s.person(), "subject.person");
      case v1::Subject::kRespondent:
        if (s.respondent().size() > limits::kTextBytes)
          return OutOfRange("subject.respondent", {"på 1 til 100 tegn", "1 to 100 characters"});
        return s.respondent().empty() ? MaybeViolation(Missing("subject.respondent")) : std::nullopt;
      case v1::Subject::kProvider:
        return CheckProviderNumber(s.provider(), "subject.provider", true);
      case v1::Subject::kMunicipality:
        return CheckMunicipalityCode(s.municipality(), "subject.municipality");
      case v1::Subject::kPseudonym:
        return Violation{"PSEUDONYM_NOT_ALLOWED", "subject.pseudonym", "Avsendere kan ikke sende pseudonymer",
                         "Senders cannot send pseudonyms"};
      default:
        return Missing("subject");
    }
  }

  MaybeViolation CheckServiceType(uint32_t code, const std::string& field) const {
    switch (ServiceType(code, on_)) {
      case CodeValidity::kUnknown:
        return UnknownCode(field, "kodeverk 9151");
      case CodeValidity::kNotInForce:
        return Violation{"CODE_NOT_IN_FORCE", field,
                         fmt::format("Tjenestetype {} var ikke i bruk på datoen", code),
                         fmt::format("Service type {} was not in force on the date", code)};
      case CodeValidity::kInForce:
        return std::nullopt;
    }
    return std::nullopt;
  }

  template <typename Service>
  MaybeViolation CheckService(const Service& service, const std::string& name, bool provider_required) const {
    if (auto r = CheckText(service.service_id(), name + ".service_id")) return r;
    // A service begun under a code that is no longer used still pauses and ends under it.
    const bool begins = e_.has_service_started();
    if (begins || ServiceType(service.service_type(), on_) == CodeValidity::kUnknown) {
      if (auto r = CheckServiceType(service.service_type(), name + ".service_type")) return r;
    }
    return CheckProviderNumber(service.provider(), name + ".provider", provider_required);
  }

  template <typename Pause>
  MaybeViolation CheckPause(const Pause& pause, const std::string& name) const {
    if (auto r = CheckService(pause, name, false)) return r;
    return CheckText(pause.pause_id(), name + ".pause_id");
  }

  template <typename Place>
  MaybeViolation CheckPlace(const Place& place, const std::string& name) const {
    if (auto r = CheckText(place.application_id(), name + ".application_id")) return r;
    const uint32_t type = place.service_type();
    if (type != 29 && (type < 18 || type > 21))
      return OutOfRange(name + ".service_type", {"18, 19, 20, 21 eller 29", "18, 19, 20, 21 or 29"});
    return std::nullopt;
  }

  static MaybeViolation CheckAmount(double value, const std::string& field, double most) {
    const bool in_range = std::isfinite(value) && value >= 0 && value <= most;
    if (!in_range) return OutOfRange(field, {fmt::format("0 til {}", most), fmt::format("0 to {}", most)});
    if (std::abs(value * 100 - std::round(value * 100)) > 1e-6)
      return OutOfRange(field, {"et tall med høyst to desimaler", "a number of at most two decimals"});
    return std::nullopt;
  }

  static MaybeViolation CheckOptionalDate(const std::string& text, const std::string& field) {
    if (text.empty() || Date::Parse(text)) return std::nullopt;
    return Violation{"NO_SUCH_DATE", field, fmt::format("{} er ikke en dato ÅÅÅÅ-MM-DD", field),
                     fmt::format("{} is not a date YYYY-MM-DD", field)};
  }

  MaybeViolation CheckDetails(const v1::PersonDetails& d) const {
    if (auto r = CheckOptionalDate(d.birth_date(), "person_details.birth_date")) return r;
    if (auto r = CheckOptionalDate(d.death_date(), "person_details.death_date")) return r;
    if (d.sex() != v1::SEX_UNSPECIFIED && d.sex() != v1::SEX_MALE && d.sex() != v1::SEX_FEMALE &&
        d.sex() != v1::SEX_NOT_APPLICABLE) {
      return UnknownCode("person_details.sex", "kodeverk 3101");
    }
    if (!v1::DeathPlace_IsValid(d.death_place()))
      return NotOneOf("person_details.death_place", *v1::DeathPlace_descriptor());
    const auto birth = Date::Parse(d.birth_date()), death = Date::Parse(d.death_date());
    if (birth && (*birth > received_on_ || *birth < Date::FromYmd(1850, 1, 1))) {
      return OutOfRange("person_details.birth_date",
                        {"fra 1850-01-01 til mottaksdagen", "from 1850-01-01 to the day of receipt"});
    }
    if (death && *death > received_on_ + 1)
      return OutOfRange("person_details.death_date",
                        {"senest mottaksdagen", "no later than the day of receipt"});
    if (birth && death && *death < *birth)
      return OutOfRange("person_details.death_date", {"birth_date eller senere", "on or after birth_date"});
    return std::nullopt;
  }

  MaybeViolation CheckCapacity(const v1::Capacity& c) const {
    constexpr double kMost = 100'000;
    if (auto r = CheckAmount(c.places(), "capacity.places", kMost)) return r;
    if (auto r = CheckAmount(c.places_bought(), "capacity.places_bought", kMost)) return r;
    if (auto r = CheckAmount(c.places_sold(), "capacity.places_sold", kMost)) return r;
    if (auto r = CheckAmount(c.rooms(), "capacity.rooms", kMost)) return r;
    if (auto r = CheckAmount(c.single_rooms_with_bath(), "capacity.single_rooms_with_bath", kMost)) return r;
    if (auto r = CheckAmount(c.double_rooms(), "capacity.double_rooms", kMost)) return r;
    if (c.industry_code().size() > 10)
      return OutOfRange("capacity.industry_code", {"på høyst 10 tegn", "at most 10 characters"});
    if (c.single_rooms_with_bath() + c.double_rooms() > c.rooms() + 1e-9) {
      return OutOfRange("capacity.rooms", {"minst single_rooms_with_bath + double_rooms",
                                           "at least single_rooms_with_bath + double_rooms"});
    }
    return std::nullopt;
  }

  template <typename Survey>
  MaybeViolation CheckSurvey(const Survey& survey, const std::string& name) const {
    if (auto r = CheckText(survey.instrument(), name + ".instrument")) return r;
    if (survey.respondent() != v1::RESPONDENT_USER && survey.respondent() != v1::RESPONDENT_RELATIVE) {
      return NotOneOf(name + ".respondent", *v1::Respondent_descriptor());
    }
    return CheckProviderNumber(survey.provider(), name + ".provider", false);
  }

  MaybeViolation CheckSubjectOfFact() const {
    switch (e_.fact_case()) {
      case v1::Event::kCapacity:
        return SubjectMust(v1::Subject::kProvider, {"en virksomhet", "a provider"});
      case v1::Event::kSurveyInvitation:
      case v1::Event::kSurveyResponse:
        return SubjectMust(v1::Subject::kRespondent, {"en svarer", "a respondent"});
      case v1::Event::kPeriodComplete:
      case v1::Event::kInhabitants:
        return SubjectMust(v1::Subject::kMunicipality, {"en kommune", "a municipality"});
      case v1::Event::kWorkforce:
        return e_.subject().has_municipality()
                   ? std::nullopt
                   : SubjectMust(v1::Subject::kProvider, {"en virksomhet", "a provider"});
      default:
        return SubjectMust(v1::Subject::kPerson, {"en person", "a person"});
    }
  }

  MaybeViolation CheckFact() {
    if (e_.fact_case() == v1::Event::FACT_NOT_SET) return Missing("fact");
    if (auto r = CheckSubjectOfFact()) return r;
    if (e_.status() == v1::EVENT_STATUS_ANNUL) return std::nullopt;  // its content is not used
    switch (e_.fact_case()) {
      case v1::Event::kServiceStarted: {
        const auto& s = e_.service_started();
        if (auto r = CheckService(s, "service_started", ProviderRequired(s.service_type()))) return r;
        return CheckAmount(s.hours_per_week(), "service_started.hours_per_week", 168);
      }
      case v1::Event::kServiceEnded:
        return CheckService(e_.service_ended(), "service_ended", false);
      case v1::Event::kProviderChanged:
        return CheckService(e_.provider_changed(), "provider_changed", true);
      case v1::Event::kServicePaused:
        return CheckPause(e_.service_paused(), "service_paused");
      case v1::Event::kServiceResumed:
        return CheckPause(e_.service_resumed(), "service_resumed");
      case v1::Event::kPersonDetails:
        return CheckDetails(e_.person_details());
      case v1::Event::kIdentityChanged:
        return CheckPerson(e_.identity_changed().new_identity(), "identity_changed.new_identity");
      case v1::Event::kReservation:
        if (e_.reservation().purpose() == 0 ||
            !v1::Reservation::Purpose_IsValid(e_.reservation().purpose())) {
          return NotOneOf("reservation.purpose", *v1::Reservation::Purpose_descriptor());
        }
        return std::nullopt;
      case v1::Event::kMedicationReview:
        if (e_.medication_review().kind() == 0 ||
            !v1::MedicationReview::Kind_IsValid(e_.medication_review().kind())) {
          return NotOneOf("medication_review.kind", *v1::MedicationReview::Kind_descriptor());
        }
        return std::nullopt;
      case v1::Event::kNutritionAssessment:
        if (e_.nutrition_assessment().has_plan() && !e_.nutrition_assessment().at_risk()) {
          return OutOfRange("nutrition_assessment.has_plan",
                            {"usann når at_risk er usann", "false where at_risk is false"});
        }
        return std::nullopt;
      case v1::Event::kFunctionAssessment:
        return CheckScores(e_.function_assessment().scores());
      case v1::Event::kDiagnosis:
        if (e_.diagnosis().system() == 0 || !v1::Diagnosis::System_IsValid(e_.diagnosis().system())) {
          return NotOneOf("diagnosis.system", *v1::Diagnosis::System_descriptor());
        }
        if (e_.diagnosis().code().size() < 3 || e_.diagnosis().code().size() > 8)
          return OutOfRange("diagnosis.code", {"på 3 til 8 tegn", "3 to 8 characters"});
        return std::nullopt;
      case v1::Event::kRoomTaken:
        if (e_.room_taken().kind() == 0 || !v1::RoomTaken::Kind_IsValid(e_.room_taken().kind()))
          return NotOneOf("room_taken.kind", *v1::RoomTaken::Kind_descriptor());
        return CheckText(e_.room_taken().service_id(), "room_taken.service_id");
      case v1::Event::kPlaceApplied:
        return CheckPlace(e_.place_applied(), "place_applied");
      case v1::Event::kPlaceGranted:
        return CheckPlace(e_.place_granted(), "place_granted");
      case v1::Event::kPlaceDeclined:
        return CheckPlace(e_.place_declined(), "place_declined");
      case v1::Event::kCapacity:
        return CheckCapacity(e_.capacity());
      case v1::Event::kSurveyInvitation:
        return CheckSurvey(e_.survey_invitation(), "survey_invitation");
      case v1::Event::kSurveyResponse:
        return CheckResponse();
      case v1::Event::kWorkforce:
        return CheckWorkforce();
      case v1::Event::kPeriodComplete:
        return CheckPeriod();
      case v1::Event::kInhabitants:
        if (e_.inhabitants().men_size() != 6 || e_.inhabitants().women_size() != 6)
          return OutOfRange("inhabitants",
                            {"seks tall for menn og seks for kvinner", "six counts of men and six of women"});
        return CheckCounts();
      default:
        return std::nullopt;
    }
  }

  template <typename Scores>
  static MaybeViolation CheckScores(const Scores& scores) {
    if (scores.empty() || static_cast<size_t>(scores.size()) > limits::kFactValues) {
      return OutOfRange("function_assessment.scores", {"1 til 24 skårer", "1 to 24 scores"});
    }
    for (uint32_t score : scores) {
      if (score != 9 && (score < 1 || score > 5))
        return OutOfRange("function_assessment.scores", {"1 til 5, eller 9", "1 to 5, or 9"});
    }
    return std::nullopt;
  }

  MaybeViolation CheckCounts() const {
    for (const auto* counts : {&e_.inhabitants().men(), &e_.inhabitants().women()}) {
      for (uint32_t count : *counts) {
        if (count > 10'000'000) return OutOfRange("inhabitants", {"0 til 10 000 000", "0 to 10,000,000"});
      }
    }
    return std::nullopt;
  }

  MaybeViolation CheckResponse() const {
    const auto& r = e_.survey_response();
    if (auto refusal = CheckSurvey(r, "survey_response")) return refusal;
    if (static_cast<size_t>(r.answers_size()) > limits::kFactValues)
      return OutOfRange("survey_response.answers", {"høyst 24 svar", "at most 24 answers"});
    for (uint32_t answer : r.answers()) {
      if (answer > 10) return OutOfRange("survey_response.answers", {"0 til 10", "0 to 10"});
    }
    return std::nullopt;
  }

  MaybeViolation CheckWorkforce() const {
    const auto& w = e_.workforce();
    constexpr double kMost = 1'000'000;
    if (auto r = CheckAmount(w.full_time_equivalents(), "workforce.full_time_equivalents", kMost)) return r;
    if (auto r = CheckAmount(w.with_health_education(), "workforce.with_health_education",
                             w.full_time_equivalents()))
      return r;
    return CheckAmount(w.doctor_hours_per_week(), "workforce.doctor_hours_per_week", kMost);
  }

  MaybeViolation CheckPeriod() const {
    const auto first = Period::Parse(e_.period_complete().first_month()),
               last = Period::Parse(e_.period_complete().last_month());
    if (!first || first->kind != PeriodKind::kMonth)
      return BadFormat("period_complete.first_month", "YYYY-MM");
    if (!last || last->kind != PeriodKind::kMonth) return BadFormat("period_complete.last_month", "YYYY-MM");
    if (last->ordinal < first->ordinal)
      return OutOfRange("period_complete.last_month",
                        {"first_month eller senere", "on or after first_month"});
    return std::nullopt;
  }

  const v1::Event& e_;
  Date received_on_;
  int64_t received_at_ms_;
  Date on_;
};

}  // namespace

std::optional<Violation> Validate(const v1::Event& event, int64_t received_at_ms) {
  return Checker(event, received_at_ms).Check();
}

}  // namespace kpr
