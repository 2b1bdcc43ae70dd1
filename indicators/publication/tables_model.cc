#include "indicators/publication/tables_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "indicators/disclosure/policy.h"
#include "indicators/geography/structure.h"
#include "indicators/publication/amount_sums.h"
#include "indicators/publication/model_cells.h"
#include "indicators/publication/pools.h"
#include "indicators/query/area.h"

namespace kpr::publication {
namespace {

using disclosure::CellIndex;
using disclosure::Showing;

constexpr int kDaysOfMonth = 30;  // a change of days, places or hours by so many is as that of one person
constexpr double kOverlapPriority = 1e15;
constexpr int64_t kAnyOverlap = -1'000'000'000;

using Stratum = std::tuple<std::string, std::string, std::string, std::string>;  // period, area, sex, age
using AmountAt = std::pair<int, int>;                                            // table and amount
using Sum = std::pair<Stratum, char>;  // and over what it is: 'a'reas, 's'exes or a'g'es

Stratum StratumOf(const v1::ReleaseRow& row) {
  return {row.period(), row.area(), row.sex(), row.age()};
}

class ModelMaker {
 public:
  ModelMaker(const std::vector<v1::ReleaseTable>& tables, const v1::DisclosurePolicy& policy,
             int structure_year)
      : tables_(tables), policy_(policy), structure_(Structure::Of(structure_year)), pools_(tables) {}

  Result<TablesModel> Make() {
    for (int t = 0; t < static_cast<int>(tables_.size()); ++t) {
      for (int a = 0; a < tables_[t].amounts_size(); ++a) {
        if (!tables_[t].amounts(a).public_()) AddAmount(t, a);
      }
    }
    if (policy_.method() != v1::METHOD_ROUND) {  // what is rounded apart differs
      RelateWithin();
      RelateSums();
    }
    if (!conflict_.empty()) return Internal("two tables of one population differ: " + conflict_);
    for (disclosure::ReleaseCell& cell : model_.release.cells) {
      std::sort(cell.missing_parts.begin(), cell.missing_parts.end());
      cell.missing_parts.erase(std::unique(cell.missing_parts.begin(), cell.missing_parts.end()),
                               cell.missing_parts.end());
    }
    HideSeries();
    SetPriorities(tables_, model_);
    SetSingles(tables_, model_);
    return std::move(model_);
  }

 private:
  std::string KeyOfAll(const std::string& population, const v1::ReleaseRow& row) const {
    return fmt::format("{}|{}|{}|{}|{}", population, row.period(), pools_.KeyOf(row.area()), row.sex(),
                       row.age());
  }
  std::string KeyOf(const v1::ReleaseTable& table, const v1::ReleaseAmount& amount,
                    const v1::ReleaseRow& row) const {
    const std::string key = KeyOfAll(amount.population(), row);
    const bool all = amount.whole() || amount.population() != table.amounts(0).population();
    return all ? key : fmt::format("{}|{}|{}", key, table.indicator(), amount.id());
  }

  void AddAmount(int t, int a) {
    const v1::ReleaseTable& table = tables_[t];
    const v1::ReleaseAmount& amount = table.amounts(a);
    std::map<Stratum, CellIndex>& cells = of_amount_[{t, a}];
    std::set<std::string> areas;
    for (int r = 0; r < table.rows_size(); ++r) {
      if (Outside(table.rows(r))) continue;
      cells[StratumOf(table.rows(r))] = AddCell({t, r, a});
      areas.insert(table.rows(r).area());
    }
    std::map<Sum, std::vector<CellIndex>> parts;
    for (const auto& [stratum, cell] : cells) {
      for (const Sum& sum : SumsWith(stratum, areas)) parts[sum].push_back(cell);
    }
    for (const v1::ReleaseRow& row : table.rows()) {
      if (!Outside(row) || row.missing_reason() == v1::MISSING_REASON_POOLED) continue;
      // A county too is without what its pool is without.
      std::vector<Sum> sums = SumsWith(StratumOf(row), areas);
      if (!sums.empty() && IsPool(std::get<1>(sums.front().first)))
        sums.push_back(SumsWith(sums.front().first, areas).front());
      for (const Sum& sum : sums) {
        const auto whole = cells.find(sum.first);
        if (whole == cells.end()) continue;
        model_.release.cells[whole->second].missing_parts.push_back(KeyOf(table, amount, row));
      }
    }
    for (const auto& [sum, of] : parts) {
      const auto whole = cells.find(sum.first);
      if (whole == cells.end()) continue;
      const bool additive = sum.second == 'a'   ? amount.additive_area()
                            : sum.second == 's' ? amount.additive_sex()
                                                : amount.additive_age();
      const bool pool = sum.second == 'a' && IsPool(std::get<1>(sum.first));
      Relate(whole->second, of, pool ? AddsUp(whole->second, of) : additive, sum.second);
    }
    // Of one municipality a pool is that one's figure. Nobody is nobody.
    for (const auto& [stratum, cell] : cells) {
      if (!IsPool(std::get<1>(stratum))) continue;
      const auto of = parts.find({stratum, 'a'});
      disclosure::Cell& figure = model_.release.cells[cell].cell;
      if ((of == parts.end() || std::ssize(of->second) < kTogether) && figure.value > 0)
        figure.showing = Showing::kHidden;
    }
    if (!amount.whole()) return;
    whole_ = {t, a};
    if (a == 0) AddParts(t);
  }

