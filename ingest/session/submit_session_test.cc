#include "ingest/session/submit_session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "tests/support/sample_event.h"

namespace kpr {
namespace {

using test::kReceivedMs;
using test::SampleEvent;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    grant_.roles = {Role::kSender};
    grant_.municipalities = {Municipality{301}};
    grant_.person_authority = true;
  }

  PreparedBatch Send(const std::vector<v1::Event>& events) {
    v1::EventBatch batch;
    batch.set_batch(++number_);
    for (const auto& event : events) batch.add_events(event.SerializeAsString());
    PreparedBatch prepared = session_.Prepare(batch, {grant_, instruments_}, kReceivedMs);
    session_.RememberDurable(prepared);
    return prepared;
  }
  static std::string AllBytes(const PreparedBatch& prepared) {
    std::string bytes;
    for (const auto& stream : prepared.append.streams()) bytes += stream.bytes;
    return bytes;
  }

  Grant grant_;
  const Instruments instruments_ = {{"two-questions", {2, 1, 5}}};
  Pseudonymizer pseudonymizer_ = std::move(*Pseudonymizer::Create(std::string(32, 'k')));
  SubmitSession session_{{&pseudonymizer_, 4}, "urn:a"};
  uint64_t number_ = 0;
};

TEST_F(SessionTest, NoIdentityNumberGetsIntoTheLog) {  // I7
  v1::Event start = SampleEvent(), change = SampleEvent(), nameless = SampleEvent();
  start.mutable_source()->set_patient_number("pasient-4711");
  change.set_event_id("aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
  change.mutable_identity_changed()->mutable_new_identity()->set_type(1);
  change.mutable_identity_changed()->mutable_new_identity()->set_number("13097248022");
  nameless.set_event_id("22222222-2222-4222-8222-222222222222");
  nameless.mutable_subject()->mutable_person()->set_type(9);
  nameless.mutable_subject()->mutable_person()->set_number("010150");
  nameless.mutable_source()->set_patient_number("lokal-0815");
  // Whatever hides in fields that this version does not know is dropped as well.
  start.GetReflection()->MutableUnknownFields(&start)->AddLengthDelimited(999, "13097248022");
  start.mutable_service_started()
      ->GetReflection()
      ->MutableUnknownFields(start.mutable_service_started())
      ->AddLengthDelimited(999, "13097248022");
  const auto hide = [](google::protobuf::Message* message) {
    message->GetReflection()->MutableUnknownFields(message)->AddLengthDelimited(999, "13097248022");
  };
  std::vector<v1::Event> hiding(7, SampleEvent());
  for (size_t i = 0; i < hiding.size(); ++i)
    hiding[i].set_event_id(fmt::format("7b9e1c34-0d2f-4a58-9c61-aaaaaaaaaaa{}", i));
  hide(hiding[0].mutable_subject());
  hide(hiding[1].mutable_subject()->mutable_person());
  hide(hiding[2].mutable_registered_at());
  hide(hiding[3].mutable_sent_at());
  hide(hiding[4].mutable_source());
  hide(&hiding[5]);
  hide(hiding[6].mutable_service_started());
  v1::Event annul = SampleEvent();
  annul.set_event_id("33333333-3333-4333-8333-333333333333");
  annul.set_status(v1::EVENT_STATUS_ANNUL);
  annul.set_refers_to("bbbbbbbb-4444-4444-8444-bbbbbbbbbbbb");
  annul.mutable_service_started()->set_service_id("13097248022");
  const PreparedBatch prepared = Send({start, change, nameless, annul});
  EXPECT_EQ(prepared.receipt.accepted(), 4u);
  const PreparedBatch hidden = Send(hiding);
  EXPECT_EQ(hidden.receipt.accepted(), hiding.size());
  const std::string bytes = AllBytes(prepared) + AllBytes(hidden);
  for (const char* secret : {"10915596784", "13097248022", "010150", "pasient-4711", "lokal-0815"}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  }
}

TEST_F(SessionTest, ResultsNameEachEvent) {
  v1::Event other = SampleEvent(), unknown = SampleEvent();
  other.set_event_id("aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
  other.set_municipality("1103");
  unknown.set_event_id("22222222-2222-4222-8222-222222222222");
  unknown.mutable_service_started()->set_service_type(10);
  const PreparedBatch prepared = Send({SampleEvent(), other, unknown, SampleEvent()});
  EXPECT_EQ(prepared.receipt.state(), v1::Receipt::STATE_DURABLE);
  EXPECT_EQ(prepared.receipt.accepted(), 1u);
  EXPECT_EQ(prepared.receipt.duplicates(), 1u);
  ASSERT_EQ(prepared.receipt.results_size(), 3);
  EXPECT_EQ(prepared.receipt.results(0).violations(0).code(), "NOT_YOUR_MUNICIPALITY");
  EXPECT_EQ(prepared.receipt.results(0).index(), 1u);
  EXPECT_EQ(prepared.receipt.results(1).violations(0).code(), "UNKNOWN_CODE");
  EXPECT_EQ(prepared.receipt.results(2).outcome(), v1::EventResult::OUTCOME_DUPLICATE);
}

// The code an event is reported under says nothing of whom it counts for.
TEST_F(SessionTest, ASenderCannotSpeakForAnotherMunicipality) {
  grant_.municipalities = {*Municipality::Parse("0301")};
  v1::Event own = SampleEvent();
  own.set_municipality("0301");
  own.mutable_subject()->set_municipality("0301");
  for (int i = 0; i < 6; ++i) {
    own.mutable_inhabitants()->add_men(1);
    own.mutable_inhabitants()->add_women(1);
  }
  v1::Event other = own;
  other.set_event_id("aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa");
  other.mutable_subject()->set_municipality("1103");
  const PreparedBatch prepared = Send({own, other});
  EXPECT_EQ(prepared.receipt.accepted(), 1u);
  ASSERT_EQ(prepared.receipt.results_size(), 1);
  EXPECT_EQ(prepared.receipt.results(0).event_id(), other.event_id());
  EXPECT_EQ(prepared.receipt.results(0).violations(0).code(), "WRONG_SUBJECT");
  EXPECT_EQ(prepared.receipt.results(0).violations(0).field(), "subject.municipality");
}

std::string FirstCode(const PreparedBatch& prepared) {
  return prepared.receipt.results_size() == 0 ? "" : prepared.receipt.results(0).violations(0).code();
}

TEST_F(SessionTest, WhatConcernsAWholePersonNeedsTheAuthority) {
  v1::Event details = SampleEvent(), change = SampleEvent();
  details.mutable_person_details()->set_birth_date("1940-01-01");
  change.mutable_identity_changed()->mutable_new_identity()->set_type(1);
  change.mutable_identity_changed()->mutable_new_identity()->set_number("13097248022");
  for (const v1::Event& event : {details, change}) {
    grant_.person_authority = false;
    EXPECT_EQ(FirstCode(Send({event})), "NO_PERSON_AUTHORITY");
    grant_.person_authority = true;
    EXPECT_EQ(FirstCode(Send({event})), "");
  }
}

TEST_F(SessionTest, AReportOfAProviderNeedsTheProviderInThePolicy) {
  v1::Event report = SampleEvent();
  report.mutable_subject()->set_provider("974760673");
  report.mutable_capacity()->set_places(3);
  grant_.providers = {"938801363"};
  EXPECT_EQ(FirstCode(Send({report})), "NOT_YOUR_PROVIDER");
  grant_.providers = {"974760673"};
  EXPECT_EQ(FirstCode(Send({report})), "");
}

// Whatever a sender hides in a local id stays outside; the same id of the same sender, or its successor,
// stays the same.
TEST_F(SessionTest, LocalIdsAreHashedAtTheEdge) {
  const auto logged = [&](const std::string& service) {
    v1::Event event = SampleEvent();
    event.mutable_service_started()->set_service_id(service);
    SubmitSession session{{&pseudonymizer_, 1}, "urn:a"};
    v1::EventBatch batch;
    batch.add_events(event.SerializeAsString());
    const PreparedBatch prepared = session.Prepare(batch, {grant_, instruments_}, kReceivedMs);
    EXPECT_EQ(prepared.receipt.accepted(), 1u);
    return AllBytes(prepared);
  };
  for (const std::string hidden : {"109155-96784", "1-0-9-1-5-5-9-6-7-8-4", "109155\t96784",
                                   "1091559\u200b6784", "\u0661\u0660\u0669\u0661\u0665", "local"}) {
    EXPECT_EQ(logged(hidden).find(hidden), std::string::npos) << hidden;
  }
  EXPECT_EQ(logged("s1"), logged("s1"));
  EXPECT_NE(logged("s1"), logged("s2"));
  const Pseudonymizer other = std::move(*Pseudonymizer::Create(std::string(32, 'l')));
  EXPECT_EQ(pseudonymizer_.LocalId("urn:a", "s"), pseudonymizer_.LocalId("urn:a", "s"));
  EXPECT_NE(pseudonymizer_.LocalId("urn:a", "s"), pseudonymizer_.LocalId("urn:b", "s"));
  EXPECT_NE(pseudonymizer_.LocalId("urn:a", "s"), other.LocalId("urn:a", "s"));
}

TEST_F(SessionTest, TheLogSaysWhoIsCarriedOnFor) {
  grant_.continues = "urn:before";
  EXPECT_NE(AllBytes(Send({SampleEvent()})).find("urn:before"), std::string::npos);
}

TEST_F(SessionTest, AllThatIsWrongComesInOneAnswer) {
  v1::Event event = SampleEvent();
  event.clear_event_id();
  event.set_municipality("9999");
  event.mutable_service_started()->set_service_type(10);
  const PreparedBatch prepared = Send({event});
  ASSERT_EQ(prepared.receipt.results_size(), 1);
  std::vector<std::string> fields;
  for (const auto& violation : prepared.receipt.results(0).violations()) fields.push_back(violation.field());
  EXPECT_EQ(fields, (std::vector<std::string>{"event_id", "municipality", "service_started.service_type"}));
}

// 10,000 events, each with all that can be wrong, are answered in one message that a client takes.
TEST_F(SessionTest, TheAnswerToAFullBatchFitsInAMessage) {
  v1::Event event = SampleEvent();
  event.set_event_id("7b9e1c34-0d2f-1a58-9c61-2f3a4b5c6d7e");  // echoed, though of no version that is taken
  event.set_status(v1::EVENT_STATUS_SUPPLEMENT);
  event.clear_sent_at();
  event.set_municipality("9999");
  event.mutable_subject()->set_provider("974760674");
  event.mutable_service_started()->set_service_type(10);
  v1::EventBatch batch;
  for (size_t i = 0; i < limits::kBatchEvents; ++i) batch.add_events(event.SerializeAsString());
  const PreparedBatch prepared = session_.Prepare(batch, {grant_, instruments_}, kReceivedMs);
  ASSERT_EQ(prepared.receipt.results_size(), static_cast<int>(limits::kBatchEvents));
  EXPECT_FALSE(prepared.receipt.results(0).violations(0).message_nb().empty());
  const v1::EventResult& last = prepared.receipt.results(static_cast<int>(limits::kBatchEvents) - 1);
  EXPECT_EQ(last.violations_size(), 6);
  EXPECT_EQ(last.violations(5).code(), "WRONG_SUBJECT");
  EXPECT_LT(prepared.receipt.ByteSizeLong(), 4u << 20);
}

TEST_F(SessionTest, TheSameIdWithOtherContentGoesToTheLog) {
  v1::Event other = SampleEvent();
  other.set_occurred_on("2024-05-02");
  Send({SampleEvent()});
  EXPECT_EQ(Send({other}).receipt.accepted(), 1u);
  EXPECT_EQ(Send({SampleEvent()}).receipt.duplicates(), 1u);
}

TEST_F(SessionTest, GarbageAndOversizeAreRefusedOneByOne) {
  v1::EventBatch batch;
  batch.add_events("\xff\xff\xff not an event");
  batch.add_events(std::string(limits::kEventBytes + 1, 'x'));
  batch.add_events(SampleEvent().SerializeAsString());
  const PreparedBatch prepared = session_.Prepare(batch, {grant_, instruments_}, kReceivedMs);
  EXPECT_EQ(prepared.receipt.accepted(), 1u);
  EXPECT_EQ(prepared.receipt.results(0).violations(0).code(), "NOT_AN_EVENT");
  EXPECT_EQ(prepared.receipt.results(1).violations(0).code(), "EVENT_TOO_LARGE");
}

TEST_F(SessionTest, AClockAheadDoesNotMoveTheCalendar) {
  v1::Event event = SampleEvent();
  event.mutable_sent_at()->set_seconds(kReceivedMs / 1000 + 3600 * 20);
  EXPECT_EQ(Send({event}).data_day, Date::FromUnixMillis(kReceivedMs));
}

}  // namespace
}  // namespace kpr
