#include "registry/apply/applier.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "kpr/v1/log.pb.h"
#include "registry/apply/calendar.h"
#include "registry/read/finding_codec.h"
#include "registry/timeline/known_versions.h"

namespace kpr {
namespace {

std::vector<uint32_t> NumbersOf(const std::vector<IndicatorVersion>& versions) {
  std::vector<uint32_t> numbers;
  for (const IndicatorVersion& version : versions) numbers.push_back(version.number);
  return numbers;
}

}  // namespace

// Puts back what a write would have taken over, unless it is made.
class PartitionApplier::Takeover {
 public:
  explicit Takeover(BackfillState* state) : state_(state), before_(*state) {}
  ~Takeover() {
    if (!made_) *state_ = std::move(before_);
  }
  Takeover(const Takeover&) = delete;
  Takeover& operator=(const Takeover&) = delete;
  Status Made(Status status) {
    made_ = status.ok();
    return status;
  }

 private:
  BackfillState* state_;
  BackfillState before_;
  bool made_ = false;
};

static Date EndOfYear(int32_t horizon_days) {
  return Date::FromYmd(Date{horizon_days}.year(), 12, 31);
}

std::vector<KeyValue> QuarantineOf(const LogSlice& slice) {
  std::vector<KeyValue> quarantine;
  for (const auto& [offset, why] : slice.unreadable) {
    KeyValue entry{"", why};
    PutBigEndian(&entry.first, offset);
    quarantine.push_back(std::move(entry));
  }
  return quarantine;
}

Status PartitionApplier::Open() {
  if (!BackfillState::Decode(store_->catalogue(), &backfill_))
    return DataLoss(fmt::format("partition {}: what its cells are computed by", partition_));
  const auto changes = updater_->Begin();
  StoreWrite write = NextWrite();
  if (store_->catalogue().empty() && store_->next_offset() == 0) {
    backfill_.complete = changes->versions();
    backfill_.code_ends = changes->code_ends();
    write.catalogue = backfill_.Encode();
    return Write(write);
  }
  if (write.catalogue = backfill_.Encode(); *write.catalogue != store_->catalogue())
    KPR_RETURN_IF_ERROR(Write(write));  // of an earlier version, which named less
  return SyncCatalogue();
}

StoreWrite PartitionApplier::NextWrite() const {
  StoreWrite write;
  write.next_offset = store_->next_offset();
  write.horizon_days = store_->horizon_days();
  write.feedback_next = store_->feedback_next();
  return write;
}

Status PartitionApplier::Sync(ChangeBatch* changes, StoreWrite* write) {
  KPR_RETURN_IF_ERROR(SyncVersions(*changes, write));
  return SyncCodeEnds(changes, write);
}

Status PartitionApplier::SyncVersions(const ChangeBatch& changes, StoreWrite* write) {
  const auto same = [](const std::vector<IndicatorVersion>& a, const std::vector<IndicatorVersion>& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
  };
  if (backfill_.pending.empty() && same(backfill_.complete, changes.versions())) return {};
  KPR_ASSIGN_OR_RETURN(const BackfillTransition change, TransitionTo(backfill_, changes.versions()));
  const std::string text = change.after.Encode();
  if (text == backfill_.Encode()) return {};
  for (const uint32_t number : change.dropped) {
    std::string prefix;
    PutBigEndian(&prefix, number);
    write->cell_prefix_deletes.push_back(std::move(prefix));
  }
  write->catalogue = text;
  backfill_ = change.after;
  return {};
}

// Whatever the days on which codes end now and ended before: what municipalities report of themselves alone
// depends on them.
Status PartitionApplier::SyncCodeEnds(ChangeBatch* changes, StoreWrite* write) {
  if (backfill_.code_ends == changes->code_ends()) return {};
  if (const Municipality missing = backfill_.code_ends.MissingIn(changes->code_ends()); missing.code != 0) {
    return FailedPrecondition(
        fmt::format("the code lists have no municipality {} any more, by which cells are computed: put it "
                    "back, with the day on which it ends",
                    missing.ToString()));
  }
  const std::vector<uint32_t> pending = NumbersOf(backfill_.pending);
  const Date until = EndOfYear(store_->horizon_days());
  const std::string municipalities(1, static_cast<char>(SubjectKind::kMunicipality));
  KPR_RETURN_IF_ERROR(ForEachState(municipalities, [&](const SubjectState& state) {
    changes->CodesChanged(state, backfill_.code_ends, until, FilterFor(state.subject, pending));
  }));
  backfill_.code_ends = changes->code_ends();
  write->catalogue = backfill_.Encode();
  return {};
}

Status PartitionApplier::ForEachState(const std::string& prefix,
                                      const std::function<void(const SubjectState&)>& with) const {
  std::vector<Fact> facts;
  Status damage;
  KPR_RETURN_IF_ERROR(
      store_->Scan(Table::kTimelines, prefix, [&](std::string_view key, std::string_view bytes) {
        facts.clear();
        const SubjectId subject = SubjectId::FromView(key);
        if (!DecodeFacts(bytes, &facts)) {
          damage = DataLoss("timeline of " + subject.ToHex());
          return false;
        }
        with(Fold(subject, facts));
        return true;
      }));
  return damage;
}

Status PartitionApplier::Apply(const std::vector<LogChunk>& chunks, std::vector<std::string> delivered) {
  KPR_ASSIGN_OR_RETURN(const LogSlice slice,
                       ReadSlice(chunks, store_->next_offset(), partition_, partitions_));
  StoreWrite write = NextWrite();
  write.outbox_deletes = std::move(delivered);
  write.quarantine_puts = QuarantineOf(slice);
  if (!chunks.empty()) write.next_offset = chunks.back().end();
  return ApplySlice(slice, std::move(write));
}

Status PartitionApplier::RetryQuarantined(EventLog* log) {
  std::vector<std::string> keys;
  KPR_RETURN_IF_ERROR(store_->Scan(Table::kQuarantine, "", [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  }));
  for (const std::string& key : keys) {
    const uint64_t offset = ByteReader(key).BigEndian<uint64_t>();
    KPR_ASSIGN_OR_RETURN(const std::vector<LogChunk> chunks, log->Read(partition_, offset, 1));
    KPR_ASSIGN_OR_RETURN(const LogSlice slice,
                         ReadSlice(chunks, offset, partition_, partitions_, offset + 1));
    if (slice.records == 0 || !slice.unreadable.empty()) continue;
    StoreWrite write = NextWrite();
    write.quarantine_deletes = {key};
    KPR_RETURN_IF_ERROR(ApplySlice(slice, std::move(write)));
  }
  return {};
}

Status PartitionApplier::ApplySlice(const LogSlice& slice, StoreWrite write) {
  KPR_RETURN_IF_ERROR(MoveCalendarOf(slice, &write));
  const auto changes = updater_->Begin();
  Takeover takeover(&backfill_);
  KPR_RETURN_IF_ERROR(Sync(changes.get(), &write));
  const std::vector<uint32_t> pending = NumbersOf(backfill_.pending);

  const Date until = EndOfYear(write.horizon_days);
  if (const Date before = EndOfYear(store_->horizon_days()); before != until)
    KPR_RETURN_IF_ERROR(TurnYear(before, until, changes.get(), pending));
  KPR_RETURN_IF_ERROR(ApplyFacts(slice, until, pending, changes.get(), &write));
  return takeover.Made(Commit(std::move(write), changes.get(), backfill_));
}

Status PartitionApplier::ApplyFacts(const LogSlice& slice, Date until, const std::vector<uint32_t>& pending,
                                    ChangeBatch* changes, StoreWrite* write) {
  std::unordered_map<SubjectId, std::string, BytesHash> added;
  std::vector<SubjectId> subjects;
  for (const auto& [subject, bytes] : slice.facts) {
    const auto [it, fresh] = added.try_emplace(subject);
    if (fresh) subjects.push_back(subject);
    it->second += bytes;
  }
  std::sort(subjects.begin(), subjects.end());
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> timelines, store_->Timelines(subjects));
  for (size_t i = 0; i < subjects.size(); ++i) {
    std::vector<Fact> before, after;
    if (!DecodeFacts(timelines[i], &before)) return DataLoss("timeline of " + subjects[i].ToHex());
    std::vector<std::string_view> accepted;
    if (!AcceptedBytes(before, added[subjects[i]], &accepted))
      return DataLoss("facts of " + subjects[i].ToHex());
    if (accepted.empty()) continue;
    std::string fresh;
    for (const std::string_view bytes : accepted) fresh += bytes;
    after = before;
    if (!DecodeFacts(fresh, &after)) return DataLoss("facts of " + subjects[i].ToHex());
    const SubjectState state_before = Fold(subjects[i], before), state_after = Fold(subjects[i], after);
    const Date from = FirstDifference(state_before, state_after);
    if (from != kNoEnd) {
      changes->Changed(state_before, state_after, from, until, FilterFor(subjects[i], pending));
    }
    PutFindings(subjects[i], state_before, state_after, write);
    PutForwards(subjects[i], before, after, write);
    write->timeline_appends.emplace_back(subjects[i], fresh);
  }
  return {};
}

