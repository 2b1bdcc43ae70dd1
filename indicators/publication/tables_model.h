// From release tables to the linear model of disclosure control and back. The draft's tables and the public
// ones of a release make the same model: of the public ones, what is hidden is not known. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "indicators/disclosure/release_history.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// Where an amount is in the tables.
struct AmountRef {
  int table = 0, row = 0, amount = 0;
};

struct TablesModel {
  disclosure::ReleaseTables release;
  std::vector<std::vector<AmountRef>> amounts;  // of each cell: tables that count the same share cells
};

// `states` of the rows are read where there are any: amounts that are not shown have no value.
// `structure_year` gives the counties.
// kInternal: two tables of one population differ.
Result<TablesModel> ModelOf(const std::vector<v1::ReleaseTable>& tables, const v1::DisclosurePolicy& policy,
                            int structure_year);

// Sets the states of all amounts; removes amounts that are not shown, values made of them, and what only a
// draft has. `former` has the amounts of cells that keep an earlier value.
void SetStates(const TablesModel& model, const std::vector<disclosure::Shown>& shown,
               const std::vector<std::optional<int64_t>>& former, std::vector<v1::ReleaseTable>& tables);

// The relations and values of public tables, to be attacked. Figures that keep an earlier value are not held
// against relations.
disclosure::Model PublicModel(const TablesModel& tables, const std::vector<v1::ReleaseTable>& released,
                              disclosure::Hidden& hidden);

}  // namespace kpr::publication
