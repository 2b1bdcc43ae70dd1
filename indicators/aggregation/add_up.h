// Amounts of the same place added up, in place.
#pragma once

#include <boost/sort/pdqsort/pdqsort.hpp>
#include <cstddef>
#include <vector>

namespace kpr {

// Sorts, leaves one of each with the sum of the amounts, and none that is zero.
template <typename Addition, typename Less>
void AddUp(std::vector<Addition>* all, Less less) {
  boost::sort::pdqsort_branchless(all->begin(), all->end(), less);
  size_t used = 0;
  for (size_t i = 0; i < all->size();) {
    Addition sum = (*all)[i];
    for (++i; i < all->size() && !less(sum, (*all)[i]); ++i) sum.amount += (*all)[i].amount;
    if (sum.amount != 0) (*all)[used++] = sum;
  }
  all->resize(used);
}

}  // namespace kpr
