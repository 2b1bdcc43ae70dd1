#include "registry/timeline/present_identity.h"

#include "base/limits.h"
#include "registry/facts/subject.h"

namespace kpr {

std::vector<SubjectId> PresentIdentity::All() const {
  std::vector<SubjectId> all = {subject};
  all.insert(all.end(), belonging.former.begin(), belonging.former.end());
  return all;
}

Status FindPresentIdentity(SubjectId subject, const ReadTimeline& read, PresentIdentity* found) {
  for (int hops = 0; hops <= limits::kIdentityHops; ++hops) {
    found->subject = subject;
    KPR_ASSIGN_OR_RETURN(found->timeline, read(subject));
    found->versions.clear();
    if (!DecodeFacts(found->timeline, &found->versions)) return DataLoss("timeline of " + subject.ToHex());
    found->belonging = SelectBelonging(subject, found->versions);
    if (found->belonging.merged_by == nullptr) break;
    subject = found->belonging.merged_by->to_subject();
  }
  return {};
}

}  // namespace kpr
