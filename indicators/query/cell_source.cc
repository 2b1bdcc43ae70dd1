#include "indicators/query/cell_source.h"

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "indicators/aggregation/delta_table.h"
#include "indicators/engine/evaluate.h"
#include "registry/apply/backfill_state.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

constexpr char kDamagedCell[] = "a cell does not decode: run 'kpr rebuild'";

class Live : public CellSource {
 public:
  Status Open(const RegistryReader& registry) {
    for (uint32_t i = 0; i < registry.partitions(); ++i) {
      KPR_ASSIGN_OR_RETURN(auto snapshot, registry.store(i)->TakeSnapshot());
      KPR_ASSIGN_OR_RETURN(const std::string catalogue, snapshot->Catalogue());
      if (!ComputedByEnds(catalogue, EditionInUse().ends_text))
        return Unavailable("figures are being recomputed by the code lists in use; retry");
      positions_.push_back(snapshot->state().next_offset);
      horizon_ = std::min(horizon_, Date{snapshot->state().horizon_days});
      snapshots_.push_back(std::move(snapshot));
    }
    return {};
  }

  Status Scan(uint32_t indicator, ReferencePeriod period, const CellFunction& f) const override {
    return ScanKeys<CellKey>(Table::kCells, CellRange(indicator, period), f);
  }

  Status ScanTotals(uint32_t indicator, ReferencePeriod period, TotalsBy by, int from, int to,
                    const TotalFunction& f) const override {
    return ScanKeys<TotalKey>(Table::kTotals, TotalRange(indicator, period, by, from, to), f);
  }

  Date horizon() const override { return horizon_; }
  const std::vector<uint64_t>& positions() const override { return positions_; }

 private:
  template <class Key>
  Status ScanKeys(Table table, const std::pair<std::string, std::string>& range,
                  const std::function<bool(const Key&, std::string_view)>& f) const {
    bool damaged = false;
    for (const auto& snapshot : snapshots_) {
      KPR_RETURN_IF_ERROR(
          snapshot->ScanRange(table, range.first, range.second, [&](std::string_view k, std::string_view v) {
            Key key;
            damaged = damaged || !Key::Decode(k, &key);
            return !damaged && (v.empty() || f(key, v));
          }));
    }
    return damaged ? DataLoss(kDamagedCell) : Status();
  }

  std::vector<std::unique_ptr<Snapshot>> snapshots_;  // by partition
  Date horizon_ = kNoEnd;
  std::vector<uint64_t> positions_;
};

class Recomputed : public CellSource {
 public:
  Recomputed(std::vector<uint64_t> positions, Date horizon)
      : positions_(std::move(positions)), horizon_(horizon) {}

  bool Add(const CellDeltas& deltas) {
    bool whole = true;
    for (const auto& [key, slots] : deltas.cells) whole = AddTo(&cells_[key], slots) && whole;
    for (const auto& [key, slots] : deltas.totals) whole = AddTo(&totals_[key], slots) && whole;
    return whole;
  }

  Status Scan(uint32_t indicator, ReferencePeriod period, const CellFunction& f) const override {
    return ScanKeys<CellKey>(cells_, CellRange(indicator, period), f);
  }

  Status ScanTotals(uint32_t indicator, ReferencePeriod period, TotalsBy by, int from, int to,
                    const TotalFunction& f) const override {
    return ScanKeys<TotalKey>(totals_, TotalRange(indicator, period, by, from, to), f);
  }

  Date horizon() const override { return horizon_; }
  const std::vector<uint64_t>& positions() const override { return positions_; }

 private:
  using Sums = std::map<std::string, Slots>;

  template <class Key>
  static Status ScanKeys(const Sums& sums, const std::pair<std::string, std::string>& range,
                         const std::function<bool(const Key&, std::string_view)>& f) {
    for (auto it = sums.lower_bound(range.first); it != sums.end() && it->first < range.second; ++it) {
      Key key;
      if (!Key::Decode(it->first, &key)) return DataLoss(kDamagedCell);
      const std::string slots = EncodeSlots(it->second);
      if (!slots.empty() && !f(key, slots)) return {};
    }
    return {};
  }

  std::vector<uint64_t> positions_;
  Date horizon_;
  Sums cells_, totals_;
};

Status ComputePartition(const PartitionReader& store, const Plan& plan, uint64_t position, Date until,
                        CellDeltas* out) {
  Evaluator evaluator(&plan);
  std::vector<Fact> facts;
  std::vector<Contribution> contributions;
  DeltaTable sums;
  Status damage;
  KPR_RETURN_IF_ERROR(store.Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
    facts.clear();
    if (!DecodeFacts(bytes, &facts)) damage = DataLoss("timeline of " + ToHex(key));
    if (!damage.ok()) return false;
    const std::vector<Fact> known = FactsBelow(facts, position);
    if (!known.empty())
      evaluator.Evaluate(Fold(SubjectId::FromView(key), known), kFirstDate, until, &contributions);
    for (const Contribution& c : contributions) sums.Add(c.key, c.slot, c.amount);
    contributions.clear();
    return true;
  }));
  *out = sums.Take();
  return damage;
}

}  // namespace

std::vector<Fact> FactsBelow(const std::vector<Fact>& all, uint64_t position) {
  std::vector<Fact> known;
  std::copy_if(all.begin(), all.end(), std::back_inserter(known),
               [&](const Fact& fact) { return fact.offset < position; });
  return known;
}

Result<Date> HorizonAt(const PartitionReader& store, uint64_t position) {
  Date horizon;
  KPR_RETURN_IF_ERROR(
      store.Scan(Table::kDayBoundaries, "", [&](std::string_view day, std::string_view offset) {
        if (ByteReader(offset).Varint() >= position) return false;
        horizon = {static_cast<int32_t>(ByteReader(day).BigEndian<uint32_t>())};
        return true;
      }));
  return horizon;
}

Result<Plan> PlanOf(const v1::Definition& definition, const Catalogue& catalogue) {
  Catalogue one;
  one.definitions = {definition};
  one.instruments = catalogue.instruments;
  return Compile(std::move(one));
}

Result<std::unique_ptr<CellSource>> LiveCells(const RegistryReader& registry) {
  auto live = std::make_unique<Live>();
  if (Status status = live->Open(registry); !status.ok()) return status;
  return std::unique_ptr<CellSource>(std::move(live));
}

Result<std::unique_ptr<CellSource>> CellsAt(const RegistryReader& registry, const v1::Definition& definition,
                                            const Catalogue& catalogue, std::vector<uint64_t> positions) {
  KPR_RETURN_IF_ERROR(registry.HasTimelines(positions));
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(definition, catalogue));
  Date horizon = kNoEnd;
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_ASSIGN_OR_RETURN(const Date of_partition, HorizonAt(*registry.store(i), positions[i]));
    horizon = std::min(horizon, of_partition);
  }
  const Date until = MonthEnd(MonthOf(horizon));
  std::vector<CellDeltas> deltas(registry.partitions());
  std::vector<Status> statuses(registry.partitions());
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = ComputePartition(*registry.store(i), plan, positions[i], until, &deltas[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto source = std::make_unique<Recomputed>(std::move(positions), horizon);
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_RETURN_IF_ERROR(statuses[i]);
    if (!source->Add(deltas[i])) return DataLoss(kDamagedCell);
  }
  return std::unique_ptr<CellSource>(std::move(source));
}

}  // namespace kpr
