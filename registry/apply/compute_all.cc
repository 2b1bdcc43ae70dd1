// The sweep of a rebuild over all subjects.
#include <utility>

#include "registry/apply/applier.h"
#include "registry/apply/rebuild.h"

namespace kpr {

Status PartitionApplier::ComputeAll(std::vector<KeyValue> day_boundaries, int32_t horizon_days,
                                    uint64_t next_offset, const RebuildWrites& writes,
                                    const std::function<bool()>& cancelled,
                                    const std::function<void(uint64_t)>& progress) {
  constexpr uint64_t kSubjectsPerCheck = 16;
  StoreWrite write;
  write.feedback_next = store_->feedback_next();
  auto changes = updater_->Begin();
  backfill_.complete = changes->versions();
  backfill_.code_ends = changes->code_ends();
  write.catalogue = backfill_.Encode();
  uint64_t subjects = 0, written = 0;
  Status status;
  std::vector<Fact> facts;
  const auto flush = [&]() -> Status {
    const uint64_t feedback_next = write.feedback_next;
    std::vector<KeyValue> totals;
    KPR_RETURN_IF_ERROR(
        store_->AddInBulk(Table::kCells, [&](const DeltaSink& add) { totals = changes->TakeInto(add); }));
    KPR_RETURN_IF_ERROR(store_->AddInBulk(Table::kTotals, [&](const DeltaSink& add) {
      for (auto& [key, slots] : totals) add(std::move(key), std::move(slots));
    }));
    KPR_RETURN_IF_ERROR(Write(std::exchange(write, {})));
    write.feedback_next = feedback_next;
    written = subjects;
    return {};
  };
  KPR_RETURN_IF_ERROR(store_->Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
    facts.clear();
    const SubjectId subject = SubjectId::FromView(key);
    if (!DecodeFacts(bytes, &facts)) status = DataLoss("timeline of " + subject.ToHex());
    if (!status.ok()) return false;
    const SubjectState nothing{.subject = subject}, state = Fold(subject, facts);
    changes->Changed(nothing, state, kFirstDate, EndOfYear(horizon_days), {});
    PutFindings(subject, nothing, state, &write);
    PutForwards(subject, {}, facts, &write);
    bool full = ++subjects - written == writes.subjects;
    if (subjects % kSubjectsPerCheck == 0) {
      progress(subjects);
      if (cancelled()) status = Unavailable("interrupted");
      full = full || changes->bytes() >= writes.bytes;
    }
    if (status.ok() && full) status = flush();
    return status.ok();
  }));
  KPR_RETURN_IF_ERROR(status);
  write.day_boundary_puts = std::move(day_boundaries);
  write.horizon_days = horizon_days;
  write.next_offset = next_offset;
  progress(subjects);
  return flush();
}

}  // namespace kpr