// Versions still being backfilled get only subjects already processed.
VersionFilter PartitionApplier::FilterFor(const SubjectId& subject,
                                          const std::vector<uint32_t>& pending) const {
  const bool all = pending.empty() || subject.view() <= backfill_.cursor;
  return {all ? VersionFilter::Mode::kAll : VersionFilter::Mode::kAllBut, &pending};
}

Status PartitionApplier::MoveCalendarOf(const LogSlice& slice, StoreWrite* write) const {
  CalendarChange change = MoveCalendar(slice.ticks, write->horizon_days);
  write->horizon_days = change.horizon_days;
  write->day_boundary_puts = std::move(change.day_boundaries);
  if (!change.moved_back_to) return {};
  return store_->Scan(Table::kDayBoundaries, "", [&](std::string_view day, std::string_view) {
    if (IsAfter(std::string(day), *change.moved_back_to)) {
      write->day_boundary_deletes.emplace_back(day);
    } else {
      std::erase_if(write->day_boundary_puts, [&](const KeyValue& put) { return put.first == day; });
    }
    return true;
  });
}

Status PartitionApplier::TurnYear(Date before, Date until, ChangeBatch* changes,
                                  const std::vector<uint32_t>& pending) {
  return ForEachState("", [&](const SubjectState& state) {
    const VersionFilter filter = FilterFor(state.subject, pending);
    if (before < until) changes->YearRollover(state, before + 1, until, filter);
    if (before > until) changes->YearRollback(state, until + 1, before, filter);
  });
}

