#include "indicators/statistics/random_effects.h"

#include <Eigen/QR>
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>

namespace kpr {
namespace {

constexpr double kRankTolerance = 1e-9;  // of a covariate's length that the others leave
constexpr double kPrecision = 1e-13;     // of a root
constexpr int kMostSteps = 200;

Eigen::MatrixXd DesignOf(size_t areas, std::span<const Covariate> covariates) {
  Eigen::MatrixXd design(static_cast<Eigen::Index>(areas), static_cast<Eigen::Index>(covariates.size() + 1));
  design.col(0).setOnes();
  for (size_t i = 0; i < covariates.size(); ++i) {
    design.col(static_cast<Eigen::Index>(i + 1)) =
        Eigen::Map<const Eigen::VectorXd>(covariates[i].data(), design.rows());
  }
  return design;
}

using Decomposition = Eigen::ColPivHouseholderQR<Eigen::MatrixXd>;

Decomposition Decompose(const Eigen::MatrixXd& matrix) {
  Decomposition qr(matrix.rows(), matrix.cols());
  qr.setThreshold(kRankTolerance);
  qr.compute(matrix);
  return qr;
}

class Regression {
 public:
  Regression(std::span<const AreaValue> areas, std::span<const Covariate> covariates)
      : design_(DesignOf(areas.size(), covariates)),
        values_(design_.rows()),
        variances_(design_.rows()),
        rank_(Decompose(design_).rank()) {
    for (Eigen::Index i = 0; i < design_.rows(); ++i) {
      values_[i] = areas[static_cast<size_t>(i)].value;
      variances_[i] = areas[static_cast<size_t>(i)].variance;
    }
  }

  bool full() const { return rank_ == design_.cols(); }
  double freedom() const { return static_cast<double>(design_.rows() - rank_); }

  // The tau2 at which the weighted squares of the residuals are `squares`, or 0. They fall as tau2 grows and
  // are convex, so that Newton's steps from 0 never go too far.
  double Tau2At(double squares) const {
    double tau2 = 0;
    for (int step = 0; step < kMostSteps; ++step) {
      const WeightedSquares at = SquaresAt(tau2);
      if (at.squares <= squares) break;
      const double further = (at.squares - squares) / at.fall;
      tau2 += further;
      if (further <= kPrecision * tau2) break;
    }
    return tau2;
  }

  void Estimate(double tau2, RandomEffects* effects) const {
    const Eigen::VectorXd roots = RootWeights(tau2);
    const Decomposition qr = Decompose(roots.asDiagonal() * design_);
    const Eigen::VectorXd coefficients = qr.solve(roots.cwiseProduct(values_));
    const Eigen::MatrixXd triangle = qr.matrixR().topRows(design_.cols()).triangularView<Eigen::Upper>();
    const Eigen::MatrixXd inverse = triangle.triangularView<Eigen::Upper>().solve(
        Eigen::MatrixXd::Identity(design_.cols(), design_.cols()));
    const Eigen::MatrixXd permuted = qr.colsPermutation() * inverse;
    const Eigen::MatrixXd covariances = permuted * permuted.transpose();
    effects->coefficients.assign(coefficients.begin(), coefficients.end());
    for (Eigen::Index i = 0; i < covariances.rows(); ++i)
      effects->covariances.emplace_back(covariances.row(i).begin(), covariances.row(i).end());
  }

 private:
  Eigen::VectorXd RootWeights(double tau2) const { return (variances_.array() + tau2).rsqrt(); }

  struct WeightedSquares {
    double squares = 0, fall = 0;  // the latter by tau2
  };
  WeightedSquares SquaresAt(double tau2) const {
    const Eigen::VectorXd roots = RootWeights(tau2);
    const Decomposition qr = Decompose(roots.asDiagonal() * design_);
    Eigen::VectorXd residuals = qr.householderQ().adjoint() * roots.cwiseProduct(values_);
    residuals.head(qr.rank()).setZero();
    residuals = qr.householderQ() * residuals;
    return {residuals.squaredNorm(), roots.cwiseProduct(residuals).squaredNorm()};
  }

  Eigen::MatrixXd design_;
  Eigen::VectorXd values_, variances_;
  Eigen::Index rank_;
};

}  // namespace

std::optional<RandomEffects> FitRandomEffects(std::span<const AreaValue> areas,
                                              std::span<const Covariate> covariates, double confidence) {
  if (areas.size() < covariates.size() + 2) return std::nullopt;
  const Regression regression(areas, covariates);
  if (!regression.full()) return std::nullopt;
  RandomEffects effects;
  effects.freedom = regression.freedom();
  effects.tau2 = regression.Tau2At(effects.freedom);
  const boost::math::chi_squared squares(effects.freedom);
  const double tail = (1 - confidence) / 2;
  effects.tau2_interval = {regression.Tau2At(boost::math::quantile(squares, 1 - tail)),
                           regression.Tau2At(boost::math::quantile(squares, tail))};
  regression.Estimate(effects.tau2, &effects);
  return effects;
}

double EstimateTau2(std::span<const AreaValue> areas, std::span<const Covariate> covariates) {
  if (areas.empty()) return 0;
  const Regression regression(areas, covariates);
  return regression.freedom() < 1 ? 0 : regression.Tau2At(regression.freedom());
}

bool Collinear(size_t areas, std::span<const Covariate> covariates) {
  if (areas <= covariates.size()) return true;
  return Decompose(DesignOf(areas, covariates)).rank() <= static_cast<Eigen::Index>(covariates.size());
}

double TypicalSamplingVariance(std::span<const AreaValue> areas) {
  double weights = 0, squares = 0;
  for (const AreaValue& area : areas) {
    weights += 1 / area.variance;
    squares += 1 / (area.variance * area.variance);
  }
  return static_cast<double>(areas.size() - 1) * weights / (weights * weights - squares);
}

}  // namespace kpr
