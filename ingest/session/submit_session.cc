#include "ingest/session/submit_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "ingest/validation/validate.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/subject.h"
#include "registry/log_record/routing.h"

namespace kpr {
namespace {

Violation NotYours(const std::string& field, const std::string& municipality) {
  return {ViolationCode::kNotYourMunicipality, field,
          fmt::format("Avsenderen kan ikke sende for kommune {}", municipality),
          fmt::format("The sender may not send for municipality {}", municipality)};
}

void Refuse(uint32_t index, const std::string& event_id, const std::vector<Violation>& violations,
            PreparedBatch* prepared) {
  v1::EventResult* result = prepared->receipt.add_results();
  result->set_index(index);
  if (Uuid::Parse(event_id)) result->set_event_id(event_id);  // else it could be anything
  result->set_outcome(v1::EventResult::OUTCOME_REFUSED);
  for (const Violation& violation : violations) {
    v1::Violation* proto = result->add_violations();
    proto->set_code(NameOf(violation.code));
    proto->set_field(violation.field);
    const size_t words = violation.nb.size() + violation.en.size();
    if (prepared->message_bytes + words > limits::kReceiptMessageBytes) continue;
    prepared->message_bytes += words;
    proto->set_message_nb(violation.nb);
    proto->set_message_en(violation.en);
  }
}

std::string IdBytes(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

int32_t MonthNumber(const std::string& day_or_month) {
  return Period::Parse(day_or_month.substr(0, 7))->ordinal;  // has been validated
}

// Kodeverk 9151, of facts that are about a service or a place.
std::optional<uint32_t> ServiceTypeOf(const v1::Event& event) {
  const FactDescriptor& descriptor = *DescriptorOf(event);
  if (descriptor.service_type == nullptr) return std::nullopt;
  return descriptor.service_type(event);
}

// What the policy does not let the sender send. The event has been validated.
std::vector<Violation> CheckGrant(const v1::Event& event, const Grant& grant) {
  if (!grant.Covers(*Municipality::Parse(event.municipality())))
    return {NotYours("municipality", event.municipality())};
  const bool whole_person = event.has_person_details() || event.has_identity_changed();
  if (whole_person && !grant.MayTellOfPersons())
    return {{ViolationCode::kNoPersonAuthority, "fact",
             "Bare folkeregisteret melder om personopplysninger og skifte av identitet",
             "Only the population register tells of details of persons and changes of identity"}};
  const v1::Subject& subject = event.subject();
  if (subject.has_provider() && !grant.MayReportOf(subject.provider()))
    return {{ViolationCode::kNotYourProvider, "subject.provider",
             fmt::format("Avsenderen kan ikke rapportere for tjenesteutfører {}", subject.provider()),
             fmt::format("The sender may not report about provider {}", subject.provider())}};
  const auto type = ServiceTypeOf(event);
  if (!type || grant.MaySendServiceType(*type)) return {};
  return {Violation{ViolationCode::kNotYourServiceType, "service_type",
                    fmt::format("Avsenderen kan ikke sende tjenestetype {}", *type),
                    fmt::format("The sender may not send service type {}", *type)}};
}

void AddDeclaration(const v1::Event& event, Municipality municipality, v1::ChainRecord* chain) {
  v1::DeclarationLink* link = chain->add_declarations();
  const bool first = event.status() == v1::EVENT_STATUS_ORIGINAL;
  link->set_original(IdBytes(*Uuid::Parse(first ? event.event_id() : event.refers_to())));
  link->set_sequence(event.sequence());
  link->set_municipality(municipality.code);
  if (event.status() == v1::EVENT_STATUS_ANNUL) return link->set_annulled(true);
  link->set_first_month(MonthNumber(event.period_complete().first_month()));
  link->set_last_month(MonthNumber(event.period_complete().last_month()));
  link->set_events(event.period_complete().events());
}

}  // namespace

v1::Receipt RetryLater(uint64_t batch, uint32_t retry_after_ms, const std::string& why) {
  v1::Receipt receipt;
  receipt.set_batch(batch);
  receipt.set_state(v1::Receipt::STATE_RETRY_LATER);
  receipt.mutable_retry_delay()->set_seconds(retry_after_ms / 1000);
  receipt.mutable_retry_delay()->set_nanos(static_cast<int32_t>(retry_after_ms % 1000) * 1'000'000);
  receipt.set_message(why);
  return receipt;
}

v1::Receipt RefusedBatch(uint64_t batch, uint64_t events) {
  v1::Receipt receipt;
  receipt.set_batch(batch);
  receipt.set_state(v1::Receipt::STATE_REFUSED);
  receipt.set_message(
      fmt::format("the batch has {} events, at most {} may be sent in one; nothing of it was kept", events,
                  limits::kBatchEvents));
  return receipt;
}

PreparedBatch SubmitSession::Prepare(const v1::EventBatch& batch, const Rules& rules,
                                     int64_t received_at_ms) {
  PreparedBatch prepared;
  prepared.receipt.set_batch(batch.batch());
  prepared.receipt.set_state(v1::Receipt::STATE_DURABLE);
  v1::ChainRecord chain;
  chain.set_sender(sender_);
  batch_.clear();
  for (int i = 0; i < batch.events_size(); ++i) {
    PrepareEvent(static_cast<uint32_t>(i), batch.events(i), rules, received_at_ms, &prepared, &chain);
  }
  prepared.receipt.set_accepted(static_cast<uint32_t>(prepared.accepted.size()));
  if (chain.links_size() > 0) prepared.append.Add(context_.partitions, chain.SerializeAsString(), sender_);
  return prepared;
}

void SubmitSession::PrepareEvent(uint32_t index, const std::string& bytes, const Rules& rules,
                                 int64_t received_at_ms, PreparedBatch* prepared, v1::ChainRecord* chain) {
  v1::Receipt* receipt = &prepared->receipt;
  if (bytes.size() > limits::kEventBytes) {
    return Refuse(
        index, "",
        {{ViolationCode::kEventTooLarge, "events", "Hendelsen er for stor", "The event is too large"}},
        prepared);
  }
  v1::Event* event = record_.mutable_event();
  if (!event->ParseFromString(bytes)) {
    return Refuse(
        index, "",
        {{ViolationCode::kNotAnEvent, "events", "Innholdet er ikke en hendelse av typen kpr.v1.Event",
          "The bytes are not a kpr.v1.Event"}},
        prepared);
  }
  std::vector<Violation> violations = Validate(*event, received_at_ms, rules.instruments);
  if (violations.empty()) violations = CheckGrant(*event, rules.grant);
  if (!violations.empty()) return Refuse(index, event->event_id(), violations, prepared);
  const Municipality municipality = *Municipality::Parse(event->municipality());
  const Uuid id = *Uuid::Parse(event->event_id());
  const uint64_t content = Fnv1a(bytes);
  const auto seen = known_.find(id);
  const bool sent_before = seen != known_.end() && seen->second == content;
  if (sent_before || batch_.contains({id, content})) {
    v1::EventResult* result = receipt->add_results();
    result->set_index(index);
    result->set_event_id(event->event_id());
    result->set_outcome(v1::EventResult::OUTCOME_DUPLICATE);
    receipt->set_duplicates(receipt->duplicates() + 1);
    return;
  }
  Pseudonymize(rules.grant.continues.empty() ? sender_ : rules.grant.continues, event);
  const auto timelines = TimelinesOf(*event);
  if (!timelines.ok()) {
    return Refuse(index, event->event_id(),
                  {{ViolationCode::kWrongSubject, "subject", "Hendelsen mangler subjekt",
                    timelines.status().message()}},
                  prepared);
  }
  record_.set_sender(sender_);
  record_.set_continues(rules.grant.continues);
  record_.set_received_at_ms(received_at_ms);
  bytes_.clear();
  record_.AppendToString(&bytes_);
  uint32_t last = UINT32_MAX;
  for (const SubjectId& subject : *timelines) {
    const uint32_t partition = PartitionOf(subject, context_.partitions);
    if (partition != last) prepared->append.Add(partition, bytes_, subject.view());
    last = partition;
  }
  v1::ChainLink* link = chain->add_links();
  link->set_event_id(IdBytes(id));
  link->set_previous_event_id(IdBytes(*Uuid::Parse(event->previous_event_id())));
  link->set_sequence(event->sequence());
  link->set_municipality(municipality.code);
  if (event->has_period_complete()) {
    AddDeclaration(*event, municipality, chain);
  } else {
    link->set_month(MonthNumber(event->occurred_on()) + 1);
  }
  prepared->accepted.emplace_back(id, content);
  batch_.emplace(id, content);
  const int64_t sent_ms = std::min(event->sent_at().seconds() * 1000, received_at_ms);
  prepared->data_day = std::max(prepared->data_day, Date::FromUnixMillis(sent_ms));
}

static const google::protobuf::FieldDescriptor* FactField(const v1::Event& event) {
  static const auto* const kFact = v1::Event::descriptor()->FindOneofByName("fact");
  return event.GetReflection()->GetOneofFieldDescriptor(event, kFact);
}

// Of a kind of fact, by its field in Event.
static const std::vector<const google::protobuf::FieldDescriptor*>& LocalIdFields(
    const google::protobuf::FieldDescriptor* kind) {
  using Fields = std::vector<const google::protobuf::FieldDescriptor*>;
  static const std::unordered_map<const google::protobuf::FieldDescriptor*, Fields> kFields = [] {
    std::unordered_map<const google::protobuf::FieldDescriptor*, Fields> all;
    const auto* facts = v1::Event::descriptor()->FindOneofByName("fact");
    for (int i = 0; i < facts->field_count(); ++i) {
      Fields& fields = all[facts->field(i)];
      for (const char* name : {"service_id", "pause_id", "application_id"}) {
        const auto* field = facts->field(i)->message_type()->FindFieldByName(name);
        if (field != nullptr) fields.push_back(field);
      }
    }
    return all;
  }();
  return kFields.at(kind);
}

static bool HasUnknown(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

// False only where no message within the event has a field that this version does not know. The event's
// source has been cleared.
static bool MayHoldUnknown(const v1::Event& event) {
  const auto& fact = event.GetReflection()->GetMessage(event, FactField(event));
  const auto* type = fact.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) return true;
  }
  return HasUnknown(event) || HasUnknown(event.subject()) || HasUnknown(fact) ||
         HasUnknown(event.registered_at()) || HasUnknown(event.sent_at());
}

// Local ids could hold anything, whatever is looked for in them.
void SubmitSession::HashLocalIds(const std::string& owner, v1::Event* event) const {
  const auto* reflection = event->GetReflection();
  const auto* kind = FactField(*event);
  google::protobuf::Message* fact = reflection->MutableMessage(event, kind);
  for (const google::protobuf::FieldDescriptor* field : LocalIdFields(kind)) {
    const std::string id = fact->GetReflection()->GetString(*fact, field);
    if (!id.empty())
      fact->GetReflection()->SetString(fact, field, context_.pseudonymizer->LocalId(owner, id));
  }
}

void SubmitSession::Pseudonymize(const std::string& owner, v1::Event* event) const {
  if (event->status() == v1::EVENT_STATUS_ANNUL && !event->has_identity_changed()) {
    // Which kind of fact is voided is all that is used of it; the rest has not been checked.
    event->GetReflection()->MutableMessage(event, FactField(*event))->Clear();
  }
  const auto pseudonym = [&](const v1::PersonIdentity& person) {
    // A birth date (type 9) names nobody; the municipality's own number does.
    const std::string scope =
        person.type() == 9 ? event->municipality() + "|" + event->source().patient_number() : std::string();
    return std::string(context_.pseudonymizer->Person(person.type(), person.number(), scope).view());
  };
  v1::Subject* subject = event->mutable_subject();
  if (event->has_identity_changed()) {
    v1::IdentityChanged* change = event->mutable_identity_changed();
    const std::string to = pseudonym(change->new_identity());
    change->Clear();
    change->set_new_pseudonym(to);
  }
  if (subject->has_person()) subject->set_pseudonym(pseudonym(subject->person()));
  if (subject->has_respondent()) {
    subject->set_pseudonym(std::string(context_.pseudonymizer->Respondent(subject->respondent()).view()));
  }
  HashLocalIds(owner, event);
  event->clear_source();
  // Nothing unseen gets past the edge. To look through all fields takes a tenth of a batch's time.
  if (MayHoldUnknown(*event)) event->DiscardUnknownFields();
}

void SubmitSession::RememberDurable(const PreparedBatch& batch) {
  for (const auto& [id, content] : batch.accepted) {
    if (!known_.emplace(id, content).second) continue;
    order_.push_back(id);
    if (order_.size() > limits::kDuplicateWindow) {
      known_.erase(order_.front());
      order_.pop_front();
    }
  }
}

}  // namespace kpr