Status PartitionApplier::Commit(StoreWrite write, ChangeBatch* changes, BackfillState computed) {
  CellDeltas deltas = changes->Take();
  write.cell_deltas = std::move(deltas.cells);
  write.total_deltas = std::move(deltas.totals);
  KPR_RETURN_IF_ERROR(Write(write));
  backfill_ = std::move(computed);
  return {};
}

Status PartitionApplier::Write(const StoreWrite& write) {
  KPR_RETURN_IF_ERROR(store_->Write(write));
  if (listener_ != nullptr) listener_->Written(write);
  return {};
}

Status PartitionApplier::SyncCatalogue() {
  StoreWrite write = NextWrite();
  const auto changes = updater_->Begin();
  Takeover takeover(&backfill_);
  KPR_RETURN_IF_ERROR(Sync(changes.get(), &write));
  if (!write.catalogue) return takeover.Made({});
  return takeover.Made(Commit(std::move(write), changes.get(), backfill_));
}

Status PartitionApplier::Backfill(size_t subjects) {
  StoreWrite write = NextWrite();
  const auto changes = updater_->Begin();
  Takeover takeover(&backfill_);
  KPR_RETURN_IF_ERROR(Sync(changes.get(), &write));
  const std::vector<uint32_t> pending = NumbersOf(backfill_.pending);
  BackfillState next = backfill_;
  std::string first = next.cursor;
  if (!first.empty()) first.push_back('\0');  // the first key after it
  std::vector<Fact> facts;
  Status damage;
  size_t done = 0;
  KPR_RETURN_IF_ERROR(
      store_->ScanRange(Table::kTimelines, first, "", [&](std::string_view key, std::string_view bytes) {
        if (done == subjects) return false;
        facts.clear();
        const SubjectId subject = SubjectId::FromView(key);
        if (!DecodeFacts(bytes, &facts)) {
          damage = DataLoss("timeline of " + subject.ToHex());
          return false;
        }
        const SubjectState nothing{.subject = subject};
        changes->Changed(nothing, Fold(subject, facts), kFirstDate, EndOfYear(write.horizon_days),
                         {VersionFilter::Mode::kOnly, &pending});
        next.cursor = std::string(key);
        ++done;
        return true;
      }));
  KPR_RETURN_IF_ERROR(damage);
  if (done < subjects) {
    next.complete.insert(next.complete.end(), next.pending.begin(), next.pending.end());
    std::sort(next.complete.begin(), next.complete.end());
    next.pending.clear();
    next.cursor.clear();
  }
  write.catalogue = next.Encode();
  return takeover.Made(Commit(std::move(write), changes.get(), std::move(next)));
}

