#include "indicators/publication/revisions.h"

#include <cmath>
#include <map>
#include <tuple>

#include "indicators/publication/pools.h"

namespace kpr::publication {
namespace {

using Key = std::tuple<std::string, std::string, std::string, std::string>;

bool Has(const v1::ReleaseTable& table, const v1::ReleaseRow& row, v1::FigureState state) {
  for (const uint32_t a : table.value_amounts()) {
    if (row.states(static_cast<int>(a)) == state) return true;
  }
  return false;
}

bool NotApproved(const v1::ReleaseRow& row) {
  return row.carried_forward() || row.missing_reason() == v1::MISSING_REASON_NOT_APPROVED;
}

v1::FigureRevision::Cause CauseOf(const v1::ReleaseTable& old_table, const v1::ReleaseRow& old_row,
                                  const v1::ReleaseTable& new_table, const v1::ReleaseRow& new_row,
                                  bool other_structure) {
  if (old_table.version() != new_table.version()) return v1::FigureRevision::CAUSE_DEFINITION;
  if (other_structure) return v1::FigureRevision::CAUSE_STRUCTURE;
  if (NotApproved(old_row) != NotApproved(new_row) || old_row.approved() != new_row.approved()) {
    return v1::FigureRevision::CAUSE_SIGN_OFF;
  }
  if (old_row.pool() != new_row.pool() || Has(old_table, old_row, v1::FIGURE_STATE_HIDDEN) ||
      Has(new_table, new_row, v1::FIGURE_STATE_HIDDEN)) {
    return v1::FigureRevision::CAUSE_PROTECTION;
  }
  if (Has(old_table, old_row, v1::FIGURE_STATE_FORMER) || Has(new_table, new_row, v1::FIGURE_STATE_FORMER)) {
    return v1::FigureRevision::CAUSE_HELD_REVISION;
  }
  return v1::FigureRevision::CAUSE_EVENTS;
}

bool SameShown(const v1::ReleaseTable& table, const v1::ReleaseRow& a, const v1::ReleaseRow& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a.has_value() ||
         std::abs(a.value() - b.value()) < 0.5 * std::pow(10.0, -static_cast<double>(table.decimals()));
}

}  // namespace

v1::RevisionRecord RevisionsBetween(const std::vector<v1::ReleaseTable>& before,
                                    const std::vector<v1::ReleaseTable>& after, bool other_structure) {
  v1::RevisionRecord record;
  for (const v1::ReleaseTable& table : after) {
    for (const v1::ReleaseTable& old_table : before) {
      if (old_table.indicator() != table.indicator()) continue;
      const PoolsOfTables old_pools({&old_table, 1}), pools({&table, 1});
      std::map<Key, const v1::ReleaseRow*> old_rows;
      for (const v1::ReleaseRow& row : old_table.rows())
        old_rows[{row.period(), old_pools.KeyOf(row.area()), row.sex(), row.age()}] = &row;
      for (const v1::ReleaseRow& row : table.rows()) {
        const auto old_row = old_rows.find({row.period(), pools.KeyOf(row.area()), row.sex(), row.age()});
        if (old_row == old_rows.end() || SameShown(table, *old_row->second, row)) continue;
        v1::FigureRevision* revision = record.add_revisions();
        revision->set_indicator(table.indicator());
        revision->set_period(row.period());
        revision->set_area(row.area());
        revision->set_sex(row.sex());
        revision->set_age(row.age());
        if (old_row->second->has_value()) revision->set_old_value(old_row->second->value());
        if (row.has_value()) revision->set_new_value(row.value());
        revision->set_cause(CauseOf(old_table, *old_row->second, table, row, other_structure));
      }
    }
  }
  return record;
}

}  // namespace kpr::publication