  bool AddsUp(CellIndex whole, const std::vector<CellIndex>& parts) const {
    const auto value = [&](CellIndex cell) { return model_.release.cells[cell].cell.value; };
    return value(whole) == std::transform_reduce(parts.begin(), parts.end(), int64_t{0}, std::plus(), value);
  }

  // What the figures of a stratum are added up to; `areas` are those that the table has figures of.
  std::vector<Sum> SumsWith(const Stratum& stratum, const std::set<std::string>& areas) const {
    const auto& [period, area, sex, age] = stratum;
    std::vector<Sum> sums;
    if (const std::string* pool = pools_.Of(area); pool != nullptr && areas.contains(*pool)) {
      sums.push_back({{period, *pool, sex, age}, 'a'});
    } else if (area.size() == 4 || IsPool(area)) {
      const std::string county = IsPool(area)
                                     ? area.substr(0, 2)
                                     : fmt::format("{:02}", structure_.CountyOf(*Municipality::Parse(area)));
      sums.push_back({{period, areas.contains(county) ? county : "0", sex, age}, 'a'});
    }
    if (area.size() == 2) sums.push_back({{period, "0", sex, age}, 'a'});
    if (sex != "all") sums.push_back({{period, area, "all", age}, 's'});
    if (age != "all") sums.push_back({{period, area, sex, "all"}, 'g'});
    return sums;
  }

  // Classes of their whole.
  void AddParts(int t) {
    const v1::ReleaseTable& table = tables_[t];
    for (int r = 0; r < table.rows_size(); ++r) {
      if (Outside(table.rows(r))) continue;
      std::vector<CellIndex> parts;
      for (int a = 1; a < table.amounts_size(); ++a) {
        if (!table.amounts(a).whole()) parts.push_back(AddCell({t, r, a}));
      }
      if (!parts.empty() && table.amounts(0).divisor() == 1) {
        Relate(of_amount_[{t, 0}][StratumOf(table.rows(r))], parts, table.amounts(0).additive_parts(), 'p');
      }
    }
  }

  void RelateSums() {
    std::map<std::string, AmountAt> by_name;
    for (const auto& [at, cells] : of_amount_) by_name[AmountName(tables_[at.first], at.second)] = at;
    for (const v1::ReleaseTable& table : tables_) missing_.push_back(MissingOf(table));
    joined_.resize(model_.release.cells.size());
    std::iota(joined_.begin(), joined_.end(), 0);
    for (const auto& [whole, cells] : of_amount_) {
      for (const v1::AmountSum& sum : tables_[whole.first].amounts(whole.second).sums()) {
        std::vector<AmountAt> parts;
        for (const std::string& name : sum.parts()) {
          const auto part = by_name.find(name);
          if (part != by_name.end()) parts.push_back(part->second);
        }
        if (parts.empty() || static_cast<int>(parts.size()) != sum.parts_size()) continue;
        for (const auto& [stratum, cell] : cells) {
          if (pools_.Of(std::get<1>(stratum)) != nullptr) continue;  // not found in what nobody sees
          const v1::Level level = LevelOfArea(std::get<1>(stratum));
          const auto holds = [&](const auto& levels) {
            return std::count(levels.begin(), levels.end(), level) > 0;
          };
          const bool of_same = holds(sum.levels_of_same()) &&
                               std::all_of(parts.begin(), parts.end(), [&](const AmountAt& part) {
                                 return SameMissing(whole.first, part.first, stratum);
                               });
          if (holds(sum.levels()) || of_same) RelateSum(cell, stratum, parts);
        }
      }
    }
  }
  void RelateSum(CellIndex cell, const Stratum& stratum, const std::vector<AmountAt>& parts) {
    std::map<CellIndex, int32_t> factors{{cell, -1}};  // two tables of one population have one cell
    for (const AmountAt& part : parts) {
      const auto& cells = of_amount_.at(part);
      const auto of = cells.find(stratum);
      if (of == cells.end() || of->second == cell) return;
      ++factors[of->second];
    }
    if (parts.size() == 1 && !Join(cell, of_amount_.at(parts[0]).at(stratum))) return;
    disclosure::ReleaseRelation sum{{}, true, true};
    for (const auto& [of, factor] : factors) sum.terms.push_back({of, factor});
    model_.release.relations.push_back(std::move(sum));
  }
  bool SameMissing(int one, int other, const Stratum& stratum) const {
    const std::string place = std::get<0>(stratum) + "|" + std::get<1>(stratum);
    const auto of = [&](int table) {
      const auto missing = missing_[table].find(place);
      return missing == missing_[table].end() ? 0 : missing->second;
    };
    return of(one) == of(other);
  }
  // False if the two are known to be the same already.
  bool Join(CellIndex one, CellIndex other) {
    const auto first_of = [&](CellIndex cell) {
      while (joined_[cell] != cell) cell = joined_[cell] = joined_[joined_[cell]];
      return cell;
    };
    const CellIndex a = first_of(one), b = first_of(other);
    joined_[a] = b;
    return a != b;
  }

