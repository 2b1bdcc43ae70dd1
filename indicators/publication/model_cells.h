// What disclosure control is to know of the cells of a model of tables beside their values. Pure.
#pragma once

#include <vector>

#include "indicators/publication/tables_model.h"

namespace kpr::publication {

// Large figures and those of large areas are missed most; an unexpected gap among zeros most of all.
void SetPriorities(const std::vector<v1::ReleaseTable>& tables, TablesModel& model);

// Who is alone in one of the finest figures knows it.
void SetSingles(const std::vector<v1::ReleaseTable>& tables, TablesModel& model);

}  // namespace kpr::publication
