#include "extracts/build/registry_timelines.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "registry/log_record/routing.h"

namespace kpr::extract {
namespace {

constexpr uint32_t kSlices = 256;

std::string SliceBegin(uint32_t slice) {
  std::string key(1, static_cast<char>(SubjectKind::kPerson));
  if (slice == kSlices) return {static_cast<char>(static_cast<int>(SubjectKind::kPerson) + 1)};
  return key + static_cast<char>(slice);
}

// What was known at the position.
Status FactsAt(std::string_view bytes, uint64_t position, const SubjectId& person, std::vector<Fact>* facts) {
  facts->clear();
  if (!DecodeFacts(bytes, facts)) return DataLoss("timeline of " + person.ToHex());
  std::erase_if(*facts, [&](const Fact& fact) { return fact.offset >= position; });
  return {};
}

}  // namespace

Result<std::shared_ptr<const PartitionReader>> RegistryTimelines::StoreOf(uint32_t partition) const {
  auto store = registry_->store(partition);
  if (store->next_offset() < positions_[partition]) {
    return Unavailable(
        fmt::format("partition {} is at {}, the extract at {}: build again when it has caught up", partition,
                    store->next_offset(), positions_[partition]));
  }
  return store;
}

Status RegistryTimelines::ForEach(uint32_t of_256, const TakeTimeline& take,
                                  const std::function<void(double)>& done) const {
  std::vector<Fact> facts;
  for (uint32_t slice = 0; slice < of_256; ++slice) {
    for (uint32_t partition = 0; partition < registry_->partitions(); ++partition) {
      KPR_ASSIGN_OR_RETURN(const auto store, StoreOf(partition));
      Status failed;
      bool stopped = false;
      KPR_RETURN_IF_ERROR(store->ScanRange(kpr::Table::kTimelines, SliceBegin(slice), SliceBegin(slice + 1),
                                           [&](std::string_view key, std::string_view bytes) {
                                             const SubjectId person = SubjectId::FromView(key);
                                             failed = FactsAt(bytes, positions_[partition], person, &facts);
                                             if (!failed.ok()) return false;
                                             stopped = !facts.empty() && !take(person, facts);
                                             return !stopped;
                                           }));
      KPR_RETURN_IF_ERROR(failed);
      if (stopped) return {};
    }
    done((slice + 1.0) / of_256);
  }
  return {};
}

Status RegistryTimelines::Read(const std::vector<SubjectId>& persons, const TakeTimeline& take) const {
  std::map<uint32_t, std::vector<SubjectId>> by_partition;
  for (const SubjectId& person : persons)
    by_partition[PartitionOf(person, registry_->partitions())].push_back(person);
  std::map<SubjectId, std::string> timelines;
  for (auto& [partition, subjects] : by_partition) {
    std::sort(subjects.begin(), subjects.end());
    KPR_ASSIGN_OR_RETURN(const auto store, StoreOf(partition));
    KPR_ASSIGN_OR_RETURN(auto read, store->Timelines(subjects));
    for (size_t i = 0; i < subjects.size(); ++i) timelines.emplace(subjects[i], std::move(read[i]));
  }
  std::vector<Fact> facts;
  for (const SubjectId& person : persons) {
    const uint32_t partition = PartitionOf(person, registry_->partitions());
    KPR_RETURN_IF_ERROR(FactsAt(timelines[person], positions_[partition], person, &facts));
    if (!take(person, facts)) return {};
  }
  return {};
}

}  // namespace kpr::extract
