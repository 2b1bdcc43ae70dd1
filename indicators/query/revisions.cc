// How one value has changed from day to day. Reads every timeline.
#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "indicators/query/query.h"
#include "indicators/query/subject_contribution.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

// The calendar day on which a log offset of one partition arrived.
class ArrivalDays {
 public:
  static Result<ArrivalDays> Read(const PartitionReader& store) {
    ArrivalDays days;
    KPR_RETURN_IF_ERROR(
        store.Scan(Table::kDayBoundaries, "", [&](std::string_view day, std::string_view offset) {
          days.begins_.emplace_back(ByteReader(offset).Varint(),
                                    static_cast<int32_t>(ByteReader(day).BigEndian<uint32_t>()));
          return true;
        }));
    return days;
  }

  int32_t Of(uint64_t offset) const {
    int32_t day = begins_.empty() ? 0 : begins_.front().second;
    for (const auto& [begin, on] : begins_) {
      if (begin > offset) break;
      day = on;
    }
    return day;
  }

 private:
  std::vector<std::pair<uint64_t, int32_t>> begins_;  // offset of a day's first record, day
};

struct DayChange {
  Slots change;
  std::vector<Uuid> events;
};
using DayChanges = std::map<int32_t, DayChange>;

// Adds what each day's facts changed in the subject's contribution. Before the first day of the period there
// is no figure of it: what was known by then is what it begins with.
void AddSubject(const SubjectId& subject, const std::vector<Fact>& facts, const ArrivalDays& days, Date first,
                SubjectContribution* contribution, DayChanges* changes) {
  std::map<int32_t, std::vector<Fact>> arrived;
  for (const Fact& fact : facts) arrived[std::max(days.Of(fact.offset), first.days)].push_back(fact);
  Slots before;
  for (const auto& [day, fresh] : arrived) {
    const uint64_t last = std::max_element(fresh.begin(), fresh.end(), [](const Fact& a, const Fact& b) {
                            return a.offset < b.offset;
                          })->offset;
    Slots after = contribution->Of(subject, FactsBelow(facts, last + 1));
    if (after == before) continue;
    DayChange& changed = (*changes)[day];
    for (const auto& [slot, amount] : after) changed.change[slot] += amount;
    for (const auto& [slot, amount] : before) changed.change[slot] -= amount;
    for (const Fact& fact : fresh) changed.events.push_back(fact.event_id);
    before = std::move(after);
  }
}

std::vector<Revision> ToRevisions(const ValueRef& ref, DayChanges changes) {
  std::vector<Revision> revisions;
  Slots running;
  for (auto& [day, changed] : changes) {
    DropZeros(&changed.change);
    if (changed.change.empty()) continue;
    Revision revision;
    revision.day = {day};
    revision.before = RowOf(ref, running);
    for (const auto& [slot, amount] : changed.change) running[slot] += amount;
    revision.after = RowOf(ref, running);
    std::sort(changed.events.begin(), changed.events.end());
    revision.events = std::move(changed.events);
    revisions.push_back(std::move(revision));
  }
  return revisions;
}

}  // namespace

Result<std::vector<Revision>> Query::Revisions(const v1::ListIndicatorRevisionsRequest& request) const {
  const EditionScope one;
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, Resolve(request.indicator(), request.version()));
  KPR_ASSIGN_OR_RETURN(const auto source, LiveCells(*registry_));
  KPR_RETURN_IF_ERROR(registry_->HasTimelines(source->positions()));
  if (source->horizon().days == 0) return std::vector<Revision>();
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(resolved.definition(), resolved.plan->catalogue));
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting,
                       ReportingData::Read(*source, {resolved.indicator().own_coverage, true, true}));
  KPR_ASSIGN_OR_RETURN(const ValueRef ref,
                       ResolveValue(request.period(), request.area(), plan, source->horizon(), &reporting));
  const PeriodRange& range = ref.selection.range;
  const Date first = Period{range.kind, range.from}.first();
  DayChanges changes;
  SubjectContribution contribution(&plan, &ref);
  std::vector<Fact> facts;
  Status damage;
  for (uint32_t i = 0; i < registry_->partitions(); ++i) {
    const auto store = registry_->store(i);
    KPR_ASSIGN_OR_RETURN(const ArrivalDays days, ArrivalDays::Read(*store));
    KPR_RETURN_IF_ERROR(store->Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
      facts.clear();
      if (!DecodeFacts(bytes, &facts)) damage = DataLoss("timeline of " + ToHex(key));
      if (!damage.ok()) return false;
      AddSubject(SubjectId::FromView(key), facts, days, first, &contribution, &changes);
      return true;
    }));
  }
  KPR_RETURN_IF_ERROR(damage);
  return ToRevisions(ref, std::move(changes));
}

}  // namespace kpr
