#include "indicators/publication/release_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "base/crypto/hash.h"
#include "indicators/disclosure/attack.h"
#include "indicators/disclosure/rounding.h"
#include "indicators/geography/structure.h"
#include "indicators/publication/pools.h"
#include "indicators/publication/release_files.h"
#include "indicators/publication/revisions.h"
#include "indicators/publication/shown_figures.h"
#include "indicators/publication/small_differences.h"
#include "registry/codelists/edition.h"

namespace kpr::publication {
namespace {

using disclosure::Showing;
using disclosure::Shown;

constexpr double kParts = 1e6;  // of one, in bounds: finer differences are the solver's

Result<disclosure::ReleaseHistory> HistoryOf(const std::vector<v1::StoredRelease>& releases) {
  disclosure::ReleaseHistory history;
  for (const v1::StoredRelease& release : releases) {
    if (release.plan().policy().method() == v1::METHOD_ROUND) continue;  // shows no true count
    const std::vector<v1::ReleaseTable> tables(release.tables().begin(), release.tables().end());
    KPR_ASSIGN_OR_RETURN(const TablesModel model, ModelOf(tables, release.plan().policy(),
                                                          static_cast<int>(release.plan().structure_year())));
    std::vector<Shown> shown;
    for (const char c : release.shown()) shown.push_back(static_cast<Shown>(c));
    if (shown.size() != model.release.cells.size()) return DataLoss("a release is not what was stored");
    history.Add(model.release, shown);
  }
  return history;
}

std::string NameOf(const TablesModel& model, const std::vector<v1::ReleaseTable>& tables, size_t cell) {
  if (model.amounts[cell].empty()) return "how many are in two places or bands";
  const AmountRef& ref = model.amounts[cell].front();
  const v1::ReleaseRow& row = tables[ref.table].rows(ref.row);
  return fmt::format("{} {} {} {} {} {}", tables[ref.table].indicator(), row.period(), row.area(), row.sex(),
                     row.age(), tables[ref.table].amounts(ref.amount).id());
}

struct Hiding {
  std::vector<Shown> shown;
  std::vector<std::optional<int64_t>> former;
};

Result<Hiding> Hide(const Earlier& earlier, const std::vector<v1::ReleaseTable>& tables,
                    const TablesModel& model) {
  KPR_ASSIGN_OR_RETURN(disclosure::ReleaseHistory history, HistoryOf(earlier.releases));
  Hiding hiding;
  for (const disclosure::ReleaseCell& cell : model.release.cells)
    hiding.former.push_back(history.LastShown(cell.key));
  disclosure::ProtectionOptions options;
  options.attack.name = [&](disclosure::CellIndex cell) { return NameOf(model, tables, cell); };
  auto shown = history.Next(model.release, options);
  if (!shown.ok()) return shown.status().WithContext("the release cannot be protected");
  hiding.shown = std::move(*shown);
  return hiding;
}

// Every figure a sum of rounded ones; and the values made of them, without intervals that would tell the
// counts.
Result<Hiding> Round(const v1::PublicationPlan& plan, const TablesModel& model,
                     std::vector<v1::ReleaseTable>& tables) {
  disclosure::Model cells;
  for (const disclosure::ReleaseCell& released : model.release.cells) cells.AddCell(released.cell);
  for (const auto& relation : model.release.relations) {
    if (relation.equal) cells.AddRelation(relation.terms);
  }
  cells.Finish();
  KPR_ASSIGN_OR_RETURN(const std::vector<int64_t> rounded,
                       disclosure::RoundSmall(cells, static_cast<int64_t>(plan.policy().hide_up_to()) + 1));
  for (size_t i = 0; i < rounded.size(); ++i) {
    for (const AmountRef& ref : model.amounts[i]) {
      v1::ReleaseRow& row = *tables[ref.table].mutable_rows(ref.row);
      if (row.amounts(ref.amount) == rounded[i]) continue;
      row.set_amounts(ref.amount, rounded[i]);
      row.clear_lower();
      row.clear_upper();
      row.clear_value();
    }
  }
  for (v1::ReleaseTable& table : tables) {
    for (v1::ReleaseRow& row : *table.mutable_rows()) {
      row.clear_lower();
      row.clear_upper();
      const bool count = table.kind() == v1::KIND_COUNT;
      if (row.has_value() || row.missing_reason() != v1::MISSING_REASON_UNSPECIFIED) continue;
      const auto amount = [&](int i) {
        const auto a = static_cast<int>(table.value_amounts(i));
        return static_cast<double>(row.amounts(a)) / std::max<uint32_t>(1, table.amounts(a).divisor());
      };
      if (count) row.set_value(table.scale() * amount(0));
      if (count || table.value_amounts_size() < 2) continue;
      const bool share = table.kind() == v1::KIND_PROPORTION;
      const double numerator = amount(share ? 1 : 0), denominator = amount(share ? 0 : 1);
      if (denominator > 0) row.set_value(table.scale() * numerator / denominator);
    }
  }
  Hiding hiding;
  hiding.shown.assign(rounded.size(), Shown::kValue);
  hiding.former.assign(rounded.size(), std::nullopt);
  return hiding;
}

// The same people are not published rounded here and exact there: the one would tell what the other hides.
// Between a year's municipalities by one edition of the code lists and by another no relation is known: what
// one hides could be worked out from the other.
Status CheckStructure(const v1::PublicationPlan& plan, const v1::StoredRelease& earlier) {
  if (earlier.plan().structure_year() != plan.structure_year()) return {};
  const auto hash = [&] { return Structure::Of(static_cast<int>(plan.structure_year())).hash(); };
  uint64_t before = earlier.structure_hash();
  if (before == 0) {
    const EditionScope built_in(BuiltInEdition());
    before = hash();
  }
  if (before == hash()) return {};
  return FailedPrecondition(
      fmt::format("structure_year: figures of {} were given by other code lists: take a year in which "
                  "nothing else has changed since",
                  plan.structure_year()));
}

Status CheckMethod(const v1::PublicationPlan& plan, const std::vector<v1::ReleaseTable>& draft,
                   const Earlier& earlier) {
  const bool round = plan.policy().method() == v1::METHOD_ROUND;
  std::set<std::string> populations;
  for (const v1::ReleaseTable& table : draft) {
    for (const v1::ReleaseAmount& amount : table.amounts()) {
      if (amount.public_()) continue;
      populations.insert(amount.population());
      const bool adds = amount.additive_area() && amount.additive_sex() && amount.additive_age();
      if (round && (!amount.persons() || !adds)) {
        return FailedPrecondition(table.indicator() + ": only counts of persons that add up can be rounded");
      }
    }
  }
  for (const v1::StoredRelease& release : earlier.releases) {
    KPR_RETURN_IF_ERROR(CheckStructure(plan, release));
    if ((release.plan().policy().method() == v1::METHOD_ROUND) == round) continue;
    for (const v1::ReleaseTable& table : release.tables()) {
      for (const v1::ReleaseAmount& amount : table.amounts()) {
        if (!populations.contains(amount.population())) continue;
        return FailedPrecondition(table.indicator() +
                                  " is published with the other method already: rounding and hiding of the "
                                  "same people give each other away");
      }
    }
  }
  return {};
}

// To so many parts of one. Zero has no sign: it would be lost in the files.
double Rounded(double value, double parts) {
  return std::round(value * parts) / parts + 0.0;
}

// What is as it was, beside what was shown last of it, in whatever series or to whomever.
class FormerRows {
 public:
  FormerRows(const std::vector<v1::ReleaseTable>& last, v1::ReleaseTable& table)
      : table_(table), pools_({&table, 1}) {
    for (const v1::ReleaseTable& before : last) {
      if (before.indicator() != table.indicator() || before.version() != table.version()) continue;
      const PoolsOfTables pools({&before, 1});
      for (const v1::ReleaseRow& row : before.rows()) rows_[Key(row, pools)] = &row;
    }
  }

