// Which amounts are the same, or the sum of others, throughout: a class of one table that another counts as a
// whole, or two classes that are one elsewhere. What one table hides another must not show. Pure.
#pragma once

#include <string>
#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// "indicator/id", as AmountSum names it.
std::string AmountName(const v1::ReleaseTable& table, int amount);

// Sets ReleaseAmount.sums of all amounts, found in the figures: all that are equal in every row that both
// have; and in every row that all have, sums of two, of three classes of one table and of more that follow
// one another, but what a table says by itself. Such a sum needs five places with two parts that are not
// zero. Amounts of zero throughout are in none.
void FindSums(std::vector<v1::ReleaseTable>& tables);

}  // namespace kpr::publication
