#include "indicators/query/known_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/limits.h"

namespace kpr {
namespace {

Status TooFewAreas(size_t areas, size_t covariates) {
  return FailedPrecondition(
      fmt::format("{} municipalities have a value, enough expected events and every attribute (a category of "
                  "at least {}): "
                  "{} or more are needed",
                  areas, kFewestOfCategory, covariates + kFewestAreas));
}

Status SameEverywhere(const KnownAttribute& known, const std::vector<std::string>& areas) {
  return Invalid(fmt::format("{}: the same in all {} municipalities", known.name, areas.size()));
}

Result<Attribute> NumberOf(const KnownAttribute& known, const std::vector<std::string>& areas) {
  double sum = 0, squares = 0;
  for (const std::string& area : areas) sum += known.numbers.at(area);
  const double n = static_cast<double>(areas.size()), mean = sum / n;
  for (const std::string& area : areas) squares += std::pow(known.numbers.at(area) - mean, 2);
  const double deviation = std::sqrt(squares / (n - 1));
  if (!(deviation > 0)) return SameEverywhere(known, areas);
  AttributeCovariate covariate{fmt::format("{}, {:.4g} more", known.name, deviation), {}};
  for (const std::string& area : areas)
    covariate.values.push_back((known.numbers.at(area) - mean) / deviation);
  return Attribute{known.name, {covariate}};
}

Result<Attribute> CategoriesOf(const KnownAttribute& known, const std::vector<std::string>& areas) {
  std::map<std::string, size_t> counts;
  for (const std::string& area : areas) ++counts[known.categories.at(area)];
  if (counts.size() < 2) return SameEverywhere(known, areas);
  const std::string most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                             return a.second < b.second;
                           })->first;
  Attribute attribute{known.name, {}};
  for (const auto& [category, count] : counts) {
    if (category == most) continue;
    AttributeCovariate& covariate = attribute.covariates.emplace_back();
    covariate.label = fmt::format("{} {}, not {}", known.name, category, most);
    for (const std::string& area : areas)
      covariate.values.push_back(known.categories.at(area) == category ? 1 : 0);
  }
  return attribute;
}

}  // namespace

KnownAttribute KnownIn(const MunicipalityData& data, const AttributeKind& kind, int year,
                       int structure_year) {
  KnownAttribute known{kind.id, kind.category, {}, {}};
  for (const auto& [area, value] : ValuesOf(data, kind, year, structure_year).values) {
    if (kind.category) known.categories[area] = value.cell;
    if (!kind.category) known.numbers[area] = ParseAttribute(value.cell).value_or(0);  // numbers are checked
  }
  return known;
}

bool ForgetSmallCategories(const std::vector<std::string>& areas, std::vector<KnownAttribute>* attributes) {
  bool forgotten = false;
  for (KnownAttribute& attribute : *attributes) {
    std::map<std::string, size_t> counts;
    if (attribute.category) {
      for (const auto& [area, category] : attribute.categories) counts[category];
      for (const std::string& area : areas) ++counts[attribute.categories.at(area)];
    }
    for (const auto& [category, count] : counts) {
      if (count >= kFewestOfCategory) continue;
      std::erase_if(attribute.categories, [&](const auto& known) { return known.second == category; });
      forgotten = true;
    }
  }
  return forgotten;
}

Result<std::vector<Attribute>> CovariatesOf(const std::vector<KnownAttribute>& known,
                                            const std::vector<std::string>& areas) {
  if (areas.size() < known.size() + kFewestAreas) return TooFewAreas(areas.size(), known.size());
  std::vector<Attribute> attributes;
  size_t covariates = 0;
  for (const KnownAttribute& attribute : known) {
    KPR_ASSIGN_OR_RETURN(Attribute made,
                         attribute.category ? CategoriesOf(attribute, areas) : NumberOf(attribute, areas));
    covariates += made.covariates.size();
    attributes.push_back(std::move(made));
  }
  if (covariates > limits::kAttributeCovariates) {
    return Invalid(
        fmt::format("{} numbers and further categories: at most {}; is one of the categories a number?",
                    covariates, limits::kAttributeCovariates));
  }
  if (areas.size() < covariates + kFewestAreas) return TooFewAreas(areas.size(), covariates);
  if (const auto collinear = FirstCollinear(areas.size(), attributes)) {
    return Invalid(fmt::format("{}: tells nothing that the attributes before it do not tell; leave one out",
                               attributes[*collinear].name));
  }
  return attributes;
}

}  // namespace kpr