  void Keep() {
    bool held = false;
    for (v1::ReleaseRow& row : *table_.mutable_rows()) {
      const auto former = rows_.find(Key(row, pools_));
      if (row.carried_forward() || former == rows_.end()) continue;
      KeepValue(*former->second, row);
      for (const int state : row.states()) held = held || state == v1::FIGURE_STATE_FORMER;
    }
    if (!held) return;
    // Which of them is held, and which has not changed, is not told.
    for (v1::ReleaseRow& row : *table_.mutable_rows()) {
      const auto former = rows_.find(Key(row, pools_));
      if (row.carried_forward() || former == rows_.end()) continue;
      for (int a = 0; a < row.states_size(); ++a) {
        const auto before = former->second->states(a);
        const bool shown = before == v1::FIGURE_STATE_SHOWN || before == v1::FIGURE_STATE_FORMER;
        const bool same =
            shown && row.states(a) == v1::FIGURE_STATE_SHOWN && former->second->amounts(a) == row.amounts(a);
        if (same && !table_.amounts(a).public_()) row.set_states(a, v1::FIGURE_STATE_FORMER);
      }
    }
  }

 private:
  static std::string Key(const v1::ReleaseRow& row, const PoolsOfTables& pools) {
    return row.period() + "|" + pools.KeyOf(row.area()) + "|" + row.sex() + "|" + row.age();
  }

