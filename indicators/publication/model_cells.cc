#include "indicators/publication/model_cells.h"

namespace kpr::publication {
namespace {

constexpr double kZeroPriority = 1e12;

}  // namespace

void SetPriorities(const std::vector<v1::ReleaseTable>& tables, TablesModel& model) {
  for (size_t i = 0; i < model.release.cells.size(); ++i) {
    if (model.amounts[i].empty()) continue;
    disclosure::Cell& cell = model.release.cells[i].cell;
    const AmountRef& ref = model.amounts[i].front();
    const v1::ReleaseRow& row = tables[ref.table].rows(ref.row);
    const double area = row.area() == "0" ? 0.4 : row.area().size() == 2 ? 0.2 : 0;
    const double stratum = (row.sex() == "all" ? 0.2 : 0) + (row.age() == "all" ? 0.2 : 0);
    const double part = tables[ref.table].amounts(ref.amount).whole() ? 0.1 : 0;
    cell.priority =
        cell.value == 0 ? kZeroPriority : static_cast<double>(cell.value + 1) + area + stratum + part;
  }
}

void SetSingles(const std::vector<v1::ReleaseTable>& tables, TablesModel& model) {
  std::vector<bool> sum(model.release.cells.size());
  for (const disclosure::ReleaseRelation& relation : model.release.relations) {
    for (const disclosure::Term& term : relation.terms) {
      if (relation.equal && !relation.found && term.factor < 0) sum[term.cell] = true;
    }
  }
  for (size_t i = 0; i < sum.size(); ++i) {
    if (model.amounts[i].empty()) continue;
    disclosure::Cell& cell = model.release.cells[i].cell;
    const AmountRef& ref = model.amounts[i].front();
    const v1::ReleaseRow& row = tables[ref.table].rows(ref.row);
    cell.single = !sum[i] && row.persons_size() > 0 && row.persons(ref.amount) == 1;
  }
}

}  // namespace kpr::publication
