#include "registry/facts/encode_event.h"

#include "base/limits.h"
#include "registry/facts/descriptor.h"
#include "registry/facts/subject.h"

namespace kpr {
Result<std::string> EncodeEvent(const v1::Event& event, uint64_t sender, uint64_t offset) {
  const FactDescriptor* descriptor = DescriptorOf(event);
  const auto id = Uuid::Parse(event.event_id());
  const auto municipality = Municipality::Parse(event.municipality());
  const auto date = Date::Parse(event.occurred_on());
  if (!id || !municipality || !date || descriptor == nullptr || event.status() < v1::EVENT_STATUS_ORIGINAL ||
      event.status() > v1::EVENT_STATUS_ANNUL) {
    return Invalid("event " + event.event_id() + " is not one that validation lets through");
  }
  FactContent content;
  FactHeader& header = content.header;
  header.kind = descriptor->kind;
  header.status = static_cast<VersionStatus>(event.status());
  header.event_id = *id;
  header.original =
      header.status == VersionStatus::kOriginal ? *id : Uuid::Parse(event.refers_to()).value_or(Uuid());
  header.sequence = event.sequence();
  header.sender = sender;
  header.offset = offset;
  header.municipality = *municipality;
  header.occurred_on = *date;
  if (descriptor->encode != nullptr) descriptor->encode(event, &content);
  if (content.values.size() > limits::kFactValues) content.values.resize(limits::kFactValues);
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
