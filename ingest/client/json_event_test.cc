#include "ingest/client/json_event.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "tests/support/sample_event.h"

namespace kpr {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string JsonOf(const v1::Event& event) {
  std::string line;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(event, &line, options).ok());
  return line;
}

// The same as protobuf's own reader gives, whichever way the line took.
void ExpectSame(const std::string& line) {
  JsonEventReader reader;
  v1::Event read, expected;
  const Status status = reader.Read(line, &read);
  const bool good = google::protobuf::util::JsonStringToMessage(line, &expected).ok();
  ASSERT_EQ(status.ok(), good) << line;
  if (!good) return;
  EXPECT_EQ(read.SerializeAsString(), expected.SerializeAsString()) << line << '\n' << read.DebugString();
}

TEST(JsonEventTest, EveryFieldIsReadTheShortWay) {
  v1::Event event = test::SampleEvent();
  event.mutable_registered_at()->set_nanos(120'000'000);
  event.mutable_service_started()->set_hours_per_week(1.25);
  event.mutable_source()->set_patient_number("å\"\\\n");
  const auto read = [](const v1::Event& e) {
    JsonEventReader reader;
    v1::Event again;
    EXPECT_TRUE(reader.Read(JsonOf(e), &again).ok());
    EXPECT_TRUE(reader.took_short_way()) << JsonOf(e);
    EXPECT_TRUE(MessageDifferencer::Equals(again, e)) << again.DebugString();
  };
  read(event);
  event.mutable_function_assessment()->add_scores(9);
  event.mutable_function_assessment()->add_scores(1);
  read(event);
  event.mutable_capacity()->set_places(0);
  event.mutable_subject()->set_provider("974760673");
  read(event);
  event.mutable_nutrition_assessment()->set_at_risk(true);
  read(event);
  event.mutable_period_complete()->set_events(UINT64_MAX);
  read(event);
}

TEST(JsonEventTest, WhatIsWrittenInAnotherWayIsReadAllTheSame) {
  for (const char* line : {
           R"({"eventId":"a","serviceStarted":{"serviceId":"s"}})",
           R"({"event_id":null,"service_started":null})",
           R"({"status":1})",
           R"({"status":"EVENT_STATUS_ORIGINAL"})",
           R"({"status":"NOTHING"})",
           R"({"sequence":7})",
           R"({"sequence":"7"})",
           R"({"sequence":7.0})",
           R"({"sequence":7.5})",
           R"({"sequence":-1})",
           R"({"sequence":"-1"})",
           R"({"sequence":""})",
           R"({"sequence":"18446744073709551615"})",
           R"({"sequence":18446744073709551615})",
           R"({"sequence":18446744073709551616})",
           R"({"service_started":{"service_type":4294967295}})",
           R"({"service_started":{"service_type":4294967296}})",
           R"({"service_started":{"service_type":"21"}})",
           R"({"service_started":{"service_type":true}})",
           R"({"service_started":{"hours_per_week":"NaN"}})",
           R"({"service_started":{"hours_per_week":"1.5"}})",
           R"({"service_started":{"hours_per_week":3}})",
           R"({"service_started":{"hours_per_week":1e400}})",
           R"({"service_started":{},"service_ended":{}})",
           R"({"event_id":"a","event_id":"b"})",
           R"({"event_id":7})",
           R"({"sent_at":"2024-05-01T10:00:00+02:00"})",
           R"({"sent_at":"2024-05-01T10:00:00.123456789Z"})",
           R"({"sent_at":"2024-05-01"})",
           R"({"sent_at":{"seconds":1}})",
           R"({"subject":{"pseudonym":"AAAA"}})",
           R"({"subject":[]})",
           R"({"function_assessment":{"scores":[1,"2",3]}})",
           R"({"function_assessment":{"scores":[]}})",
           R"({"function_assessment":{"scores":[1,null]}})",
           R"({"function_assessment":{"scores":[-1]}})",
           R"({"individual_plan":{"ended":"true"}})",
           R"({"individual_plan":{"ended":1}})",
           R"({"unknown":1})",
           R"({})",
           R"([])",
           R"(7)",
           R"({"event_id":"a"} x)",
           R"({"event_id":"a",})",
           R"({'event_id':'a'})",
           R"({"event_id":"\ud800"})",
           "{\"event_id\":\"\xff\"}",
           "{",
           "",
       }) {
    ExpectSame(line);
  }
}

TEST(JsonEventTest, TheReasonDoesNotQuoteTheLine) {
  JsonEventReader reader;
  v1::Event event;
  const Status status = reader.Read(R"({"subject":{"person":{"number":"10915596784" x}}})", &event);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.message().find("10915596784"), std::string::npos);
  for (const char* line : {R"({"subject":{"person":{"type":"10915596784"}}})", R"({"10915596784":1})",
                           R"({"status":"10915596784"})", R"({"sent_at":"10915596784"})"}) {
    const Status wrong = reader.Read(line, &event);
    EXPECT_FALSE(wrong.ok()) << line;
    EXPECT_EQ(wrong.message().find("10915596784"), std::string::npos) << wrong.message();
  }
}

}  // namespace
}  // namespace kpr
