#include "extracts/build/event_timelines.h"

#include "registry/facts/encode_event.h"
#include "registry/facts/subject.h"

namespace kpr::extract {

Status EventTimelines::Add(v1::Event event, std::string_view sender) {
  if (!event.subject().has_person() || event.has_identity_changed()) return {};
  const v1::PersonIdentity& person = event.subject().person();
  const SubjectId subject = pseudonymizer_->Person(person.type(), person.number());
  event.mutable_subject()->set_pseudonym(std::string(subject.view()));
  KPR_ASSIGN_OR_RETURN(const std::string fact, EncodeEvent(event, SenderNumber(sender), offset_++));
  timelines_[subject] += fact;
  return {};
}

Status EventTimelines::ForEach(uint32_t of_256, const TakeTimeline& take,
                               const std::function<void(double)>& done) const {
  std::vector<Fact> facts;
  size_t read = 0;
  for (const auto& [person, bytes] : timelines_) {
    facts.clear();
    if (!DecodeFacts(bytes, &facts)) return Internal("a timeline that was just made cannot be read");
    if (!take(person, facts)) return {};
    if (++read * 256 >= timelines_.size() * of_256) break;
  }
  done(1);
  return {};
}

Status EventTimelines::Read(const std::vector<SubjectId>& persons, const TakeTimeline& take) const {
  std::vector<Fact> facts;
  for (const SubjectId& person : persons) {
    facts.clear();
    if (!DecodeFacts(timelines_.at(person), &facts))
      return Internal("a timeline that was just made cannot be read");
    if (!take(person, facts)) return {};
  }
  return {};
}

}  // namespace kpr::extract