  // Who is counted in another population too is no more than are counted there.
  void RelateWithin() {
    for (const v1::ReleaseTable& table : tables_) {
      for (const v1::ReleaseAmount& amount : table.amounts()) {
        if (amount.within().empty()) continue;
        for (const v1::ReleaseRow& row : table.rows()) {
          const auto part = known_.find(KeyOf(table, amount, row));
          const auto whole = known_.find(KeyOfAll(amount.within(), row));
          if (part == known_.end() || whole == known_.end()) continue;
          if (!related_.insert({whole->second, 'w', part->second}).second) continue;
          model_.release.relations.push_back({{{part->second, 1}, {whole->second, -1}}, false});
        }
      }
    }
  }

  CellIndex AddCell(const AmountRef& ref) {
    const v1::ReleaseTable& table = tables_[ref.table];
    const v1::ReleaseRow& row = table.rows(ref.row);
    const v1::ReleaseAmount& amount = table.amounts(ref.amount);
    const std::string key = KeyOf(table, amount, row);
    const auto [entry, added] = known_.emplace(key, static_cast<CellIndex>(model_.release.cells.size()));
    if (added) {
      disclosure::ReleaseCell cell;
      cell.key = key;
      cell.cell = CellOf(row, table, ref.amount);
      const int64_t unit = amount.persons() ? 1 : static_cast<int64_t>(amount.divisor()) * kDaysOfMonth;
      cell.small_change = static_cast<int64_t>(policy_.change_up_to()) * unit;
      cell.never_shown = OfPooled(row);
      model_.release.cells.push_back(std::move(cell));
      model_.amounts.emplace_back();
    } else if (CellOf(row, table, ref.amount).showing == Showing::kHidden) {
      model_.release.cells[entry->second].cell.showing = Showing::kHidden;  // as a part, if not as a whole
    }
    const bool known = row.states_size() == 0 || row.states(ref.amount) == v1::FIGURE_STATE_SHOWN;
    if (known && row.amounts(ref.amount) != model_.release.cells[entry->second].cell.value) conflict_ = key;
    std::vector<AmountRef>& refs = model_.amounts[entry->second];
    const bool listed = std::any_of(refs.begin(), refs.end(), [&](const AmountRef& other) {
      return other.table == ref.table && other.row == ref.row && other.amount == ref.amount;
    });
    if (!listed) refs.push_back(ref);
    return entry->second;
  }

  disclosure::Cell CellOf(const v1::ReleaseRow& row, const v1::ReleaseTable& table, int a) {
    const v1::ReleaseAmount& amount = table.amounts(a);
    disclosure::Cell cell;
    cell.value = row.amounts(a);
    cell.width = policy_.width() * (amount.persons() ? 1 : static_cast<double>(amount.divisor()));
    if (row.persons_size() == 0) return cell;  // public: only its state says
    draft_ = true;
    disclosure::Behind behind;
    behind.persons = row.persons(a);
    if (!amount.whole() && table.kind() == v1::KIND_PROPORTION) {
      behind.denominator = row.persons(0);
      behind.rest = row.persons(0) - row.persons(a);
    }
    if (row.providers(a) > 0) {
      behind.providers = row.providers(a);
      if (behind.persons == 0) behind.persons = policy_.hide_up_to() + 1;  // nobody is counted
    }
    if (row.inhabitants() > 0) behind.inhabitants = row.inhabitants();
    if (disclosure::HiddenByRule(policy_, behind)) cell.showing = Showing::kHidden;
    return cell;
  }

