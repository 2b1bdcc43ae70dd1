#include "ingest/simulator/sender.h"

#include <algorithm>

#include "registry/codelists/codelists.h"

namespace kpr::simulator {
namespace {

constexpr int64_t kDayMs = 86'400'000;

void SetTime(google::protobuf::Timestamp* time, int64_t ms) {
  time->set_seconds(ms / 1000);
  time->set_nanos(static_cast<int32_t>(ms % 1000) * 1'000'000);
}

}  // namespace

int64_t Sender::SendTime(Date day) {
  return int64_t{day.days} * kDayMs + (8 * 3600 + random_.Below(8 * 3600)) * 1000;
}

void Sender::Schedule(v1::Event event, int64_t at_ms) {
  SetTime(event.mutable_registered_at(), at_ms);
  SetTime(event.mutable_sent_at(), at_ms + 60'000);
  due_.push({at_ms, order_++, std::move(event)});
}

void Sender::Emit(v1::Event event) {
  const Date on = *Date::Parse(event.occurred_on());
  event.set_municipality(Predecessor(municipality_, on).ToString());
  if (event.subject().has_municipality()) event.mutable_subject()->set_municipality(event.municipality());
  event.set_event_id(random_.Id().ToString());
  event.set_status(v1::EVENT_STATUS_ORIGINAL);
  int delay = random_.Chance(noise_.late) ? random_.Between(14, 60) : random_.Below(3);
  if (random_.Chance(noise_.annulled)) {
    // Something that never was, e.g. on the wrong patient; found out later.
    v1::Event wrong = event;
    wrong.set_event_id(random_.Id().ToString());
    v1::Event annul = wrong;
    annul.set_event_id(random_.Id().ToString());
    annul.set_status(v1::EVENT_STATUS_ANNUL);
    annul.set_refers_to(wrong.event_id());
    Schedule(std::move(wrong), SendTime(on + delay));
    Schedule(std::move(annul), SendTime(on + delay + random_.Between(1, 90)));
  }
  // The life story's own dates hold services together; only what stands alone is first sent with a wrong
  // date.
  const bool stands_alone = event.has_medication_review() || event.has_doctor_assessment() ||
                            event.has_capacity() || event.has_medicines_in_use() ||
                            event.has_informal_care() ||
                            (event.has_contact() && event.contact().referred_on().empty());
  const bool correctable = stands_alone || event.has_service_ended();
  if (correctable && random_.Chance(noise_.corrected)) {
    v1::Event wrong = event;
    wrong.set_event_id(random_.Id().ToString());
    const int shift = event.has_service_ended() ? 1 : random_.Between(3, 40);
    const Date wrong_on = event.has_service_ended() ? on + shift : on - shift;
    wrong.set_occurred_on(wrong_on.ToString());
    wrong.set_municipality(Predecessor(municipality_, wrong_on).ToString());
    event.set_status(v1::EVENT_STATUS_REPLACE);
    event.set_refers_to(wrong.event_id());
    Schedule(std::move(wrong), SendTime(on + 1 + delay));
    delay += random_.Between(2, 120);
  }
  Schedule(std::move(event), SendTime(on + delay));
}

Status Sender::SendBefore(Date day) {
  const int64_t until = int64_t{day.days} * kDayMs;
  while (!due_.empty() && due_.top().at_ms < until) {
    v1::Event event = due_.top().event;
    const int64_t at_ms = due_.top().at_ms;
    due_.pop();
    if (event.sequence() != 0) {  // a copy: sent again as it was
      if (Status status = take_(event); !status.ok()) return status;
      continue;
    }
    event.set_sequence(++sequence_);
    event.set_previous_event_id(previous_);
    previous_ = event.event_id();
    if (random_.Chance(noise_.lost)) continue;
    if (random_.Chance(noise_.duplicated)) due_.push({at_ms + random_.Below(3) * kDayMs, order_++, event});
    if (Status status = take_(event); !status.ok()) return status;
  }
  return {};
}

}  // namespace kpr::simulator
