#include "indicators/publication/shown_figures.h"

namespace kpr::publication {

using disclosure::Showing;

void SetStates(const TablesModel& model, const std::vector<disclosure::Shown>& shown,
               const std::vector<std::optional<int64_t>>& former, std::vector<v1::ReleaseTable>& tables) {
  for (v1::ReleaseTable& table : tables) {
    for (v1::ReleaseRow& row : *table.mutable_rows()) {
      if (row.carried_forward()) continue;  // has those of the last release
      for (int a = 0; a < table.amounts_size(); ++a) {
        row.add_states(Outside(row)                 ? v1::FIGURE_STATE_MISSING
                       : table.amounts(a).public_() ? v1::FIGURE_STATE_SHOWN
                                                    : v1::FIGURE_STATE_HIDDEN);
      }
    }
  }
  for (size_t i = 0; i < model.amounts.size(); ++i) {
    for (const AmountRef& ref : model.amounts[i]) {
      v1::ReleaseRow& row = *tables[ref.table].mutable_rows(ref.row);
      row.set_states(ref.amount, shown[i] == disclosure::Shown::kValue    ? v1::FIGURE_STATE_SHOWN
                                 : shown[i] == disclosure::Shown::kFormer ? v1::FIGURE_STATE_FORMER
                                                                          : v1::FIGURE_STATE_HIDDEN);
      if (former[i] && shown[i] == disclosure::Shown::kFormer) row.set_amounts(ref.amount, *former[i]);
    }
  }
  for (v1::ReleaseTable& table : tables) {
    for (v1::ReleaseRow& row : *table.mutable_rows()) {
      bool whole = true, hidden = false;
      for (const uint32_t a : table.value_amounts())
        whole = whole && row.states(static_cast<int>(a)) == v1::FIGURE_STATE_SHOWN;
      for (const int state : row.states()) hidden = hidden || state == v1::FIGURE_STATE_HIDDEN;
      if (hidden) row.clear_missing_reason();  // that there is nobody is hidden too
      for (int a = 0; a < table.amounts_size(); ++a) {
        const auto state = row.states(a);
        if (state == v1::FIGURE_STATE_HIDDEN || state == v1::FIGURE_STATE_MISSING) row.set_amounts(a, 0);
      }
      if (!whole && !row.carried_forward()) {
        row.clear_value();
        row.clear_lower();
        row.clear_upper();
      }
      row.clear_persons();
      row.clear_providers();
      row.clear_inhabitants();
    }
  }
}

disclosure::Model PublicModel(const TablesModel& tables, const std::vector<v1::ReleaseTable>& released,
                              disclosure::Hidden& hidden) {
  disclosure::Model model;
  hidden.clear();
  for (size_t i = 0; i < tables.release.cells.size(); ++i) {
    disclosure::Cell cell = tables.release.cells[i].cell;
    const AmountRef& ref = tables.amounts[i].front();
    const auto state = released[ref.table].rows(ref.row).states(ref.amount);
    cell.showing = state == v1::FIGURE_STATE_SHOWN ? Showing::kShown : Showing::kHidden;
    if (state == v1::FIGURE_STATE_FORMER) cell.width = 1;  // the value of today must not follow
    hidden.push_back(state != v1::FIGURE_STATE_SHOWN);
    model.AddCell(cell);
  }
  for (const disclosure::ReleaseRelation& relation : tables.release.relations) {
    model.AddRelation(relation.terms, relation.equal);
  }
  model.Finish();
  return model;
}

}  // namespace kpr::publication
