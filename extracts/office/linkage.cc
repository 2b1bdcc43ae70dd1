// Which of a linker's persons are in an extract, and under which pseudonyms.
#include <fmt/format.h>

#include "base/limits.h"
#include "extracts/office/extract_office.h"
#include "extracts/office/state.h"
#include "extracts/rows/eligible.h"
#include "registry/log_record/routing.h"
#include "registry/pseudonym/project_pseudonymizer.h"
#include "registry/timeline/present_identity.h"

namespace kpr::extract {

Status ExtractOffice::CheckLinkers(const v1::ExtractRequest& request, const std::string& decider) const {
  KPR_ASSIGN_OR_RETURN(const auto ids, store_.Ids());
  const std::string& linker = request.linkage().linker();
  for (const std::string& id : ids) {
    KPR_ASSIGN_OR_RETURN(const v1::Extract other, store_.Read(id));
    // What is rejected gives nobody a key; asked for once more it may name another linker.
    if (other.request().project() != request.project() || other.state() == v1::Extract::STATE_REJECTED)
      continue;
    const std::string& others = other.request().linkage().linker();
    if (!linker.empty() && !others.empty() && others != linker)
      return FailedPrecondition(fmt::format("linkage: {} names another linker, and a project has one", id));
    if (!decider.empty() && decider == others)
      return FailedPrecondition(fmt::format("who links an extract does not approve it: {} names you", id));
    for (const v1::ExtractDecision& decision : other.decisions()) {
      if (!linker.empty() && decision.principal() == linker)
        return FailedPrecondition(fmt::format("linkage: {} has decided on {}; name another", linker, id));
    }
  }
  return {};
}

Result<v1::Extract> ExtractOffice::BeginLinking(const std::string& id, const std::string& linker,
                                                uint64_t asked) {
  const MutexLock lock(mutex_);
  auto extract = Load(id);
  // That there is one which names another is not told.
  const bool named =
      extract.ok() && extract->request().has_linkage() && extract->request().linkage().linker() == linker;
  if (!named && (extract.ok() || extract.status().code() == Code::kNotFound))
    return NotFound(fmt::format("there is no extract '{}' that names you as its linker", id));
  KPR_RETURN_IF_ERROR(extract.status());
  KPR_RETURN_IF_ERROR(StateIs(*extract, v1::Extract::STATE_READY, "ready"));
  if (asked == 0) return extract;
  const uint64_t most = extract->request().linkage().most_persons();
  if (extract->linkage_asked() + asked > most)
    return ResourceExhausted(
        fmt::format("{} of {} persons that may be asked for have been; a request for more needs "
                    "another approval",
                    extract->linkage_asked(), most));
  extract->set_linkage_asked(extract->linkage_asked() + asked);
  KPR_RETURN_IF_ERROR(store_.Write(*extract));
  return extract;
}

Result<std::vector<Linked>> ExtractOffice::Link(const v1::Extract& extract,
                                                const std::vector<SubjectId>& asked) const {
  KPR_ASSIGN_OR_RETURN(std::string key, Key());
  const auto pseudonyms = ProjectPseudonymizer::Create(key, extract.request().project());
  ClearKey(&key);
  KPR_RETURN_IF_ERROR(pseudonyms.status());
  const auto first = Period::Parse(extract.request().first_month());
  const auto last = Period::Parse(extract.request().last_month());
  if (!first || !last) return DataLoss(extract.id() + ": its request has no months");
  const auto read = [this](const SubjectId& subject) {
    return options_.registry->store(PartitionOf(subject, options_.registry->partitions()))->Timeline(subject);
  };
  // A list that has lost persons, or a registry that has not come as far, would say that somebody is not in
  // it.
  KPR_ASSIGN_OR_RETURN(const uint64_t persons, store_.CountPersons(extract.id()));
  if (persons != extract.persons())
    return DataLoss(fmt::format("{}: the list of persons has {} of {}; restore it from a backup",
                                extract.id(), persons, extract.persons()));
  const std::vector<uint64_t> now = PositionsOf(*options_.registry);
  KPR_RETURN_IF_ERROR(options_.registry->HasTimelines(now));
  for (size_t i = 0; i < now.size(); ++i) {
    if (now[i] < extract.positions(static_cast<int>(i)))
      return Unavailable("the registry has not caught up with the extract; ask again when it has");
  }
  std::vector<Linked> linked;
  for (size_t i = 0; i < asked.size(); ++i) {
    PresentIdentity found;
    KPR_RETURN_IF_ERROR(FindPresentIdentity(asked[i], read, &found));
    if (!found.known() || !MayBeLinked(Fold(found.subject, found.versions), first->first(), last->last()))
      continue;
    // The extract has the identity of its position.
    for (const SubjectId& identity : found.All()) {
      KPR_ASSIGN_OR_RETURN(const bool has, store_.HasPerson(extract.id(), identity));
      if (has) linked.push_back({i, identity, pseudonyms->Person(identity)});
    }
  }
  return linked;
}

}  // namespace kpr::extract
