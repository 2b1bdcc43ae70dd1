#include "registry/apply/applier.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/bytes.h"
#include "kpr/v1/log.pb.h"
#include "registry/apply/convert.h"
#include "registry/apply/finding_codec.h"

namespace kpr {
namespace {

// New versions of a subject that its timeline does not hold yet. Equal copies are left out; another content
// under a known id stays in, as the finding is made from it.
std::string WithoutKnown(const std::vector<Fact>& known, const std::string& added) {
  std::vector<Fact> facts;
  if (!DecodeFacts(added, &facts)) return added;
  std::string kept;
  std::vector<Fact> taken;
  const auto has = [](const std::vector<Fact>& among, const Fact& fact) {
    return std::any_of(among.begin(), among.end(), [&](const Fact& other) {
      return other.event_id == fact.event_id && other.SameContent(fact) &&
             (other.via_count == 0 || (other.via_count == fact.via_count && other.tail == fact.tail));
    });
  };
  const char* at = added.data();
  for (const Fact& fact : facts) {
    const size_t size = sizeof(FactHeader) + fact.tail.size();
    if (!has(known, fact) && !has(taken, fact)) {
      kept.append(at, size);
      taken.push_back(fact);
    }
    at += size;
  }
  return kept;
}

std::vector<uint32_t> NumbersOf(const std::vector<Figure>& figures) {
  std::vector<uint32_t> numbers;
  for (const Figure& figure : figures) numbers.push_back(figure.number);
  return numbers;
}

Status ReadEvent(const v1::LogRecord& record, uint64_t offset, uint32_t partition, uint32_t partitions,
                 LogStretch* stretch) {
  KPR_ASSIGN_OR_RETURN(const std::vector<SubjectId> timelines, TimelinesOf(record.event()));
  KPR_ASSIGN_OR_RETURN(std::string bytes, EncodeEvent(record.event(), SenderNumber(record.sender()), offset));
  for (const SubjectId& subject : timelines) {
    if (PartitionOf(subject, partitions) == partition) stretch->facts.emplace_back(subject, bytes);
  }
  return {};
}

Status ReadHandedOn(const v1::HandedOn& handed_on, uint64_t offset, LogStretch* stretch) {
  std::vector<Fact> facts;
  if (handed_on.subject().size() != 16 || !DecodeFacts(handed_on.fact(), &facts) || facts.size() != 1) {
    return Damaged(fmt::format("handed-on fact at offset {}", offset));
  }
  std::string fact = handed_on.fact();
  SetOffset(offset, &fact);
  stretch->facts.emplace_back(SubjectId::FromView(handed_on.subject()), std::move(fact));
  return {};
}

}  // namespace

Result<LogStretch> ReadStretch(const std::vector<LogChunk>& chunks, uint64_t from_offset, uint32_t partition,
                               uint32_t partitions) {
  LogStretch stretch;
  Status status;
  v1::LogRecord record;
  for (const LogChunk& chunk : chunks) {
    const bool whole = chunk.ForEach([&](uint64_t offset, std::string_view bytes) {
      if (offset < from_offset || !status.ok()) return;
      if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        status = Damaged(fmt::format("log record at offset {} does not parse", offset));
        return;
      }
      ++stretch.records;
      if (record.has_event()) {
        status = ReadEvent(record, offset, partition, partitions, &stretch);
      } else if (record.has_handed_on()) {
        status = ReadHandedOn(record.handed_on(), offset, &stretch);
      } else if (record.has_tick()) {
        stretch.ticks.emplace_back(record.tick().horizon_days(), offset);
      }
    });
    if (!whole && status.ok()) status = Damaged(fmt::format("log chunk at offset {}", chunk.first_offset));
    if (!status.ok()) return status.In(fmt::format("partition {}", partition));
  }
  return stretch;
}

static Date EndOfYear(int32_t horizon_days) {
  return Date::FromYmd(Date{horizon_days}.year(), 12, 31);
}

std::vector<KeyValue> ClosesOf(const std::vector<std::pair<int32_t, uint64_t>>& ticks, int32_t horizon_days) {
  std::vector<KeyValue> closes;
  for (const auto& [day, offset] : ticks) {
    if (day <= horizon_days) continue;
    KeyValue close;
    PutBigEndian(&close.first, static_cast<uint32_t>(day));
    PutVarint(&close.second, offset);
    closes.push_back(std::move(close));
    horizon_days = day;
  }
  return closes;
}

Status PartitionApplier::Open() {
  if (!Computed::Decode(store_->catalogue(), &computed_))
    return Damaged(fmt::format("partition {}: what its cells are computed by", partition_));
  const auto changes = observer_->Begin();
  StoreWrite write = NextWrite();
  if (store_->catalogue().empty() && store_->next_offset() == 0) {
    computed_.complete = changes->figures();
    write.catalogue = computed_.Encode();
    return Write(write);
  }
  return TakeUpFigures();
}

