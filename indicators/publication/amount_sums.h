// Which amounts are the same, or the sum of others, throughout: a class of one table that another counts as a
// whole, or two classes that are one elsewhere. What one table hides another must not show. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// Of sums over areas: which municipalities they are without. By period and area; the same number: the same
// ones. Rows of tables that are without different ones are not compared.
std::map<std::string, uint64_t> MissingOf(const v1::ReleaseTable& table);

// "indicator/id", as AmountSum names it.
std::string AmountName(const v1::ReleaseTable& table, int amount);

// Sets ReleaseAmount.sums of all amounts, found in the figures: all that are equal; and sums of two amounts,
// of three classes of one table, and of more of its classes that follow one another, except what a table says
// by itself. Each holds in every row of the finest level that all have: an equality needs one row there that
// is not zero, a sum five with two parts that are not zero, of all sexes and ages. At the levels above it may
// hold or not.
void FindSums(std::vector<v1::ReleaseTable>& tables);

}  // namespace kpr::publication
