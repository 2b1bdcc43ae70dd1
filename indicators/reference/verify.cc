#include "indicators/reference/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "base/calendar.h"
#include "indicators/aggregation/export.h"
#include "indicators/cells/total.h"
#include "indicators/engine/period_sums.h"
#include "indicators/reference/naive.h"
#include "registry/log_record/log_slice.h"
#include "registry/log_record/routing.h"
#include "registry/log_record/scan.h"

namespace kpr {
namespace {

constexpr size_t kShown = 20;

using ExpectedCells = naive::ExpectedCells;

Status ForEachRecord(EventLog* log, const std::vector<uint64_t>& ends,
                     const std::function<void(uint32_t partition, const v1::LogRecord&)>& f) {
  for (uint32_t i = 0; i < log->partitions(); ++i) {
    KPR_RETURN_IF_ERROR(ScanRecords(log, i, ends[i], [&](uint64_t, const v1::LogRecord* record) {
      const bool readable =
          record != nullptr && (!record->has_event() || CheckReadable(record->event()).ok());
      if (readable) f(i, *record);
    }));
  }
  return {};
}

naive::OwnedEvent Owned(const v1::LogRecord& record) {
  return {record.event(), record.continues().empty() ? record.sender() : record.continues()};
}

struct Overview {
  size_t events = 0;
  Date horizon;
  std::vector<naive::OwnedEvent> identity_changes;
};

Result<Overview> ReadOverview(EventLog* log, const std::vector<uint64_t>& ends) {
  Overview overview;
  KPR_RETURN_IF_ERROR(ForEachRecord(log, ends, [&](uint32_t partition, const v1::LogRecord& record) {
    if (record.has_event()) ++overview.events;
    if (record.has_tick())
      overview.horizon.days = record.tick().set_back()
                                  ? std::min(overview.horizon.days, record.tick().horizon_days())
                                  : std::max(overview.horizon.days, record.tick().horizon_days());
    // It is in the log of both identities; the order that counts is that of the former one's.
    const v1::Event& e = record.event();
    const bool mine = e.has_identity_changed() && PartitionOf(SubjectId::FromView(e.subject().pseudonym()),
                                                              log->partitions()) == partition;
    if (mine) overview.identity_changes.push_back(Owned(record));
  }));
  return overview;
}

// The cells of the subjects of one slice, on two threads.
void Merge(ExpectedCells&& from, ExpectedCells* into) {
  if (into->empty()) {
    *into = std::move(from);
    return;
  }
  for (auto& [key, slots] : from) {
    auto& sums = (*into)[key];
    for (const auto& [slot, amount] : slots) sums[slot] += amount;
  }
}

Result<ExpectedCells> NaiveCells(EventLog* log, const std::vector<uint64_t>& ends, const Overview& overview,
                                 const Catalogue& catalogue, const VerifyOptions& options) {
  const naive::Identities identities(overview.identity_changes);
  const size_t slices = overview.events / options.events_at_once + 1;
  constexpr size_t kThreads = 2;
  ExpectedCells cells[kThreads];
  for (size_t slice = 0; slice < slices; ++slice) {
    std::deque<naive::OwnedEvent> events;
    naive::EventsBySubject events_by_subject[kThreads];
    // Event ids, by subject as sent, owner and whether they correct.
    std::map<std::tuple<std::string, std::string, bool>, std::set<std::string>> taken;
    KPR_RETURN_IF_ERROR(ForEachRecord(log, ends, [&](uint32_t, const v1::LogRecord& record) {
      if (!record.has_event()) return;
      const std::string name = identities.Final(naive::SubjectName(record.event().subject()));
      const uint64_t hash = Fnv1a(name);
      if (name.empty() || hash / kThreads % slices != slice) return;
      // Of a sender's facts about a subject the first 5,000 count, and of its corrections.
      const v1::Event& e = record.event();
      naive::OwnedEvent owned = Owned(record);
      auto& ids =
          taken[{naive::SubjectName(e.subject()), owned.owner, e.status() != v1::EVENT_STATUS_ORIGINAL}];
      if (!e.has_identity_changed() && ids.size() == 5000 && !ids.contains(e.event_id())) return;
      if (!e.has_identity_changed()) ids.insert(e.event_id());
      events.push_back(std::move(owned));
      naive::QualifyIds(&events.back());
      events_by_subject[hash % kThreads][name].push_back(&events.back());
    }));
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back(
          [&, i] { naive::AddSubjects(events_by_subject[i], catalogue, overview.horizon, &cells[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    Merge(std::exchange(cells[1], {}), &cells[0]);  // most places and strata are in both
    options.progress(fmt::format("subjects computed: {} of {} slices", slice + 1, slices));
  }
  return std::move(cells[0]);
}

// Takes the register's cells out of the expected ones; what differs is reported.
class Comparison {
 public:
  Comparison(ExpectedCells* expected, const Catalogue& catalogue, Verification* result)
      : expected_(expected), catalogue_(catalogue), result_(result) {}

  void Found(const CellKey& key, const Slots& slots) {
    if (slots.empty()) return;
    ++result_->cells;
    const auto it = expected_->find(key);
    const Slots want = it == expected_->end() ? Slots() : WithoutZeros(it->second);
    if (want != slots) Differ(key, want, slots);
    if (it != expected_->end()) expected_->erase(it);
  }

  void Finish() {
    for (const auto& [key, slots] : *expected_) {
      const Slots want = WithoutZeros(slots);
      if (!want.empty()) Differ(key, want, {});
    }
  }

 private:
  static Slots WithoutZeros(const naive::ExpectedSlots& expected) {
    Slots slots;
    for (const auto& [slot, amount] : expected) {
      if (amount != 0) slots.emplace(slot, amount);
    }
    return slots;
  }

  static std::string Text(const Slots& slots) {
    std::string text;
    for (const auto& [slot, amount] : slots)
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", slot, amount);
    return text;
  }

  void Differ(const CellKey& key, const Slots& want, const Slots& have) {
    if (result_->differences.size() >= kShown) return;
    CellKey plain = key;  // the key's year is the period's ordinal
    const Period period{static_cast<PeriodKind>(key.period), key.year};
    plain.year = static_cast<uint16_t>(period.first().year());
    result_->differences.push_back(fmt::format("{} in {}: batch has [{}], register has [{}]",
                                               DescribeCell(plain.Encode(), catalogue_), period.ToString(),
                                               Text(want), Text(have)));
  }

  ExpectedCells* expected_;
  const Catalogue& catalogue_;
  Verification* result_;
};

struct PlaceStratum {
  CellPlace place;
  uint8_t sex = 0, age = 0;
  auto operator<=>(const PlaceStratum&) const = default;
};

// The register's cells of one indicator and kind of period, place by place.
Status CompareIndicator(const PartitionReaders& stores, const IndicatorPlan& indicator, PeriodKind kind,
                        Date first, Date horizon, Comparison* comparison) {
  PeriodRange range{kind, Period::Containing(kind, first).ordinal, Period::Containing(kind, horizon).ordinal,
                    MonthOf(horizon)};
  std::map<PlaceStratum, std::vector<std::pair<int, std::string>>> places;
  bool whole = true;
  for (const ReferencePeriod period : ReferencePeriodsOf(indicator, kind)) {
    const auto [begin, end] = CellRange(indicator.number, period);
    for (const auto& store : stores) {
      KPR_RETURN_IF_ERROR(
          store->ScanRange(Table::kCells, begin, end, [&](std::string_view k, std::string_view v) {
            CellKey key;
            whole = CellKey::Decode(k, &key) && whole;
            if (!v.empty()) places[{key.place, key.sex, key.age}].emplace_back(key.year, std::string(v));
            return true;
          }));
    }
  }
  PeriodSums sums(&indicator, range);
  for (const auto& [where, cells] : places) {
    sums.Clear();
    for (const auto& [year, bytes] : cells) whole = sums.Add(year, bytes) && whole;
    sums.ForEach([&, &at = where](int ordinal, const Slots& slots) {
      CellKey key;
      key.indicator = indicator.number;
      key.place = at.place;
      key.sex = at.sex;
      key.age = at.age;
      key.period = static_cast<ReferencePeriod>(kind);
      key.year = static_cast<uint16_t>(ordinal);
      comparison->Found(key, slots);
    });
  }
  return whole ? Status() : DataLoss("a cell does not decode: run 'kpr rebuild'");
}

// The totals must be the sums of the cells.
Status CompareTotals(const PartitionReaders& stores, std::vector<std::string>* differences) {
  for (const auto& store : stores) {
    std::map<std::string, Slots> sums;
    bool whole = true;
    const auto end_total = [&](const std::string& key) { sums.erase(key); };
    KPR_RETURN_IF_ERROR(store->Scan(Table::kCells, "", [&](std::string_view k, std::string_view v) {
      CellKey key;
      whole = CellKey::Decode(k, &key) && whole;
      if (!whole) return false;
      const auto sums_by = [&](TotalsBy by) { return &sums[TotalKey::Of(key, by).Encode()]; };
      Slots *months = sums_by(TotalsBy::kMonth), *years = sums_by(TotalsBy::kYear);
      whole = ForEachSlot(v,
                          [&](uint32_t slot, int64_t amount) {
                            (*months)[SlotInTotal(TotalsBy::kMonth, key.year, slot)] += amount;
                            (*years)[SlotInTotal(TotalsBy::kYear, key.year, slot)] += amount;
                          }) &&
              whole;
      return true;
    }));
    const auto tell = [&](const std::string& key) {
      if (differences->size() < kShown)
        differences->push_back("total of " + ToHex(key) + " is not its cells' sum");
    };
    KPR_RETURN_IF_ERROR(store->Scan(Table::kTotals, "", [&](std::string_view k, std::string_view v) {
      Slots total;
      whole = AddTo(&total, v) && whole;
      Slots& sum = sums[std::string(k)];
      DropZeros(&sum);
      DropZeros(&total);
      if (sum != total) tell(std::string(k));
      end_total(std::string(k));
      return true;
    }));
    for (auto& [key, sum] : sums) {
      DropZeros(&sum);
      if (!sum.empty()) tell(key);
    }
    if (!whole) return DataLoss("a cell does not decode: run 'kpr rebuild'");
  }
  return {};
}

}  // namespace

std::string DescribeCell(const std::string& encoded, const Catalogue& catalogue) {
  CellKey key;
  if (!CellKey::Decode(encoded, &key)) return "undecodable key " + ToHex(encoded);
  static constexpr const char* kSpanNames[] = {"last day", "month", "tertial", "year"};
  std::string indicator = fmt::format("figure {:08x}", key.indicator);
  for (const auto& d : catalogue.definitions) {
    if (IndicatorNumber(d) == key.indicator) indicator = fmt::format("{}@{}", d.id(), d.version());
  }
  std::string places;
  for (size_t i = 0; i < key.place.municipality_count; ++i)
    places += (i ? "+" : "") + Municipality{key.place.municipalities[i]}.ToString();
  return fmt::format("{} {} {} municipality {} provider {} sex {} age {}", indicator,
                     kSpanNames[static_cast<size_t>(key.period) % kReferencePeriods], key.year, places,
                     key.place.provider, key.sex, AgeBandName(key.age));
}

Result<Verification> Verify(EventLog* log, const PartitionReaders& stores, const Plan& plan,
                            const VerifyOptions& options) {
  std::vector<uint64_t> ends;
  for (const auto& store : stores) ends.push_back(store->next_offset());
  KPR_ASSIGN_OR_RETURN(const Overview overview, ReadOverview(log, ends));
  KPR_ASSIGN_OR_RETURN(ExpectedCells expected, NaiveCells(log, ends, overview, plan.catalogue, options));
  options.progress("comparing");
  Verification result;
  result.events = overview.events;
  Comparison comparison(&expected, plan.catalogue, &result);
  const Date first = Date::FromYmd(1900, 1, 1);
  for (const IndicatorPlan& indicator : plan.indicators) {
    for (const PeriodKind kind : indicator.periods) {
      KPR_RETURN_IF_ERROR(CompareIndicator(stores, indicator, kind, first, overview.horizon, &comparison));
    }
  }
  for (const uint32_t number : {kFactsIndicator, kOwnCoverageIndicator}) {
    IndicatorPlan facts;  // every fact, also one dated after the horizon
    facts.number = number;
    facts.components.emplace_back();
    facts.components.back().sort = MeasuringType::kFlow;
    KPR_RETURN_IF_ERROR(
        CompareIndicator(stores, facts, PeriodKind::kMonth, first, Date::FromYmd(2150, 1, 1), &comparison));
  }
  comparison.Finish();
  KPR_RETURN_IF_ERROR(CompareTotals(stores, &result.differences));
  return result;
}

}  // namespace kpr
