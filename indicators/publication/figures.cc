#include "indicators/publication/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/calendar.h"
#include "indicators/geography/structure.h"
#include "indicators/publication/pools.h"
#include "indicators/publication/tables_model.h"
#include "indicators/query/reporting_data.h"

namespace kpr::publication {
namespace {

using Key = std::tuple<std::string, std::string, std::string, std::string>;  // period, area, sex, age

// Components that say the same count the same, whatever classes they have; and all who answered a survey are
// counted under each of its items.
std::string Counted(v1::Component component) {
  component.clear_classes();
  component.clear_classes_overlap();
  component.clear_numerator_class();
  component.clear_role();
  if (component.has_survey_item()) component.mutable_survey_item()->clear_item();
  return component.SerializeAsString();
}

std::string PopulationOf(const v1::Definition& definition, v1::Role role, int64_t unit) {
  std::string key;
  for (const v1::Component& component : definition.components()) {
    if (component.role() == role) key += Counted(component);
  }
  return fmt::format("{:016x}/{}", Fnv1a(key), unit);
}

// Who answered the survey, as the tables of its items count them.
template <typename Survey>
std::string RespondentsOf(const Survey& survey, v1::Component component) {
  v1::SurveyItem& item = *component.mutable_survey_item();
  item.set_instrument(survey.instrument());
  item.set_respondent(survey.respondent());
  return fmt::format("{:016x}/1", Fnv1a(Counted(component)));
}

class TableMaker {
 public:
  TableMaker(const ResolvedIndicator& resolved, const v1::TablePlan& plan, const FigureOptions& options)
      : d_(resolved.definition()), indicator_(resolved.indicator()), plan_(plan), options_(options) {
    table_.set_indicator(d_.id());
    table_.set_version(d_.version());
    *table_.mutable_title() = d_.title();
    table_.set_kind(d_.kind());
    table_.set_unit(d_.unit());
    table_.set_scale(d_.scale() == 0 ? 1 : d_.scale());
    AddAmounts();
  }

  // The rows of pools only; else all others.
  void Add(const ResultTable& result, bool pools) {
    for (const ResultRow& row : result.rows) {
      if (std::count(plan_.periods().begin(), plan_.periods().end(), row.period) == 0) continue;
      if (IsPool(row.area) != pools) continue;
      rows_[{row.period, row.area, row.sex, row.age}] = Convert(row);
    }
    for (const ResultRow& row : result.rows) {
      if (row.value() != nullptr) table_.set_decimals(row.value()->decimals);
    }
  }

  v1::ReleaseTable Take() {
    FillStrata();
    for (auto& [key, row] : rows_) *table_.add_rows() = std::move(row);
    SetAdditive();
    return std::move(table_);
  }

 private:
  // What a row gives: denominator or numerator, then the classes.
  void AddAmounts() {
    const bool proportion = d_.kind() == v1::KIND_PROPORTION;
    const bool of_denominator = proportion || d_.kind() == v1::KIND_MEAN || d_.kind() == v1::KIND_MEDIAN_DAYS;
    if (!of_denominator) AddAmount("numerator", v1::ROLE_NUMERATOR);
    if (of_denominator || d_.kind() == v1::KIND_RATIO || d_.kind() == v1::KIND_RATE) {
      AddAmount("denominator", v1::ROLE_DENOMINATOR);
    }
    if (d_.kind() == v1::KIND_RATE) table_.mutable_amounts(1)->set_public_(true);
    for (int a = 0; a < table_.amounts_size(); ++a) table_.add_value_amounts(static_cast<uint32_t>(a));
    if (!proportion && d_.kind() != v1::KIND_COUNT) return;
    for (const v1::Class& c : d_.components(0).classes()) {
      v1::ReleaseAmount* amount = table_.add_amounts();
      *amount = table_.amounts(0);
      if (proportion && c.id() == d_.components(0).numerator_class()) {
        table_.add_value_amounts(static_cast<uint32_t>(table_.amounts_size() - 1));
      }
      amount->set_id(c.id());
      *amount->mutable_title() = c.title();
      amount->set_whole(false);
      amount->set_divisor(1);
      const v1::Component& component = d_.components(0);
      if (component.has_survey_participation() && c.id() == "answered")
        amount->set_population(RespondentsOf(component.survey_participation(), component));
    }
  }
  void AddAmount(const char* id, v1::Role role) {
    v1::ReleaseAmount* amount = table_.add_amounts();
    amount->set_id(id);
    amount->set_population(PopulationOf(d_, role, indicator_.unit));
    const v1::Component& first = d_.components(0);
    if (first.has_survey_index()) amount->set_within(RespondentsOf(first.survey_index(), first));
    amount->set_whole(true);
    amount->set_divisor(static_cast<uint32_t>(indicator_.unit));
    bool persons = true;
    for (size_t i = 0; i < indicator_.components.size(); ++i) {
      if (d_.components(static_cast<int>(i)).role() != role) continue;
      persons = persons && !indicator_.components[i].counts_subjects &&
                !d_.components(static_cast<int>(i)).has_reported();
    }
    amount->set_persons(persons);
  }

