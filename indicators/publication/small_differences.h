// Pairs of shown figures of which one seems to count a few persons more than the other: whoever knows that it
// counts the others too, knows how few those persons are. The difference is no figure of any table, and
// nothing hides it; whoever approves a release sees where. Pure.
#pragma once

#include <vector>

#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// Of the tables as shown, with what is as in the last release. A pair: amounts of persons of two tables, of
// which one is nowhere less than the other, the other is at least nine tenths of it in all, and somewhere
// they differ by 1 to hide_up_to. Most places first.
std::vector<v1::SmallDifference> SmallDifferences(const std::vector<v1::ReleaseTable>& shown,
                                                  const v1::DisclosurePolicy& policy);

}  // namespace kpr::publication