  // Of a row of which an amount is held; of a mean or median where those it is of are as many as they were: a
  // person's answer would be seen.
  void KeepValue(const v1::ReleaseRow& former, v1::ReleaseRow& row) const {
    bool held = false, visible = true, same = true;
    for (const uint32_t index : table_.value_amounts()) {
      const auto a = static_cast<int>(index);
      held = held || row.states(a) == v1::FIGURE_STATE_FORMER;
      visible =
          visible && (row.states(a) == v1::FIGURE_STATE_FORMER || row.states(a) == v1::FIGURE_STATE_SHOWN);
      same = same && row.amounts(a) == former.amounts(a);
    }
    const bool average = table_.kind() == v1::KIND_MEAN || table_.kind() == v1::KIND_MEDIAN_DAYS;
    if (!visible || (!held && !(average && same && former.has_value()))) return;
    row.set_missing_reason(former.missing_reason());
    row.clear_value();
    row.clear_lower();
    row.clear_upper();
    if (former.has_value()) row.set_value(former.value());
    if (former.has_lower()) row.set_lower(former.lower());
    if (former.has_upper()) row.set_upper(former.upper());
  }

  v1::ReleaseTable& table_;
  const PoolsOfTables pools_;
  std::map<std::string, const v1::ReleaseRow*> rows_;
};

// No more digits than are shown: they would tell what a value is made of.
void RoundValues(v1::ReleaseTable& table) {
  const double unit = std::pow(10.0, table.decimals());
  for (v1::ReleaseRow& row : *table.mutable_rows()) {
    if (row.has_value()) row.set_value(Rounded(row.value(), unit));
    if (row.has_lower()) row.set_lower(Rounded(row.lower(), unit));
    if (row.has_upper()) row.set_upper(Rounded(row.upper(), unit));
  }
}

std::vector<v1::TableReview> ReviewsOf(const TablesModel& model, const std::vector<v1::ReleaseTable>& tables,
                                       const v1::RevisionRecord& revisions) {
  std::vector<v1::TableReview> reviews(tables.size());
  for (size_t t = 0; t < tables.size(); ++t) {
    v1::TableReview& review = reviews[t];
    review.set_indicator(tables[t].indicator());
    for (const v1::ReleaseRow& row : tables[t].rows()) {
      for (const int state : row.states()) {
        review.set_figures(review.figures() + (state != v1::FIGURE_STATE_MISSING));
        review.set_hidden(review.hidden() + (state == v1::FIGURE_STATE_HIDDEN));
        review.set_former(review.former() + (state == v1::FIGURE_STATE_FORMER));
      }
      if (row.area().size() != 4 || row.sex() != "all" || row.age() != "all") continue;
      review.set_municipalities(review.municipalities() + 1);
      review.set_municipalities_without_value(review.municipalities_without_value() + !row.has_value());
      review.set_declared(review.declared() + row.declared());
    }
    for (const v1::FigureRevision& revision : revisions.revisions()) {
      review.set_changed(review.changed() + (revision.indicator() == tables[t].indicator()));
    }
  }
  for (size_t i = 0; i < model.amounts.size(); ++i) {
    if (model.release.cells[i].cell.showing != Showing::kHidden) continue;
    for (const AmountRef& ref : model.amounts[i]) {
      const auto state = tables[ref.table].rows(ref.row).states(ref.amount);
      v1::TableReview& review = reviews[ref.table];
      review.set_by_rule(review.by_rule() + (state == v1::FIGURE_STATE_HIDDEN));
    }
  }
  return reviews;
}

}  // namespace

Result<v1::Certificate> Certify(const std::vector<v1::ReleaseTable>& tables,
                                const v1::DisclosurePolicy& policy, uint32_t structure_year) {
  KPR_ASSIGN_OR_RETURN(const TablesModel model, ModelOf(tables, policy, static_cast<int>(structure_year)));
  disclosure::Hidden hidden;
  const disclosure::Model cells = PublicModel(model, tables, hidden);
  disclosure::AttackOptions options;
  options.name = [&](disclosure::CellIndex cell) { return NameOf(model, tables, cell); };
  KPR_ASSIGN_OR_RETURN(const disclosure::AttackReport report, disclosure::Attack(cells, hidden, options));
  v1::Certificate certificate;
  double narrowest = std::numeric_limits<double>::infinity();
  for (const disclosure::AttackedComponent& component : report.components) {
    for (const disclosure::AttackedCell& cell : component.attacked) {
      const AmountRef& ref = model.amounts[cell.cell].front();
      const v1::ReleaseRow& row = tables[ref.table].rows(ref.row);
      const bool former = row.states(ref.amount) == v1::FIGURE_STATE_FORMER;
      const auto shown = static_cast<double>(row.amounts(ref.amount));
      // That what is as it was has not changed may be known; not what it has changed to.
      if (former &&
          (!cell.narrow || std::max(std::abs(cell.lower - shown), std::abs(cell.upper - shown)) < 0.5))
        continue;
      if (cell.narrow) {
        return FailedPrecondition(fmt::format("a reader can work out {}: it is {} to {}",
                                              NameOf(model, tables, cell.cell), cell.lower, cell.upper));
      }
      v1::HiddenFigure* figure = certificate.add_figures();
      figure->set_key(NameOf(model, tables, cell.cell));
      figure->set_lower(Rounded(cell.lower, kParts));
      figure->set_upper(Rounded(cell.upper, kParts));
      narrowest = std::min(narrowest, cell.upper - cell.lower);
    }
  }
  certificate.set_hidden(static_cast<uint32_t>(certificate.figures_size()));
  if (certificate.hidden() > 0) certificate.set_narrowest(Rounded(narrowest, kParts));
  return certificate;
}

Result<PreparedRelease> PrepareRelease(const v1::PublicationPlan& plan,
                                       const std::vector<v1::ReleaseTable>& draft, const Earlier& earlier) {
  KPR_RETURN_IF_ERROR(CheckMethod(plan, draft, earlier));
  PreparedRelease release;
  release.tables = draft;
  KPR_ASSIGN_OR_RETURN(const TablesModel model,
                       ModelOf(draft, plan.policy(), static_cast<int>(plan.structure_year())));
  KPR_ASSIGN_OR_RETURN(const Hiding hiding, plan.policy().method() == v1::METHOD_ROUND
                                                ? Round(plan, model, release.tables)
                                                : Hide(earlier, draft, model));
  SetStates(model, hiding.shown, hiding.former, release.tables);
  for (v1::ReleaseTable& table : release.tables) {
    HidePooled(table);
    RoundValues(table);
    FormerRows(earlier.shown_tables, table).Keep();
  }
  for (const Shown shown : hiding.shown) release.shown += static_cast<char>(shown);
  KPR_ASSIGN_OR_RETURN(release.certificate, Certify(release.tables, plan.policy(), plan.structure_year()));
  release.revisions = RevisionsBetween(
      earlier.last_tables, release.tables,
      earlier.last_structure_year != 0 && earlier.last_structure_year != plan.structure_year());
  release.revisions.set_series(plan.id());
  release.revisions.set_from_release(earlier.last_number);
  release.revisions.set_to_release(earlier.last_number + 1);
  release.reviews = ReviewsOf(model, release.tables, release.revisions);
  if (plan.policy().method() != v1::METHOD_ROUND)
    release.small_differences = SmallDifferences(release.tables, plan.policy());
  std::string all;
  for (const PublicFile& file : MakeFiles(plan, release.tables, release.certificate, release.revisions)) {
    all += file.name + " " + crypto::Sha256(file.content) + "\n";
  }
  release.content_hash = crypto::Sha256(all);
  return release;
}

}  // namespace kpr::publication
