#include "indicators/query/cell_source.h"

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "indicators/cells/delta_table.h"
#include "indicators/engine/evaluate.h"

namespace kpr {
namespace {

constexpr char kDamagedCell[] = "a cell does not decode: run 'kpr rebuild'";

class Live : public CellSource {
 public:
  Status Open(const RegisterView& view) {
    for (uint32_t i = 0; i < view.partitions(); ++i) {
      KPR_ASSIGN_OR_RETURN(auto moment, view.store(i).Moment());
      positions_.push_back(moment->state().next_offset);
      horizon_ = std::min(horizon_, Date{moment->state().horizon_days});
      moments_.push_back(std::move(moment));
    }
    return {};
  }

  Status Scan(uint32_t figure, Span span, bool totals, const Take& take) const override {
    const auto [first, end] = CellRange(figure, span);
    bool damaged = false;
    for (const auto& moment : moments_) {
      KPR_RETURN_IF_ERROR(moment->ScanRange(totals ? Table::kTotals : Table::kCells, first, end,
                                            [&](std::string_view k, std::string_view v) {
                                              CellKey key;
                                              damaged = damaged || !CellKey::Decode(k, &key);
                                              return v.empty() || take(key, v);
                                            }));
    }
    return damaged ? Damaged(kDamagedCell) : Status();
  }

  Date horizon() const override { return horizon_; }
  const std::vector<uint64_t>& positions() const override { return positions_; }

 private:
  std::vector<std::unique_ptr<StoreMoment>> moments_;  // by partition
  Date horizon_ = kNoEnd;
  std::vector<uint64_t> positions_;
};

class Recomputed : public CellSource {
 public:
  Recomputed(std::vector<uint64_t> positions, Date horizon)
      : positions_(std::move(positions)), horizon_(horizon) {}

  bool Add(const CellDeltas& deltas) {
    bool whole = true;
    for (const auto& [key, slots] : deltas.cells) whole = AddTo(&cells_[false][key], slots) && whole;
    for (const auto& [key, slots] : deltas.totals) whole = AddTo(&cells_[true][key], slots) && whole;
    return whole;
  }

  Status Scan(uint32_t figure, Span span, bool totals, const Take& take) const override {
    const auto [first, end] = CellRange(figure, span);
    const auto& cells = cells_[totals];
    for (auto it = cells.lower_bound(first); it != cells.end() && it->first < end; ++it) {
      CellKey key;
      if (!CellKey::Decode(it->first, &key)) return Damaged(kDamagedCell);
      std::vector<SlotAmount> slots;
      for (const auto& [slot, amount] : it->second) {
        if (amount != 0) slots.push_back({slot, amount});
      }
      if (!slots.empty() && !take(key, EncodeSlots(slots))) return {};
    }
    return {};
  }

  Date horizon() const override { return horizon_; }
  const std::vector<uint64_t>& positions() const override { return positions_; }

 private:
  std::vector<uint64_t> positions_;
  Date horizon_;
  std::map<std::string, Slots> cells_[2];
};

Status ComputePartition(const PartitionStore& store, const Plan& plan, uint64_t position, Date until,
                        CellDeltas* out) {
  Evaluator evaluator(&plan);
  std::vector<Fact> facts;
  std::vector<Contribution> contributions;
  DeltaTable sums;
  Status damage;
  KPR_RETURN_IF_ERROR(store.Scan(Table::kTimelines, "", [&](std::string_view key, std::string_view bytes) {
    facts.clear();
    if (!DecodeFacts(bytes, &facts)) damage = Damaged("timeline of " + ToHex(key));
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

Result<Date> HorizonAt(const PartitionStore& store, uint64_t position) {
  Date horizon;
  KPR_RETURN_IF_ERROR(store.Scan(Table::kCloses, "", [&](std::string_view day, std::string_view offset) {
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

Result<std::unique_ptr<CellSource>> LiveCells(const RegisterView& view) {
  auto live = std::make_unique<Live>();
  if (Status status = live->Open(view); !status.ok()) return status;
  return std::unique_ptr<CellSource>(std::move(live));
}

Result<std::unique_ptr<CellSource>> CellsAt(const RegisterView& registry, const v1::Definition& definition,
                                            const Catalogue& catalogue, std::vector<uint64_t> positions) {
  KPR_RETURN_IF_ERROR(registry.HasTimelines(positions));
  KPR_ASSIGN_OR_RETURN(const Plan plan, PlanOf(definition, catalogue));
  Date horizon = kNoEnd;
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_ASSIGN_OR_RETURN(const Date of_partition, HorizonAt(registry.store(i), positions[i]));
    horizon = std::min(horizon, of_partition);
  }
  const Date until = MonthEnd(MonthOf(horizon));
  std::vector<CellDeltas> deltas(registry.partitions());
  std::vector<Status> statuses(registry.partitions());
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    threads.emplace_back(
        [&, i] { statuses[i] = ComputePartition(registry.store(i), plan, positions[i], until, &deltas[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  auto source = std::make_unique<Recomputed>(std::move(positions), horizon);
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_RETURN_IF_ERROR(statuses[i]);
    if (!source->Add(deltas[i])) return Damaged(kDamagedCell);
  }
  return std::unique_ptr<CellSource>(std::move(source));
}

}  // namespace kpr
