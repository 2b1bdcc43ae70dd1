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

Result<v1::Extract> ExtractOffice::LinkedBy(const std::string& id, const std::string& linker) {
  const MutexLock lock(mutex_);
  auto extract = Load(id);
  // That there is one which names another is not told.
  const bool named =
      extract.ok() && extract->request().has_linkage() && extract->request().linkage().linker() == linker;
  if (!named && (extract.ok() || extract.status().code() == Code::kNotFound))
    return NotFound(fmt::format("there is no extract '{}' that names you as its linker", id));
  KPR_RETURN_IF_ERROR(extract.status());
  KPR_RETURN_IF_ERROR(StateIs(*extract, v1::Extract::STATE_READY, "ready"));
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
