#include "ingest/validation/validate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/date.h"
#include "tests/support/english_words.h"
#include "tests/support/sample_event.h"

namespace kpr {
namespace {

using test::kReceivedMs;
using test::SampleEvent;

struct Case {
  const char *code, *field;
  std::function<void(v1::Event*)> spoil;
};

const Instruments kInstruments = {{"i", {2, 1, 5}}};

void Answer(v1::Event* event, const std::string& instrument, const std::vector<uint32_t>& answers) {
  event->mutable_subject()->set_respondent("r");
  auto* response = event->mutable_survey_response();
  response->set_instrument(instrument);
  response->set_respondent(v1::RESPONDENT_USER);
  for (const uint32_t answer : answers) response->add_answers(answer);
}

TEST(ValidateTest, AnswersOnTheScaleAndNoneAreInOrder) {
  v1::Event event = SampleEvent();
  Answer(&event, "i", {5, 0});
  EXPECT_TRUE(Validate(event, kReceivedMs, kInstruments).empty());
}

TEST(ValidateTest, TheSampleIsInOrder) {
  EXPECT_TRUE(Validate(SampleEvent(), kReceivedMs, kInstruments).empty());
}

constexpr auto kStarted = [](v1::Event* e) { return e->mutable_service_started(); };

const Case kCases[] = {
    {"MISSING", "event_id", [](auto* e) { e->clear_event_id(); }},
    {"BAD_FORMAT", "event_id", [](auto* e) { e->set_event_id("{7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e}"); }},
    {"BAD_FORMAT", "event_id", [](auto* e) { e->set_event_id("7b9e1c34-0d2f-1a58-9c61-2f3a4b5c6d7e"); }},
    {"BAD_FORMAT", "event_id", [](auto* e) { e->set_event_id("7b9e1c34-0d2f-4a58-cc61-2f3a4b5c6d7e"); }},
    {"IDENTITY_IN_TEXT", "event_id",
     [](auto* e) { e->set_event_id("00000000-0000-4000-8000-010915596784"); }},
    {"OUT_OF_RANGE", "event_id", [](auto* e) { e->set_event_id("00000000-0000-0000-0000-000000000000"); }},
    {"MISSING", "sequence", [](auto* e) { e->set_sequence(0); }},
    {"OUT_OF_RANGE", "sequence", [](auto* e) { e->set_sequence(1ull << 53); }},
    {"MISSING", "previous_event_id", [](auto* e) { e->clear_previous_event_id(); }},
    {"UNKNOWN_CODE", "status", [](auto* e) { e->clear_status(); }},
    {"UNKNOWN_CODE", "status", [](auto* e) { e->set_status(static_cast<v1::EventStatus>(77)); }},
    {"STATUS_NOT_IN_USE", "status", [](auto* e) { e->set_status(v1::EVENT_STATUS_SUPPLEMENT); }},
    {"MISSING", "refers_to", [](auto* e) { e->set_status(v1::EVENT_STATUS_REPLACE); }},
    {"REFERENCE_NOT_ALLOWED", "refers_to", [](auto* e) { e->set_refers_to(e->event_id()); }},
    {"REFERENCE_NOT_ALLOWED", "refers_to",
     [](auto* e) {
       e->set_status(v1::EVENT_STATUS_ANNUL);
       e->set_refers_to(e->event_id());
     }},
    {"MISSING", "occurred_on", [](auto* e) { e->clear_occurred_on(); }},
    {"NO_SUCH_DATE", "occurred_on", [](auto* e) { e->set_occurred_on("2023-02-29"); }},
    {"OUT_OF_RANGE", "occurred_on", [](auto* e) { e->set_occurred_on("2024-06-12"); }},
    {"OUT_OF_RANGE", "occurred_on", [](auto* e) { e->set_occurred_on("1899-12-31"); }},
    {"MISSING", "registered_at", [](auto* e) { e->clear_registered_at(); }},
    {"MISSING", "sent_at", [](auto* e) { e->clear_sent_at(); }},
    {"OUT_OF_RANGE", "sent_at", [](auto* e) { e->mutable_sent_at()->set_seconds(1'900'000'000); }},
    {"OUT_OF_RANGE", "registered_at", [](auto* e) { e->mutable_registered_at()->set_nanos(-1); }},
    {"MISSING", "municipality", [](auto* e) { e->clear_municipality(); }},
    {"BAD_FORMAT", "municipality", [](auto* e) { e->set_municipality("301"); }},
    {"UNKNOWN_CODE", "municipality", [](auto* e) { e->set_municipality("0099"); }},
    {"MUNICIPALITY_NOT_IN_FORCE", "municipality", [](auto* e) { e->set_municipality("3001"); }},
    {"MISSING", "subject", [](auto* e) { e->clear_subject(); }},
    {"PSEUDONYM_NOT_ALLOWED", "subject.pseudonym",
     [](auto* e) { e->mutable_subject()->set_pseudonym("0123456789abcdef"); }},
    {"UNKNOWN_CODE", "subject.person.type",
     [](auto* e) { e->mutable_subject()->mutable_person()->set_type(99); }},
    {"BAD_FORMAT", "subject.person.number",
     [](auto* e) { e->mutable_subject()->mutable_person()->set_number("123"); }},
    {"IDENTITY_CHECK_DIGIT", "subject.person.number",
     [](auto* e) { e->mutable_subject()->mutable_person()->set_number("10915596785"); }},
    {"IDENTITY_DATE", "subject.person.number",
     [](auto* e) { e->mutable_subject()->mutable_person()->set_type(2); }},
    {"LOCAL_NUMBER_REQUIRED", "source.patient_number",
     [](auto* e) {
       e->mutable_subject()->mutable_person()->set_type(9);
       e->mutable_subject()->mutable_person()->set_number("010150");
     }},
    {"WRONG_SUBJECT", "subject", [](auto* e) { e->mutable_subject()->set_provider("974760673"); }},
    {"PROVIDER_CHECK_DIGIT", "subject.provider",
     [](auto* e) { e->mutable_subject()->set_provider("974760674"); }},
    {"MISSING", "fact", [](auto* e) { e->clear_service_started(); }},
    {"MISSING", "service_started.service_id", [](auto* e) { kStarted(e)->clear_service_id(); }},
    {"OUT_OF_RANGE", "service_started.service_id",
     [](auto* e) { kStarted(e)->set_service_id(std::string(101, 'x')); }},
    {"IDENTITY_IN_TEXT", "service_started.service_id",
     [](auto* e) { kStarted(e)->set_service_id("p-10915596784"); }},
    {"IDENTITY_IN_TEXT", "service_started.service_id",
     [](auto* e) { kStarted(e)->set_service_id("109155 96784"); }},
    {"UNKNOWN_CODE", "service_started.service_type", [](auto* e) { kStarted(e)->set_service_type(10); }},
    {"CODE_NOT_IN_FORCE", "service_started.service_type", [](auto* e) { kStarted(e)->set_service_type(12); }},
    {"MISSING", "service_started.provider", [](auto* e) { kStarted(e)->clear_provider(); }},
    {"PROVIDER_CHECK_DIGIT", "service_started.provider",
     [](auto* e) { kStarted(e)->set_provider("123456789"); }},
    {"OUT_OF_RANGE", "service_started.hours_per_week",
     [](auto* e) { kStarted(e)->set_hours_per_week(168.01); }},
    {"OUT_OF_RANGE", "service_started.hours_per_week",
     [](auto* e) { kStarted(e)->set_hours_per_week(1.005); }},
    {"OUT_OF_RANGE", "service_started.hours_per_week",
     [](auto* e) { kStarted(e)->set_hours_per_week(std::nan("")); }},
    {"MISSING", "service_paused.pause_id",
     [](auto* e) {
       e->mutable_service_paused()->set_service_id("s");
       e->mutable_service_paused()->set_service_type(21);
     }},
    {"UNKNOWN_CODE", "service_ended.service_type",
     [](auto* e) {
       e->mutable_service_ended()->set_service_id("s");
       e->mutable_service_ended()->set_service_type(10);
     }},
    {"WRONG_SUBJECT", "subject", [](auto* e) { e->mutable_inhabitants(); }},
    {"OUT_OF_RANGE", "inhabitants",
     [](auto* e) {
       e->mutable_subject()->set_municipality(e->municipality());
       e->mutable_inhabitants()->add_men(3);
     }},
    {"NO_SUCH_DATE", "person_details.birth_date",
     [](auto* e) { e->mutable_person_details()->set_birth_date("1950-13-01"); }},
    {"OUT_OF_RANGE", "person_details.death_date",
     [](auto* e) {
       e->mutable_person_details()->set_birth_date("1950-01-02");
       e->mutable_person_details()->set_death_date("1950-01-01");
     }},
    {"UNKNOWN_CODE", "person_details.sex",
     [](auto* e) { e->mutable_person_details()->set_sex(static_cast<v1::Sex>(5)); }},
    {"IDENTITY_CHECK_DIGIT", "identity_changed.new_identity.number",
     [](auto* e) {
       auto* n = e->mutable_identity_changed()->mutable_new_identity();
       n->set_type(1);
       n->set_number("10915596785");
     }},
    {"UNKNOWN_CODE", "medication_review.kind", [](auto* e) { e->mutable_medication_review(); }},
    {"UNKNOWN_CODE", "contact.service", [](auto* e) { e->mutable_contact(); }},
    {"NO_SUCH_DATE", "contact.referred_on",
     [](auto* e) {
       e->mutable_contact()->set_service(v1::Contact::SERVICE_DENTAL);
       e->mutable_contact()->set_referred_on("2024-02-30");
     }},
    {"OUT_OF_RANGE", "contact.referred_on",
     [](auto* e) {
       e->mutable_contact()->set_service(v1::Contact::SERVICE_DENTAL);
       e->mutable_contact()->set_referred_on((*Date::Parse(e->occurred_on()) + 1).ToString());
     }},
    {"OUT_OF_RANGE", "contact.referred_on",
     [](auto* e) {
       e->mutable_contact()->set_service(v1::Contact::SERVICE_DENTAL);
       e->mutable_contact()->set_referred_on("1899-12-31");
     }},
    {"UNKNOWN_CODE", "reservation.purpose", [](auto* e) { e->mutable_reservation(); }},
    {"OUT_OF_RANGE", "nutrition_assessment.has_plan",
     [](auto* e) { e->mutable_nutrition_assessment()->set_has_plan(true); }},
    {"OUT_OF_RANGE", "function_assessment.scores",
     [](auto* e) { e->mutable_function_assessment()->add_scores(6); }},
    {"OUT_OF_RANGE", "place_applied.service_type",
     [](auto* e) {
       e->mutable_place_applied()->set_application_id("a");
       e->mutable_place_applied()->set_service_type(15);
     }},
    {"WRONG_SUBJECT", "subject", [](auto* e) { e->mutable_capacity()->set_places(3); }},
    {"OUT_OF_RANGE", "capacity.rooms",
     [](auto* e) {
       e->mutable_subject()->set_provider("974760673");
       e->mutable_capacity()->set_rooms(2);
       e->mutable_capacity()->set_double_rooms(3);
     }},
    {"OUT_OF_RANGE", "capacity.dementia_places",
     [](auto* e) {
       e->mutable_subject()->set_provider("974760673");
       e->mutable_capacity()->set_long_stay_places(2);
       e->mutable_capacity()->set_dementia_places(2.5);
     }},
    {"OUT_OF_RANGE", "workforce.specialist_nurses",
     [](auto* e) {
       e->mutable_subject()->set_municipality(e->municipality());
       e->mutable_workforce()->set_nurses(2);
       e->mutable_workforce()->set_specialist_nurses(3);
     }},
    {"OUT_OF_RANGE", "workforce.sick_leave_days",
     [](auto* e) {
       e->mutable_subject()->set_municipality(e->municipality());
       e->mutable_workforce()->set_agreed_days(100);
       e->mutable_workforce()->set_sick_leave_days(100.5);
     }},
    {"OUT_OF_RANGE", "capacity.places",
     [](auto* e) {
       e->mutable_subject()->set_provider("974760673");
       e->mutable_capacity()->set_places(-1);
     }},
    {"UNKNOWN_CODE", "survey_invitation.respondent",
     [](auto* e) {
       e->mutable_subject()->set_respondent("r");
       e->mutable_survey_invitation()->set_instrument("i");
     }},
    {"UNKNOWN_INSTRUMENT", "survey_invitation.instrument",
     [](auto* e) {
       e->mutable_subject()->set_respondent("r");
       e->mutable_survey_invitation()->set_respondent(v1::RESPONDENT_USER);
       e->mutable_survey_invitation()->set_instrument("j");
     }},
    {"UNKNOWN_INSTRUMENT", "survey_response.instrument",
     [](auto* e) {
       Answer(e, "j", {1, 2});
     }},
    {"OUT_OF_RANGE", "survey_response.answers",
     [](auto* e) {
       Answer(e, "i", {1, 7});
     }},
    {"OUT_OF_RANGE", "survey_response.answers", [](auto* e) { Answer(e, "i", {1}); }},
    {"OUT_OF_RANGE", "survey_response.answers",
     [](auto* e) {
       Answer(e, "i", {1, 2, 3});
     }},
    {"WRONG_SUBJECT", "subject.municipality",
     [](auto* e) {
       e->mutable_subject()->set_municipality("1103");
       e->mutable_capacity();
     }},
    {"BAD_FORMAT", "period_complete.first_month",
     [](auto* e) {
       e->mutable_subject()->set_municipality("0301");
       e->mutable_period_complete()->set_first_month("2024");
     }},
};

// Every way to spoil an event is refused with its code, its field and words in both languages.
TEST(ValidateTest, EveryFaultHasItsCodeAndField) {
  for (const Case& c : kCases) {
    v1::Event event = SampleEvent();
    c.spoil(&event);
    const auto violations = Validate(event, kReceivedMs, kInstruments);
    const auto refusal = std::find_if(violations.begin(), violations.end(),
                                      [&](const Violation& v) { return v.field == c.field; });
    ASSERT_NE(refusal, violations.end()) << c.code << " at " << c.field << " passed";
    EXPECT_STREQ(NameOf(refusal->code), c.code) << c.field;
    EXPECT_EQ(refusal->field, c.field);
    EXPECT_FALSE(refusal->nb.empty() || refusal->en.empty()) << c.code;
    std::string text = refusal->nb;  // without the field's name, which may be an English word
    if (const size_t name = text.find(c.field); name != std::string::npos)
      text.erase(name, refusal->field.size());
    EXPECT_EQ(test::EnglishWordIn(text), "") << refusal->nb;
    EXPECT_EQ((refusal->nb + refusal->en).find("10915596784"), std::string::npos);
  }
}

TEST(ValidateTest, AnAnnulmentNeedsNoContent) {
  v1::Event event = SampleEvent();
  event.set_status(v1::EVENT_STATUS_ANNUL);
  event.set_refers_to("aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
  event.mutable_service_started()->Clear();
  EXPECT_TRUE(Validate(event, kReceivedMs, kInstruments).empty());
}

TEST(ValidateTest, AServiceOfAnOldCodeMayEnd) {
  v1::Event event = SampleEvent();
  event.mutable_service_ended()->set_service_id("s");
  event.mutable_service_ended()->set_service_type(12);  // in use until 2018
  EXPECT_TRUE(Validate(event, kReceivedMs, kInstruments).empty());
}

}  // namespace
}  // namespace kpr
