#include "indicators/cells/cell_observer.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/cells/delta_table.h"
#include "indicators/engine/evaluate.h"

namespace kpr {
namespace {

bool Passes(FigureFilter filter, uint32_t number) {
  if (filter.mode == FigureFilter::Mode::kAll) return true;
  const bool named = std::binary_search(filter.numbers->begin(), filter.numbers->end(), number);
  return named == (filter.mode == FigureFilter::Mode::kOnly);
}

class CellBatch : public ChangeBatch {
 public:
  CellBatch(std::shared_ptr<const Plan> plan, std::shared_ptr<const std::vector<Figure>> figures)
      : plan_(std::move(plan)), figures_(std::move(figures)), evaluator_(plan_.get()) {}

  const std::vector<Figure>& figures() const override { return *figures_; }

  void Changed(const History& before, const History& after, Date from, FigureFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Evaluate(before, from, &before_);
    evaluator_.Evaluate(after, from, &after_);
    AddDifference(filter);
  }

  CellDeltas Take() override { return deltas_.Take(); }

 private:
  // after_ - before_. Most of the two is the same and in the same order: that is stepped over first.
  void AddDifference(FigureFilter filter) {
    const auto same = [](const Contribution& a, const Contribution& b) {
      return a.key == b.key && a.slot == b.slot && a.amount == b.amount;
    };
    size_t head = 0, tail = 0;
    const size_t shorter = std::min(before_.size(), after_.size());
    while (head < shorter && same(before_[head], after_[head])) ++head;
    while (tail < shorter - head &&
           same(before_[before_.size() - 1 - tail], after_[after_.size() - 1 - tail]))
      ++tail;
    const auto add = [&](const Contribution& c, int64_t sign) {
      if (Passes(filter, c.key.indicator)) deltas_.Add(c.key, c.slot, sign * c.amount);
    };
    for (size_t i = head; i < before_.size() - tail; ++i) add(before_[i], -1);
    for (size_t i = head; i < after_.size() - tail; ++i) add(after_[i], +1);
  }

  std::shared_ptr<const Plan> plan_;
  std::shared_ptr<const std::vector<Figure>> figures_;
  Evaluator evaluator_;
  std::vector<Contribution> before_, after_;
  DeltaTable deltas_;
};

uint64_t ContentOf(const v1::Definition& definition, const Catalogue& catalogue) {
  v1::Definition computed;
  computed.set_kind(definition.kind());
  *computed.mutable_periods() = definition.periods();
  *computed.mutable_components() = definition.components();
  uint64_t hash = Fnv1a("definition");
  for (v1::Component& c : *computed.mutable_components()) {
    c.clear_numerator_class();
    c.clear_provider_industries();
    for (v1::Class& k : *c.mutable_classes()) k.clear_title();
    for (const std::string& id : {c.survey_index().instrument(), c.survey_item().instrument()}) {
      const v1::Instrument* instrument = catalogue.FindInstrument(id);
      if (instrument == nullptr) continue;
      hash = Fnv1a(fmt::format("{} {}", instrument->scale_min(), instrument->scale_max()), hash);
      for (const v1::Item& item : instrument->items())
        hash = Fnv1a(fmt::format("{} {}", item.dimension(), item.reversed()), hash);
    }
  }
  return Fnv1a(computed.SerializeAsString(), hash);
}

}  // namespace

std::unique_ptr<ChangeBatch> CellObserver::Begin() {
  const std::shared_ptr<const Plan> plan = plan_->Get();
  std::lock_guard lock(mutex_);
  if (seen_ != plan) {
    seen_ = plan;
    figures_ = std::make_shared<const std::vector<Figure>>(FiguresOf(*plan));
  }
  return std::make_unique<CellBatch>(plan, figures_);
}

std::vector<Figure> FiguresOf(const Plan& plan) {
  std::vector<Figure> figures = {{kFactsIndicator, 1, "facts"},
                                 {kDeclaredIndicator, 1, "declared"},
                                 {kIndustryIndicator, 1, "industry"},
                                 {kInhabitantsIndicator, 1, "inhabitants"}};
  for (const v1::Definition& d : plan.catalogue.definitions) {
    figures.push_back(
        {IndicatorNumber(d), ContentOf(d, plan.catalogue), fmt::format("{}@{}", d.id(), d.version())});
  }
  std::sort(figures.begin(), figures.end());
  return figures;
}

}  // namespace kpr