  v1::ReleaseRow Convert(const ResultRow& row) const {
    v1::ReleaseRow out;
    out.set_period(row.period);
    out.set_area(row.area);
    out.set_sex(row.sex);
    out.set_age(row.age);
    for (int a = 0; a < table_.amounts_size(); ++a) AddAmountOf(row, a, out);
    if (const Estimate* value = row.value()) {
      out.set_value(value->value);
      if (value->lower) out.set_lower(*value->lower);
      if (value->upper) out.set_upper(*value->upper);
    }
    out.set_missing_reason(row.reason);
    out.set_municipalities(row.coverage.municipalities);
    out.set_declared(row.coverage.declared);
    const auto pool = pool_of_.find(row.area);
    if (pool != pool_of_.end()) out.set_pool(pool->second);
    return out;
  }
  void AddAmountOf(const ResultRow& row, int a, v1::ReleaseRow& out) const {
    const v1::ReleaseAmount& amount = table_.amounts(a);
    const bool numerator = amount.id() == "numerator" && amount.whole();
    const double divisor = amount.divisor();
    if (amount.whole()) {
      out.add_amounts(std::llround((numerator ? row.numerator : row.denominator) * divisor));
    } else {
      const size_t c = static_cast<size_t>(a - (table_.amounts_size() - d_.components(0).classes_size()));
      out.add_amounts(c < row.classes.size() ? row.classes[c] : 0);
    }
    const bool of_numerator = table_.amounts(0).id() == "numerator" && (numerator || !amount.whole());
    const Behind& behind = of_numerator ? row.behind_numerator : row.behind_denominator;
    const bool own = amount.persons() && amount.divisor() == 1;
    // No more persons can be behind a class than it counts of stays, days or the like.
    const int64_t at_most = amount.whole() ? behind.persons : std::min(behind.persons, out.amounts(a));
    out.add_persons(own ? out.amounts(a) : at_most);
    out.add_providers(behind.providers);
  }

  // Every stratum has a row everywhere, also where nobody is: which rows there are tells nothing.
  void FillStrata() {
    std::set<std::pair<std::string, std::string>> strata{{"all", "all"}};
    if (plan_.by_sex()) {
      for (const char* sex : {"male", "female", "unknown"}) strata.emplace(sex, "all");
    }
    for (uint8_t band = 0; plan_.by_age() && band < kAgeBands; ++band)
      strata.emplace("all", AgeBandName(band));
    std::vector<v1::ReleaseRow> more;
    for (const auto& [key, row] : rows_) {
      if (row.sex() != "all" || row.age() != "all") continue;
      for (const auto& [sex, age] : strata) {
        if (rows_.contains({row.period(), row.area(), sex, age})) continue;
        v1::ReleaseRow empty = row;
        empty.set_sex(sex);
        empty.set_age(age);
        for (int a = 0; a < table_.amounts_size(); ++a) {
          empty.set_amounts(a, 0);
          empty.set_persons(a, 0);
          empty.set_providers(a, 0);
        }
        empty.clear_value();
        empty.clear_lower();
        empty.clear_upper();
        if (row.missing_reason() == v1::MISSING_REASON_UNSPECIFIED && d_.kind() != v1::KIND_COUNT) {
          empty.set_missing_reason(v1::MISSING_REASON_EMPTY_DENOMINATOR);
        }
        if (d_.kind() == v1::KIND_COUNT && row.has_value()) empty.set_value(0);
        more.push_back(std::move(empty));
      }
    }
    for (v1::ReleaseRow& row : more) {
      Key key{row.period(), row.area(), row.sex(), row.age()};
      rows_.emplace(std::move(key), std::move(row));
    }
  }

