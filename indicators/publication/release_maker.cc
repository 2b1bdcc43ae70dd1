#include "indicators/publication/release_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "indicators/disclosure/attack.h"
#include "indicators/disclosure/rounding.h"
#include "indicators/publication/release_files.h"
#include "indicators/publication/revisions.h"
#include "indicators/publication/signature.h"
#include "indicators/publication/tables_model.h"

namespace kpr::publication {
namespace {

using disclosure::Showing;
using disclosure::Shown;

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

// Every figure a sum of rounded ones; values made of them again, without intervals that would tell the
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

// A row of which an amount is held shows the value of the last release.
void KeepFormerValues(const std::vector<v1::ReleaseTable>& last, std::vector<v1::ReleaseTable>& tables) {
  for (v1::ReleaseTable& table : tables) {
    for (const v1::ReleaseTable& before : last) {
      if (before.indicator() != table.indicator()) continue;
      std::map<std::string, const v1::ReleaseRow*> rows;
      const auto key = [](const v1::ReleaseRow& row) {
        return row.period() + "|" + row.area() + "|" + row.sex() + "|" + row.age();
      };
      for (const v1::ReleaseRow& row : before.rows()) rows[key(row)] = &row;
      for (v1::ReleaseRow& row : *table.mutable_rows()) {
        bool held = false, visible = true;
        for (const uint32_t a : table.value_amounts()) {
          const auto state = row.states(static_cast<int>(a));
          held = held || state == v1::FIGURE_STATE_FORMER;
          visible = visible && (state == v1::FIGURE_STATE_FORMER || state == v1::FIGURE_STATE_SHOWN);
        }
        const auto former = rows.find(key(row));
        if (!held || !visible || former == rows.end() || !former->second->has_value()) continue;
        row.set_value(former->second->value());
        if (former->second->has_lower()) row.set_lower(former->second->lower());
        if (former->second->has_upper()) row.set_upper(former->second->upper());
      }
    }
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
      if (cell.narrow) {
        return FailedPrecondition(fmt::format("a reader can work out {}: it is {} to {}",
                                              NameOf(model, tables, cell.cell), cell.lower, cell.upper));
      }
      v1::HiddenFigure* figure = certificate.add_figures();
      figure->set_key(NameOf(model, tables, cell.cell));
      figure->set_lower(cell.lower);
      figure->set_upper(cell.upper);
      narrowest = std::min(narrowest, cell.upper - cell.lower);
    }
  }
  certificate.set_hidden(static_cast<uint32_t>(certificate.figures_size()));
  if (certificate.hidden() > 0) certificate.set_narrowest(narrowest);
  return certificate;
}

Result<PreparedRelease> PrepareRelease(const v1::PublicationPlan& plan,
                                       const std::vector<v1::ReleaseTable>& draft, const Earlier& earlier) {
  PreparedRelease release;
  release.tables = draft;
  KPR_ASSIGN_OR_RETURN(const TablesModel model,
                       ModelOf(draft, plan.policy(), static_cast<int>(plan.structure_year())));
  KPR_ASSIGN_OR_RETURN(const Hiding hiding, plan.policy().method() == v1::METHOD_ROUND
                                                ? Round(plan, model, release.tables)
                                                : Hide(earlier, draft, model));
  SetStates(model, hiding.shown, hiding.former, release.tables);
  KeepFormerValues(earlier.last_tables, release.tables);
  for (const Shown shown : hiding.shown) release.shown += static_cast<char>(shown);
  KPR_ASSIGN_OR_RETURN(release.certificate, Certify(release.tables, plan.policy(), plan.structure_year()));
  release.revisions = RevisionsBetween(
      earlier.last_tables, release.tables,
      earlier.last_structure_year != 0 && earlier.last_structure_year != plan.structure_year());
  release.revisions.set_series(plan.id());
  release.revisions.set_from_release(earlier.last_number);
  release.revisions.set_to_release(earlier.last_number + 1);
  release.reviews = ReviewsOf(model, release.tables, release.revisions);
  std::string all;
  for (const PublicFile& file : MakeFiles(plan, release.tables, release.certificate, release.revisions)) {
    all += file.name + " " + Sha256(file.content) + "\n";
  }
  release.content_hash = Sha256(all);
  return release;
}

}  // namespace kpr::publication
