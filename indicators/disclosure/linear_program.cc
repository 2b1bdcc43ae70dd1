#include "indicators/disclosure/linear_program.h"

#include <coin/ClpSimplex.hpp>
#include <coin/ClpSolve.hpp>
#include <coin/CoinPackedMatrix.hpp>

namespace kpr::disclosure {

struct LinearProgram::Solver {
  ClpSimplex simplex;
  bool solved = false;
};

LinearProgram::LinearProgram(std::span<const double> lower, std::span<const double> upper,
                             const std::vector<Row>& rows)
    : solver_(std::make_unique<Solver>()) {
  std::vector<double> factors, row_lower, row_upper;
  std::vector<int> variables;
  std::vector<CoinBigIndex> begins{0};
  for (const Row& row : rows) {
    variables.insert(variables.end(), row.variables.begin(), row.variables.end());
    factors.insert(factors.end(), row.factors.begin(), row.factors.end());
    begins.push_back(static_cast<CoinBigIndex>(factors.size()));
    row_lower.push_back(row.lower);
    row_upper.push_back(row.upper);
  }
  const CoinPackedMatrix matrix(false, static_cast<int>(lower.size()), static_cast<int>(rows.size()),
                                static_cast<CoinBigIndex>(factors.size()), factors.data(), variables.data(),
                                begins.data(), nullptr);
  const std::vector<double> nothing(lower.size());
  ClpSimplex& simplex = solver_->simplex;
  simplex.setLogLevel(0);
  simplex.loadProblem(matrix, lower.data(), upper.data(), nothing.data(), row_lower.data(), row_upper.data());
  simplex.setOptimizationDirection(-1);
}

LinearProgram::LinearProgram(LinearProgram&&) noexcept = default;
LinearProgram::~LinearProgram() = default;

bool LinearProgram::Maximise(std::span<const double> weights) {
  return Solve(weights, false);
}
bool LinearProgram::MaximiseNear(std::span<const double> weights) {
  return Solve(weights, solver_->solved);
}

bool LinearProgram::Solve(std::span<const double> weights, bool near) {
  ClpSimplex& simplex = solver_->simplex;
  for (size_t i = 0; i < weights.size(); ++i)
    simplex.setObjectiveCoefficient(static_cast<int>(i), weights[i]);
  if (near) {
    simplex.primal();
  } else {
    ClpSolve how;
    how.setPresolveType(ClpSolve::presolveOn);
    how.setSolveType(ClpSolve::useDual);
    simplex.initialSolve(how);
  }
  solver_->solved = simplex.isProvenOptimal();
  return solver_->solved;
}

std::span<const double> LinearProgram::values() const {
  return {solver_->simplex.primalColumnSolution(), static_cast<size_t>(solver_->simplex.numberColumns())};
}

std::span<const double> LinearProgram::prices() const {
  return {solver_->simplex.dualRowSolution(), static_cast<size_t>(solver_->simplex.numberRows())};
}

}  // namespace kpr::disclosure