  // Whether parts are seen to add up everywhere; unique persons in several places or bands do not.
  void SetAdditive() {
    const Structure& structure = Structure::Of(static_cast<int>(options_.plan->structure_year()));
    const bool counties = std::any_of(table_.rows().begin(), table_.rows().end(),
                                      [](const v1::ReleaseRow& row) { return row.area().size() == 2; });
    for (int a = 0; a < table_.amounts_size(); ++a) {
      std::map<Key, int64_t> by_area, by_sex, by_age;
      for (const v1::ReleaseRow& row : table_.rows()) {
        const int64_t amount = row.amounts(a);
        if (OfPooled(row)) continue;  // nobody sees it
        std::string sum = "0";
        if (counties && IsPool(row.area())) {
          sum = row.area().substr(0, 2);
        } else if (counties && row.area().size() == 4) {
          sum = fmt::format("{:02}", structure.CountyOf(*Municipality::Parse(row.area())));
        }
        if (row.area() != "0") by_area[{row.period(), sum, row.sex(), row.age()}] += amount;
        if (row.sex() != "all") by_sex[{row.period(), row.area(), "all", row.age()}] += amount;
        if (row.age() != "all") by_age[{row.period(), row.area(), row.sex(), "all"}] += amount;
      }
      v1::ReleaseAmount& of = *table_.mutable_amounts(a);
      of.set_additive_area(Adds(by_area, a));
      of.set_additive_sex(Adds(by_sex, a));
      of.set_additive_age(Adds(by_age, a));
    }
    SetAdditiveParts();
  }
  bool Adds(const std::map<Key, int64_t>& sums, int a) const {
    for (const v1::ReleaseRow& row : table_.rows()) {
      const auto sum = sums.find({row.period(), row.area(), row.sex(), row.age()});
      if (sum != sums.end() && sum->second != row.amounts(a)) return false;
    }
    return true;
  }
  void SetAdditiveParts() {
    bool adds = true;
    for (const v1::ReleaseRow& row : table_.rows()) {
      int64_t whole = 0, parts = 0;
      for (int a = 0; a < table_.amounts_size(); ++a) {
        const v1::ReleaseAmount& amount = table_.amounts(a);
        if (!amount.whole()) parts += row.amounts(a) * table_.amounts(0).divisor();
      }
      whole = row.amounts(0);
      adds = adds && whole == parts;
    }
    for (v1::ReleaseAmount& amount : *table_.mutable_amounts()) amount.set_additive_parts(adds);
  }

  const v1::Definition& d_;
  const IndicatorPlan& indicator_;
  const v1::TablePlan& plan_;
  const FigureOptions& options_;
  const std::map<std::string, std::string> pool_of_ = PoolOfEach(*options_.plan);
  v1::ReleaseTable table_;
  std::map<Key, v1::ReleaseRow> rows_;
};

// Of the plan, by name: all are of one kind.
std::string LastPeriod(const v1::TablePlan& table) {
  return *std::max_element(table.periods().begin(), table.periods().end());
}

// For the rule on small municipalities: those at the end of the row's period.
Status SetInhabitants(const CellSource& source, int structure_year, v1::ReleaseTable& table) {
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting,
                       ReportingData::Read(source, {.own_coverage = {}, .inhabitants = true}));
  for (v1::ReleaseRow& row : *table.mutable_rows()) {
    const auto municipality = Municipality::Parse(row.area());
    const auto period = Period::Parse(row.period());
    if (!municipality || !period) continue;
    const int month = MonthOf(std::min(period->last(), source.horizon()));
    row.set_inhabitants(reporting.InhabitantsOf(*municipality, Structure::Of(structure_year), month));
  }
  return {};
}

// `maker` gets the rows of one level by some strata.
Status AddLevel(const Query& query, const CellSource& source, v1::GetIndicatorValuesRequest request,
                const FigureOptions& options, TableMaker& maker) {
  PublishedPlaces places{options.excluded, {}};
  KPR_ASSIGN_OR_RETURN(const ResultTable result, query.GetFrom(source, request, places));
  maker.Add(result, false);
  places.pools = PoolsOf(*options.plan);
  if (request.level() != v1::LEVEL_MUNICIPALITY || places.pools.empty()) return {};
  KPR_ASSIGN_OR_RETURN(const ResultTable pooled, query.GetFrom(source, request, places));
  maker.Add(pooled, true);
  return {};
}

// What is added up of nobody has no figure: a county or the country that is left out whole, and a pool that
// is but for those who have none.
void MarkSumsOfNobody(const FigureOptions& options, v1::ReleaseTable& table) {
  const Structure& structure = Structure::Of(static_cast<int>(options.plan->structure_year()));
  std::set<std::string> left, excluded;  // areas; of pools with the period
  for (const Municipality m : structure.municipalities()) {
    if (options.excluded.contains(m.code)) continue;
    left.insert({"0", fmt::format("{:02}", structure.CountyOf(m))});
  }
  const auto pool_in = [](const v1::ReleaseRow& row, const std::string& pool) {
    return row.period() + "|" + pool;
  };
  for (const v1::ReleaseRow& row : table.rows()) {
    if (row.pool().empty()) continue;
    if (!Outside(row)) left.insert(pool_in(row, row.pool()));
    if (row.missing_reason() == v1::MISSING_REASON_NOT_APPROVED) excluded.insert(pool_in(row, row.pool()));
  }
  for (v1::ReleaseRow& row : *table.mutable_rows()) {
    if (Outside(row)) continue;
    const std::string in_period = pool_in(row, row.area());
    const bool nobody = IsPool(row.area()) ? excluded.contains(in_period) && !left.contains(in_period)
                                           : row.area().size() <= 2 && !left.contains(row.area());
    if (!nobody) continue;
    row.set_missing_reason(v1::MISSING_REASON_NOT_APPROVED);
    row.clear_value();
  }
}

void MarkExcluded(const FigureOptions& options, v1::ReleaseTable& table) {
  for (v1::ReleaseRow& row : *table.mutable_rows()) {
    const auto municipality = Municipality::Parse(row.area());
    if (!municipality || !options.excluded.contains(municipality->code)) continue;
    row.set_missing_reason(v1::MISSING_REASON_NOT_APPROVED);
    row.clear_value();
    row.clear_lower();
    row.clear_upper();
  }
  if (!options.excluded.empty()) MarkSumsOfNobody(options, table);
}

}  // namespace

