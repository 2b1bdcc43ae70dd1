#include "indicators/cells/cell_observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

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

  void Changed(const History& before, const History& after, Date from, Date until,
               FigureFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Evaluate(before, from, until, &before_);
    evaluator_.Evaluate(after, from, until, &after_);
    AddDifference(filter);
  }

  void Advanced(const History& history, Date from, Date until, FigureFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Advance(history, from, until, &after_);
    AddDifference(filter);
  }

  CellDeltas Take() override { return deltas_.Take(); }

 private:
  // after_ - before_. Both come part by part; in most parts the two are the same, or nearly.
  void AddDifference(FigureFilter filter) {
    size_t b = 0, a = 0;
    while (b < before_.size() || a < after_.size()) {
      const uint32_t part = std::min(b < before_.size() ? before_[b].part : UINT32_MAX,
                                     a < after_.size() ? after_[a].part : UINT32_MAX);
      const size_t b_end = EndOf(part, before_, b), a_end = EndOf(part, after_, a);
      AddPart({before_.data() + b, b_end - b}, {after_.data() + a, a_end - a}, filter);
      b = b_end;
      a = a_end;
    }
  }

  static size_t EndOf(uint32_t part, const std::vector<Contribution>& all, size_t at) {
    while (at < all.size() && all[at].part == part) ++at;
    return at;
  }

  void AddPart(std::span<const Contribution> before, std::span<const Contribution> after,
               FigureFilter filter) {
    const auto same = [](const Contribution& x, const Contribution& y) {
      return x.slot == y.slot && x.amount == y.amount && x.key == y.key;
    };
    while (!before.empty() && !after.empty() && same(before.front(), after.front())) {
      before = before.subspan(1);
      after = after.subspan(1);
    }
    while (!before.empty() && !after.empty() && same(before.back(), after.back())) {
      before = before.first(before.size() - 1);
      after = after.first(after.size() - 1);
    }
    const auto add = [&](const Contribution& c, int64_t sign) {
      if (Passes(filter, c.key.indicator)) deltas_.Add(c.key, c.slot, sign * c.amount);
    };
    for (const Contribution& c : before) add(c, -1);
    for (const Contribution& c : after) add(c, +1);
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
