// One event in order, to be spoiled by tests.
#pragma once

#include "kpr/v1/event.pb.h"

namespace kpr::test {

inline constexpr int64_t kReceivedMs = 1'718'000'000'000;  // 2024-06-10

inline v1::Event SampleEvent() {
  v1::Event e;
  e.set_event_id("7b9e1c34-0d2f-4a58-9c61-2f3a4b5c6d7e");
  e.set_status(v1::EVENT_STATUS_ORIGINAL);
  e.set_sequence(7);
  e.set_previous_event_id("00000000-0000-0000-0000-000000000000");
  e.set_municipality("0301");
  e.mutable_subject()->mutable_person()->set_type(1);
  e.mutable_subject()->mutable_person()->set_number("10915596784");  // synthetic
  e.set_occurred_on("2024-05-01");
  e.mutable_registered_at()->set_seconds(1'714'600'000);
  e.mutable_sent_at()->set_seconds(1'714'600'100);
  auto* started = e.mutable_service_started();
  started->set_service_id("s-1");
  started->set_service_type(21);
  started->set_provider("974760673");
  return e;
}

}  // namespace kpr::test
