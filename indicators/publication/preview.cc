#include "indicators/publication/preview.h"

#include <fmt/format.h>

#include <algorithm>

#include "indicators/publication/sign_off.h"

namespace kpr::publication {

v1::DraftPreview PreviewOf(const v1::StoredDraft& stored, const std::string& municipality,
                           const std::vector<v1::ReleaseTable>& last) {
  v1::DraftPreview preview;
  if (const v1::SignOff* sign_off = SignOffOf(stored.draft(), municipality))
    *preview.mutable_sign_off() = *sign_off;
  for (const v1::ReleaseTable& table : stored.tables()) {
    for (const v1::ReleaseRow& row : table.rows()) {
      if (row.area() != municipality || row.sex() != "all" || row.age() != "all") continue;
      v1::PreviewRow* shown = preview.add_rows();
      shown->set_indicator(table.indicator());
      *shown->mutable_title() = table.title();
      shown->set_unit(table.unit());
      shown->set_decimals(table.decimals());
      shown->set_period(row.period());
      if (row.has_value()) shown->set_value(row.value());
      shown->set_missing_reason(row.missing_reason());
      shown->set_declared(row.municipalities() > 0 && row.declared() == row.municipalities());
      for (int a = 0; a < table.amounts_size(); ++a) {
        shown->add_amounts(
            fmt::format("{} {}", table.amounts(a).id(),
                        static_cast<double>(row.amounts(a)) / std::max(1u, table.amounts(a).divisor())));
      }
      for (const v1::ReleaseTable& before : last) {
        if (before.indicator() != table.indicator()) continue;
        for (const v1::ReleaseRow& old : before.rows()) {
          if (old.area() == row.area() && old.period() == row.period() && old.sex() == "all" &&
              old.age() == "all" && old.has_value()) {
            shown->set_last_release(old.value());
          }
        }
      }
    }
  }
  return preview;
}

}  // namespace kpr::publication
