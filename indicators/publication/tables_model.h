// From release tables to the linear model of disclosure control. The draft's tables and the public
// ones of a release make the same model: of the public ones, what is hidden is not known. Pure.
#pragma once

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

// Whether the row is in no sum that is shown, or only within a pool, and everybody knows.
bool Outside(const v1::ReleaseRow& row);

// `states` of the rows are read where there are any: amounts that are not shown have no value.
// `structure_year` gives the counties.
// kInternal: two tables of one population differ.
Result<TablesModel> ModelOf(const std::vector<v1::ReleaseTable>& tables, const v1::DisclosurePolicy& policy,
                            int structure_year);

}  // namespace kpr::publication