Status SetPools(const v1::PublicationPlan& last, const CellSource& source, v1::PublicationPlan& plan) {
  const int64_t below = plan.policy().pool_below();
  if (last.structure_year() == plan.structure_year() && !last.pools().empty()) {
    if (last.policy().pool_below() != below)
      return FailedPrecondition(
          fmt::format("pool_below: the last release shows municipalities of {} in pools of fewer than {} "
                      "inhabitants: keep that, or take another structure year",
                      last.structure_year(), last.policy().pool_below()));
    *plan.mutable_pools() = last.pools();
    return {};
  }
  if (below == 0) return {};
  KPR_ASSIGN_OR_RETURN(const ReportingData reporting,
                       ReportingData::Read(source, {.own_coverage = {}, .inhabitants = true}));
  const Structure& structure = Structure::Of(static_cast<int>(plan.structure_year()));
  std::map<uint16_t, int64_t> inhabitants;
  int64_t all = 0;
  for (const Municipality m : structure.municipalities())
    all += inhabitants[m.code] = reporting.InhabitantsOf(m, structure, MonthOf(source.horizon()));
  if (all == 0) return FailedPrecondition("pool_below: the register knows no inhabitants of municipalities");
  const std::vector<v1::Pool> pools = MakePools(structure, inhabitants, below);
  plan.mutable_pools()->Assign(pools.begin(), pools.end());
  return {};
}

Result<v1::ReleaseTable> ComputeTable(const Query& query, const CellSource& source, const v1::TablePlan& plan,
                                      const FigureOptions& options) {
  KPR_ASSIGN_OR_RETURN(const ResolvedIndicator resolved, query.Resolve(plan.indicator(), plan.version()));
  TableMaker maker(resolved, plan, options);
  for (const int level : plan.levels()) {
    for (const auto& [by_sex, by_age] : {std::pair{false, false}, {true, false}, {false, true}}) {
      if ((by_sex && !plan.by_sex()) || (by_age && !plan.by_age())) continue;
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(plan.indicator());
      request.set_version(plan.version());
      request.set_from_period(*std::min_element(plan.periods().begin(), plan.periods().end()));
      request.set_to_period(LastPeriod(plan));
      request.set_level(static_cast<v1::Level>(level));
      request.set_by_sex(by_sex);
      request.set_by_age(by_age);
      request.set_structure_year(options.plan->structure_year());
      request.set_incomplete_policy(options.plan->incomplete_policy());
      KPR_RETURN_IF_ERROR(AddLevel(query, source, request, options, maker));
    }
  }
  v1::ReleaseTable table = maker.Take();
  if (options.plan->policy().inhabitants_at_least() > 0) {
    KPR_RETURN_IF_ERROR(SetInhabitants(source, static_cast<int>(options.plan->structure_year()), table));
  }
  MarkExcluded(options, table);
  return table;
}

}  // namespace kpr::publication
