// Means of stratified samples: weighted for how many answered in each stratum, with finite population
// correction (Cochran 1977, 5.9). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace kpr {

struct SampleStratum {
  double population = 0;  // all of the stratum: the invited
  int64_t answered = 0;   // at most the population
  double sum = 0, sum_of_squares = 0;
};

struct SampleMean {
  double mean = 0;
  double standard_error = 0;
};

// Strata in which nobody answered are left out, and their population with them. A stratum with one answer
// that is not complete has no variance of its own and adds none. Empty where nobody answered.
std::optional<SampleMean> StratifiedMean(std::span<const SampleStratum> strata);

}  // namespace kpr
