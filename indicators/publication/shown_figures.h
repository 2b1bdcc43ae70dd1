// From the linear model of disclosure control back to tables: what they show, and what readers make of it.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "indicators/publication/tables_model.h"

namespace kpr::publication {

// Sets the states of all amounts; removes amounts that are not shown, values made of them, and what only a
// draft has. `former` has the amounts of cells that keep an earlier value.
void SetStates(const TablesModel& model, const std::vector<disclosure::Shown>& shown,
               const std::vector<std::optional<int64_t>>& former, std::vector<v1::ReleaseTable>& tables);

// The relations and values of public tables, to be attacked. Figures that keep an earlier value need not
// agree with relations.
disclosure::Model PublicModel(const TablesModel& tables, const std::vector<v1::ReleaseTable>& released,
                              disclosure::Hidden& hidden);

}  // namespace kpr::publication
