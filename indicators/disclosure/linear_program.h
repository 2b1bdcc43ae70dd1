// A linear programme over the unseen cells: CLP behind our own words.
#pragma once

#include <memory>
#include <span>
#include <vector>

namespace kpr::disclosure {

// Rows: lower <= sum of factor * variable <= upper. Not safe for use by several threads at once.
class LinearProgram {
 public:
  struct Row {
    std::vector<int> variables;
    std::vector<double> factors;
    double lower = 0, upper = 0;
  };
  // Variable i is from lower[i] to upper[i].
  LinearProgram(std::span<const double> lower, std::span<const double> upper, const std::vector<Row>& rows);
  LinearProgram(LinearProgram&&) noexcept;
  ~LinearProgram();

  // Maximises the sum of weight * variable. False where no values satisfy the rows, or the solver gave up.
  bool Maximise(std::span<const double> weights);
  // The same, from where the last call ended: faster where few weights have changed.
  bool MaximiseNear(std::span<const double> weights);
  // The values found.
  std::span<const double> values() const;
  // By how much the sum would grow for each row if its bounds were one greater: zero for rows that do not
  // bind.
  std::span<const double> prices() const;

 private:
  bool Solve(std::span<const double> weights, bool near);
  struct Solver;
  std::unique_ptr<Solver> solver_;
};

}  // namespace kpr::disclosure
