#include "indicators/disclosure/linear_program.h"

#include <coin/ClpSimplex.hpp>
#include <coin/CoinPackedMatrix.hpp>

namespace kpr::disclosure {

struct LinearProgram::Solver {
  ClpSimplex simplex;
};

LinearProgram::LinearProgram(std::span<const double> lower, std::span<const double> upper,
                             const std::vector<Row>& rows)
    : solver_(std::make_unique<Solver>()) {
  CoinPackedMatrix matrix(false, 0, 0);
  matrix.setDimensions(0, static_cast<int>(lower.size()));
  std::vector<double> row_lower, row_upper;
  for (const Row& row : rows) {
    matrix.appendRow(static_cast<int>(row.variables.size()), row.variables.data(), row.factors.data());
    row_lower.push_back(row.lower);
    row_upper.push_back(row.upper);
  }
  const std::vector<double> nothing(lower.size());
  ClpSimplex& simplex = solver_->simplex;
  simplex.setLogLevel(0);
  simplex.loadProblem(matrix, lower.data(), upper.data(), nothing.data(), row_lower.data(), row_upper.data());
  simplex.setOptimizationDirection(-1);
}

LinearProgram::~LinearProgram() = default;

bool LinearProgram::Maximise(std::span<const double> weights) {
  for (size_t i = 0; i < weights.size(); ++i)
    solver_->simplex.setObjectiveCoefficient(static_cast<int>(i), weights[i]);
  solver_->simplex.primal();
  return solver_->simplex.isProvenOptimal();
}

std::span<const double> LinearProgram::values() const {
  return {solver_->simplex.primalColumnSolution(), static_cast<size_t>(solver_->simplex.numberColumns())};
}

std::span<const double> LinearProgram::prices() const {
  return {solver_->simplex.dualRowSolution(), static_cast<size_t>(solver_->simplex.numberRows())};
}

}  // namespace kpr::disclosure
