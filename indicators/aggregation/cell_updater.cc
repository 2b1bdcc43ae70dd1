#include "indicators/aggregation/cell_updater.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "indicators/aggregation/delta_table.h"
#include "indicators/engine/evaluate.h"

namespace kpr {
namespace {

bool Passes(VersionFilter filter, uint32_t number) {
  if (filter.mode == VersionFilter::Mode::kAll) return true;
  const bool named = std::binary_search(filter.numbers->begin(), filter.numbers->end(), number);
  return named == (filter.mode == VersionFilter::Mode::kOnly);
}

class CellBatch : public ChangeBatch {
 public:
  CellBatch(std::shared_ptr<const Plan> plan, std::shared_ptr<const std::vector<IndicatorVersion>> versions)
      : plan_(std::move(plan)), versions_(std::move(versions)), evaluator_(plan_.get()) {}

  const std::vector<IndicatorVersion>& versions() const override { return *versions_; }

  const CodeEnds& code_ends() const override { return plan_->code_ends; }

  void CodesChanged(const SubjectState& state, const CodeEnds& before, Date until,
                    VersionFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.EvaluateByEnds(before, state, until, &before_);
    evaluator_.Evaluate(state, kFirstDate, until, &after_);
    AddDifference(filter);
  }

  void Changed(const SubjectState& before, const SubjectState& after, Date from, Date until,
               VersionFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Evaluate(before, from, until, &before_);
    evaluator_.Evaluate(after, from, until, &after_);
    AddDifference(filter);
  }

  void YearRollover(const SubjectState& state, Date from, Date until, VersionFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Advance(state, from, until, &after_);
    AddDifference(filter);
  }

  void YearRollback(const SubjectState& state, Date from, Date until, VersionFilter filter) override {
    before_.clear();
    after_.clear();
    evaluator_.Advance(state, from, until, &before_);
    AddDifference(filter);
  }

  size_t bytes() const override { return deltas_.bytes(); }
  std::vector<KeyValue> TakeInto(const DeltaSink& cells) override { return deltas_.TakeInto(cells); }
  CellDeltas Take() override { return deltas_.Take(); }

 private:
  // after_ - before_. Both come step by step; in most parts the two are the same, or nearly.
  void AddDifference(VersionFilter filter) {
    size_t b = 0, a = 0;
    while (b < before_.size() || a < after_.size()) {
      const uint32_t step = std::min(b < before_.size() ? before_[b].step : UINT32_MAX,
                                     a < after_.size() ? after_[a].step : UINT32_MAX);
      const size_t b_end = EndOf(step, before_, b), a_end = EndOf(step, after_, a);
      AddStep({before_.data() + b, b_end - b}, {after_.data() + a, a_end - a}, filter);
      b = b_end;
      a = a_end;
    }
  }

  static size_t EndOf(uint32_t step, const std::vector<Contribution>& all, size_t at) {
    while (at < all.size() && all[at].step == step) ++at;
    return at;
  }

  void AddStep(std::span<const Contribution> before, std::span<const Contribution> after,
               VersionFilter filter) {
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
  std::shared_ptr<const std::vector<IndicatorVersion>> versions_;
  Evaluator evaluator_;
  std::vector<Contribution> before_, after_;
  DeltaTable deltas_;
};

uint64_t DefinitionHashOf(const v1::Definition& definition, const Catalogue& catalogue) {
  v1::Definition computed;
  computed.set_kind(definition.kind());
  *computed.mutable_periods() = definition.periods();
  *computed.mutable_components() = definition.components();
  uint64_t hash = Fnv1a("definition with subjects, totals by month and by year");
  for (v1::Component& c : *computed.mutable_components()) {
    c.clear_numerator_class();
    c.clear_provider_industries();
    for (v1::Class& k : *c.mutable_classes()) k.clear_title();
    for (const std::string& id : {c.survey_index().instrument(), c.survey_item().instrument(),
                                  c.survey_participation().instrument()}) {
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

std::unique_ptr<ChangeBatch> CellUpdater::Begin() {
  const std::shared_ptr<const Plan> plan = plan_->Get();
  const MutexLock lock(mutex_);
  if (seen_ != plan) {
    seen_ = plan;
    versions_ = std::make_shared<const std::vector<IndicatorVersion>>(IndicatorVersionsOf(*plan));
  }
  return std::make_unique<CellBatch>(plan, versions_);
}

std::vector<IndicatorVersion> IndicatorVersionsOf(const Plan& plan) {
  std::vector<IndicatorVersion> versions = {{kFactsIndicator, 2, "facts"},
                                            {kDeclaredIndicator, 2, "declared"},
                                            {kIndustryIndicator, 2, "industry"},
                                            {kInhabitantsIndicator, 2, "inhabitants"},
                                            {kOwnCoverageIndicator, 4, "own_coverage"}};
  for (const v1::Definition& d : plan.catalogue.definitions) {
    versions.push_back(
        {IndicatorNumber(d), DefinitionHashOf(d, plan.catalogue), fmt::format("{}@{}", d.id(), d.version())});
  }
  std::sort(versions.begin(), versions.end());
  return versions;
}

}  // namespace kpr