StoreWrite PartitionApplier::NextWrite() const {
  StoreWrite write;
  write.next_offset = store_->next_offset();
  write.horizon_days = store_->horizon_days();
  write.feedback_next = store_->feedback_next();
  return write;
}

Status PartitionApplier::Adopt(const ChangeBatch& changes, StoreWrite* write) {
  const auto same = [](const std::vector<Figure>& a, const std::vector<Figure>& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
  };
  if (computed_.pending.empty() && same(computed_.complete, changes.figures())) return {};
  KPR_ASSIGN_OR_RETURN(const ComputedChange change, ChangeTo(computed_, changes.figures()));
  const std::string text = change.after.Encode();
  if (text == computed_.Encode()) return {};
  for (const uint32_t number : change.dropped) {
    std::string prefix;
    PutBigEndian(&prefix, number);
    write->cell_drops.push_back(std::move(prefix));
  }
  write->catalogue = text;
  computed_ = change.after;
  return {};
}

Status PartitionApplier::Apply(const std::vector<LogChunk>& chunks, std::vector<std::string> delivered) {
  KPR_ASSIGN_OR_RETURN(const LogStretch stretch,
                       ReadStretch(chunks, store_->next_offset(), partition_, partitions_));
  StoreWrite write = NextWrite();
  write.outbox_deletes = std::move(delivered);
  write.close_puts = ClosesOf(stretch.ticks, write.horizon_days);
  for (const auto& [day, offset] : stretch.ticks) write.horizon_days = std::max(write.horizon_days, day);
  if (!chunks.empty()) write.next_offset = chunks.back().end();
  const auto changes = observer_->Begin();
  const Computed computed_before = computed_;
  KPR_RETURN_IF_ERROR(Adopt(*changes, &write));
  const std::vector<uint32_t> pending = NumbersOf(computed_.pending);

  const Date until = EndOfYear(write.horizon_days);
  if (const Date before = EndOfYear(store_->horizon_days()); before < until)
    KPR_RETURN_IF_ERROR(TurnYear(before + 1, until, changes.get(), pending));

  std::unordered_map<SubjectId, std::string, BytesHash> added;
  std::vector<SubjectId> subjects;
  for (const auto& [subject, bytes] : stretch.facts) {
    const auto [it, fresh] = added.try_emplace(subject);
    if (fresh) subjects.push_back(subject);
    it->second += bytes;
  }
  std::sort(subjects.begin(), subjects.end());
  KPR_ASSIGN_OR_RETURN(const std::vector<std::string> timelines, store_->Timelines(subjects));
  for (size_t i = 0; i < subjects.size(); ++i) {
    std::vector<Fact> before, after;
    if (!DecodeFacts(timelines[i], &before)) return Damaged("timeline of " + subjects[i].ToHex());
    const std::string fresh = WithoutKnown(before, added[subjects[i]]);
    if (fresh.empty()) continue;
    after = before;
    if (!DecodeFacts(fresh, &after)) return Damaged("facts of " + subjects[i].ToHex());
    const History history_before = Fold(subjects[i], before), history_after = Fold(subjects[i], after);
    const Date from = FirstDifference(history_before, history_after);
    if (from != kNoEnd) {
      changes->Changed(history_before, history_after, from, until, FilterFor(subjects[i], pending));
    }
    PutFindings(subjects[i], history_before, history_after, &write);
    PutHandOns(subjects[i], before, after, &write);
    write.timeline_appends.emplace_back(subjects[i], fresh);
  }
  const Status status = Commit(std::move(write), changes.get(), computed_);
  if (!status.ok()) computed_ = computed_before;
  return status;
}

// Figures that are still being computed are told only of subjects that have been.
FigureFilter PartitionApplier::FilterFor(const SubjectId& subject,
                                         const std::vector<uint32_t>& pending) const {
  const bool all = pending.empty() || subject.view() <= computed_.cursor;
  return {all ? FigureFilter::Mode::kAll : FigureFilter::Mode::kAllBut, &pending};
}

Status PartitionApplier::TurnYear(Date from, Date until, ChangeBatch* changes,
                                  const std::vector<uint32_t>& pending) {
  std::vector<Fact> facts;
  Status damage;
  KPR_RETURN_IF_ERROR(store_->Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
    facts.clear();
    const SubjectId subject = SubjectId::FromView(key);
    if (!DecodeFacts(bytes, &facts)) {
      damage = Damaged("timeline of " + ToHex(key));
      return false;
    }
    changes->Advanced(Fold(subject, facts), from, until, FilterFor(subject, pending));
    return true;
  }));
  return damage;
}

Status PartitionApplier::Commit(StoreWrite write, ChangeBatch* changes, Computed computed) {
  CellDeltas deltas = changes->Take();
  write.cell_deltas = std::move(deltas.cells);
  write.total_deltas = std::move(deltas.totals);
  KPR_RETURN_IF_ERROR(Write(write));
  computed_ = std::move(computed);
  return {};
}