  void Relate(CellIndex whole, std::vector<CellIndex> parts, bool additive, char kind) {
    std::sort(parts.begin(), parts.end());
    if (!related_.insert({whole, kind == 'p' ? -1 - whole_.first : kind, parts.front()}).second) return;
    disclosure::ReleaseRelation sum{{{whole, -1}}, additive};
    for (const CellIndex part : parts) sum.terms.push_back({part, 1});
    if (!additive && kind != 'p' && draft_) {
      AddOverlap(sum, kind);
    } else if (!additive) {
      // The whole is at most the sum of the parts (of classes that overlap or exclude some it need not be),
      // and no part is more than the whole.
      for (disclosure::Term& term : sum.terms) term.factor = -term.factor;
      for (const CellIndex part : parts)
        model_.release.relations.push_back({{{part, 1}, {whole, -1}}, false});
      if (kind == 'p') return;
    }
    model_.release.relations.push_back(std::move(sum));
  }

  // Few persons are in two places or bands: whoever takes the sum for exact is right nearly everywhere. So
  // the difference is taken for known, before all else; unless that alone would give somebody away, as where
  // it has changed since the last release.
  void AddOverlap(disclosure::ReleaseRelation& sum, char kind) {
    disclosure::ReleaseCell overlap;
    overlap.key = model_.release.cells[sum.terms[0].cell].key + "|overlap|" + kind + "|" +
                  model_.release.cells[sum.terms[1].cell].key;
    for (const disclosure::Term& term : sum.terms) {
      overlap.cell.value += term.factor * model_.release.cells[term.cell].cell.value;
    }
    overlap.cell.priority = kOverlapPriority;
    if (overlap.cell.value < 0) overlap.cell.at_least = kAnyOverlap;  // some are in no part
    overlap.cell.width = 0;
    sum.terms.push_back({static_cast<CellIndex>(model_.release.cells.size()), -1});
    sum.equal = true;
    model_.release.cells.push_back(std::move(overlap));
    model_.amounts.emplace_back();
  }

  // A municipality's series of which most is hidden tells little and costs much: it is hidden whole.
  void HideSeries() {
    if (policy_.series_share() == 0) return;
    std::map<std::string, std::vector<CellIndex>> series;
    for (CellIndex i = 0; i < model_.release.cells.size(); ++i) {
      if (model_.amounts[i].empty()) continue;
      const AmountRef& ref = model_.amounts[i].front();
      v1::ReleaseRow row = tables_[ref.table].rows(ref.row);
      if (LevelOfArea(row.area()) != v1::LEVEL_MUNICIPALITY) continue;
      row.clear_period();
      series[KeyOf(tables_[ref.table], tables_[ref.table].amounts(ref.amount), row)].push_back(i);
    }
    for (const auto& [key, cells] : series) {
      const auto hidden = std::count_if(cells.begin(), cells.end(), [&](CellIndex i) {
        return model_.release.cells[i].cell.showing == Showing::kHidden;
      });
      if (!disclosure::SeriesHidden(policy_, static_cast<int>(hidden), static_cast<int>(cells.size())))
        continue;
      for (const CellIndex i : cells) model_.release.cells[i].cell.showing = Showing::kHidden;
    }
  }

  const std::vector<v1::ReleaseTable>& tables_;
  const v1::DisclosurePolicy& policy_;
  const Structure& structure_;
  const PoolsOfTables pools_;
  TablesModel model_;
  std::map<std::string, CellIndex> known_;
  std::map<AmountAt, std::map<Stratum, CellIndex>> of_amount_;
  std::vector<std::map<std::string, uint64_t>> missing_;  // of each table
  std::set<std::tuple<CellIndex, int, CellIndex>> related_;
  std::vector<CellIndex> joined_;  // of each cell one that is the same
  std::pair<int, int> whole_;
  std::string conflict_;
  bool draft_ = false;  // all amounts are known
};

}  // namespace

bool Outside(const v1::ReleaseRow& row) {
  return row.carried_forward() || row.missing_reason() == v1::MISSING_REASON_NOT_APPROVED ||
         row.missing_reason() == v1::MISSING_REASON_NOT_REPORTED ||
         row.missing_reason() == v1::MISSING_REASON_NOT_DECLARED ||
         row.missing_reason() == v1::MISSING_REASON_NOT_COMPARABLE ||
         row.missing_reason() == v1::MISSING_REASON_POOLED;
}

Result<TablesModel> ModelOf(const std::vector<v1::ReleaseTable>& tables, const v1::DisclosurePolicy& policy,
                            int structure_year) {
  return ModelMaker(tables, policy, structure_year).Make();
}

}  // namespace kpr::publication