void PartitionApplier::PutFindings(const SubjectId& subject, const SubjectState& before,
                                   const SubjectState& after, StoreWrite* write) {
  std::vector<TimelineFinding> gone, fresh;
  std::set_difference(before.findings.begin(), before.findings.end(), after.findings.begin(),
                      after.findings.end(), std::back_inserter(gone));
  std::set_difference(after.findings.begin(), after.findings.end(), before.findings.begin(),
                      before.findings.end(), std::back_inserter(fresh));
  const auto tell = [&](const TimelineFinding& finding, bool withdrawn) {
    const std::string key = EncodeFindingKey(subject, finding);
    if (withdrawn) {
      write->finding_deletes.push_back(key);
    } else {
      write->finding_puts.emplace_back(key, "");
    }
    write->feedback_puts.emplace_back(EncodeFeedbackKey(finding.sender, write->feedback_next++),
                                      EncodeFeedback(withdrawn, key));
  };
  for (const TimelineFinding& finding : gone) tell(finding, true);
  for (const TimelineFinding& finding : fresh) tell(finding, false);
}

void PartitionApplier::PutForwards(const SubjectId& subject, const std::vector<Fact>& before,
                                   const std::vector<Fact>& after, StoreWrite* write) {
  const bool any = std::any_of(after.begin(), after.end(),
                               [](const Fact& fact) { return fact.kind == FactKind::kIdentityChanged; });
  if (!any) return;
  const std::vector<Forwarded> told = ForwardedFacts(subject, before), all = ForwardedFacts(subject, after);
  for (const Forwarded& forwarded : all) {
    if (std::binary_search(told.begin(), told.end(), forwarded)) continue;
    v1::LogRecord record;
    record.mutable_forwarded()->set_subject(std::string(forwarded.to.view()));
    record.mutable_forwarded()->set_fact(forwarded.fact);
    std::string key(forwarded.to.view());
    PutBigEndian(&key, Fnv1a(forwarded.fact));
    write->outbox_puts.emplace_back(std::move(key), record.SerializeAsString());
  }
}

}  // namespace kpr