Status PartitionApplier::Write(const StoreWrite& write) {
  KPR_RETURN_IF_ERROR(store_->Write(write));
  if (listener_ != nullptr) listener_->Written(write);
  return {};
}

Status PartitionApplier::TakeUpFigures() {
  StoreWrite write = NextWrite();
  const auto changes = observer_->Begin();
  const Computed computed_before = computed_;
  KPR_RETURN_IF_ERROR(Adopt(*changes, &write));
  if (!write.catalogue) return {};
  const Status status = Write(write);
  if (!status.ok()) computed_ = computed_before;
  return status;
}

Status PartitionApplier::Backfill(size_t subjects) {
  StoreWrite write = NextWrite();
  const auto changes = observer_->Begin();
  const Computed computed_before = computed_;
  KPR_RETURN_IF_ERROR(Adopt(*changes, &write));
  const std::vector<uint32_t> pending = NumbersOf(computed_.pending);
  Computed next = computed_;
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
          damage = Damaged("timeline of " + subject.ToHex());
          return false;
        }
        const History nothing{.subject = subject};
        changes->Changed(nothing, Fold(subject, facts), kFirstDate, EndOfYear(write.horizon_days),
                         {FigureFilter::Mode::kOnly, &pending});
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
  const Status status = Commit(std::move(write), changes.get(), std::move(next));
  if (!status.ok()) computed_ = computed_before;
  return status;
}

Status PartitionApplier::ComputeAll(std::vector<KeyValue> closes, int32_t horizon_days, uint64_t next_offset,
                                    const std::function<bool()>& cancelled,
                                    const std::function<void(uint64_t)>& progress) {
  constexpr uint64_t kSubjectsPerWrite = 20'000;
  StoreWrite write;
  write.feedback_next = store_->feedback_next();
  auto changes = observer_->Begin();
  Computed computed;
  computed.complete = changes->figures();
  write.catalogue = computed.Encode();
  uint64_t subjects = 0;
  Status status;
  std::vector<Fact> facts;
  const auto flush = [&]() -> Status {
    const uint64_t feedback_next = write.feedback_next;
    KPR_RETURN_IF_ERROR(Commit(std::exchange(write, {}), changes.get(), computed));
    write.feedback_next = feedback_next;
    progress(subjects);
    return cancelled() ? Unavailable("interrupted") : Status();
  };
  KPR_RETURN_IF_ERROR(store_->Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
    facts.clear();
    const SubjectId subject = SubjectId::FromView(key);
    if (!DecodeFacts(bytes, &facts)) status = Damaged("timeline of " + subject.ToHex());
    if (!status.ok()) return false;
    const History nothing{.subject = subject}, history = Fold(subject, facts);
    changes->Changed(nothing, history, kFirstDate, EndOfYear(horizon_days), {});
    PutFindings(subject, nothing, history, &write);
    PutHandOns(subject, {}, facts, &write);
    if (++subjects % kSubjectsPerWrite == 0) status = flush();
    return status.ok();
  }));
  KPR_RETURN_IF_ERROR(status);
  write.close_puts = std::move(closes);
  write.horizon_days = horizon_days;
  write.next_offset = next_offset;
  return flush();
}

void PartitionApplier::PutFindings(const SubjectId& subject, const History& before, const History& after,
                                   StoreWrite* write) {
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

void PartitionApplier::PutHandOns(const SubjectId& subject, const std::vector<Fact>& before,
                                  const std::vector<Fact>& after, StoreWrite* write) {
  const bool any = std::any_of(after.begin(), after.end(),
                               [](const Fact& fact) { return fact.kind == FactKind::kIdentityChanged; });
  if (!any) return;
  const std::vector<HandedOn> told = HandOns(subject, before), all = HandOns(subject, after);
  for (const HandedOn& hand_on : all) {
    if (std::binary_search(told.begin(), told.end(), hand_on)) continue;
    v1::LogRecord record;
    record.mutable_handed_on()->set_subject(std::string(hand_on.to.view()));
    record.mutable_handed_on()->set_fact(hand_on.fact);
    std::string key(hand_on.to.view());
    PutBigEndian(&key, Fnv1a(hand_on.fact));
    write->outbox_puts.emplace_back(std::move(key), record.SerializeAsString());
  }
}

Result<std::vector<OutboxRecord>> ReadOutbox(const PartitionStore& store, uint32_t partitions, size_t limit) {
  std::vector<OutboxRecord> records;
  KPR_RETURN_IF_ERROR(store.Scan(Table::kOutbox, "", [&](std::string_view key, std::string_view value) {
    records.push_back({std::string(key), PartitionOf(SubjectId::FromView(key.substr(0, 16)), partitions),
                       std::string(value)});
    return records.size() < limit;
  }));
  return records;
}

}  // namespace kpr
