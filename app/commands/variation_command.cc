#include "app/commands/variation_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "app/commands/ask.h"
#include "app/commands/indicator_output.h"
#include "app/commands/indicators_command.h"
#include "app/commands/municipality_attributes.h"
#include "app/commands/variation_output.h"
#include "base/calendar.h"
#include "base/limits.h"
#include "base/text.h"
#include "indicators/geography/structure.h"
#include "indicators/statistics/variation.h"
#include "kpr/v1/indicator.grpc.pb.h"

namespace kpr {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kReplicates = 500;
constexpr uint64_t kSeed = 1;            // the same answer each time
constexpr size_t kFewestAreas = 10;      // more than there are covariates
constexpr size_t kFewestOfCategory = 3;  // one alone would be its category's ratio
constexpr double kFewExpected = 5;       // without the event; with it a comparison says so
constexpr char kSizeGroup[] = "size group", kUnknown[] = "unknown";

// What is known of an attribute, by municipality: numbers, or categories.
struct KnownAttribute {
  std::string name;
  bool category = false;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> categories;

  bool Knows(const std::string& area) const {
    return category ? categories.contains(area) : numbers.contains(area);
  }
};

Status AddFromFile(const AttributeFile& file, const std::vector<std::string>& categories,
                   std::vector<KnownAttribute>* attributes) {
  for (const std::string& name : categories) {
    if (std::find(file.attributes.begin(), file.attributes.end(), name) == file.attributes.end())
      return Invalid(fmt::format("--category {}: {} has no such attribute", name, file.path));
  }
  for (size_t i = 0; i < file.attributes.size(); ++i) {
    KnownAttribute& attribute = attributes->emplace_back();
    attribute.name = file.attributes[i];
    attribute.category = std::find(categories.begin(), categories.end(), attribute.name) != categories.end();
    for (const auto& [area, row] : file.rows) {
      const std::string& cell = row.cells[i];
      if (cell.empty()) continue;
      if (attribute.category) {
        attribute.categories[area] = cell;
        continue;
      }
      double& number = attribute.numbers[area];
      const auto end = std::from_chars(cell.data(), cell.data() + cell.size(), number);
      if (end.ec != std::errc() || end.ptr != cell.data() + cell.size() || !std::isfinite(number)) {
        return Invalid(fmt::format("{}:{}: {} '{}': expected a number, or --category {}", file.path, row.line,
                                   attribute.name, CutText(cell, 40), attribute.name));
      }
    }
  }
  return {};
}

Result<KnownAttribute> FromIndicator(const ClientOptions& client, const std::string& indicator,
                                     const v1::CompareMunicipalitiesRequest& compare) {
  v1::GetIndicatorValuesRequest get;
  get.set_indicator(indicator);
  get.set_from_period(compare.period());
  get.set_to_period(compare.period());
  get.set_structure_year(compare.structure_year());
  get.set_level(v1::LEVEL_MUNICIPALITY);
  KPR_ASSIGN_OR_RETURN(const v1::IndicatorTable table, ReadIndicator(client, get));
  KnownAttribute attribute{indicator, false, {}, {}};
  for (const v1::Row& row : table.rows()) {
    const v1::Estimate* value = FindEstimate(row, v1::ESTIMATE_NAME_VALUE);
    if (value != nullptr) attribute.numbers[row.area().code()] = value->value();
  }
  return attribute;
}

Result<std::vector<KnownAttribute>> ReadAll(const ClientOptions& client, const VariationRequest& request,
                                            const v1::MunicipalityComparison& comparison, Date last,
                                            v1::VariationReport* report) {
  std::vector<KnownAttribute> attributes;
  if (request.attributes.empty() && !request.categories.empty())
    return Invalid("--category: expected --attributes as well");
  if (!request.attributes.empty()) {
    KPR_ASSIGN_OR_RETURN(const AttributeFile file, ReadAttributes(request.attributes, last));
    KPR_RETURN_IF_ERROR(AddFromFile(file, request.categories, &attributes));
    const auto [first, newest] =
        std::minmax_element(file.rows.begin(), file.rows.end(),
                            [](const auto& a, const auto& b) { return a.second.year < b.second.year; });
    report->set_attributes_from(static_cast<uint32_t>(first->second.year));
    report->set_attributes_to(static_cast<uint32_t>(newest->second.year));
    report->set_unused_rows(file.unused_rows);
  }
  for (const std::string& indicator : request.indicators) {
    if (indicator == request.compare.indicator())
      return Invalid(fmt::format("--with-indicator {}: is the one that is asked about", indicator));
    KPR_ASSIGN_OR_RETURN(KnownAttribute attribute, FromIndicator(client, indicator, request.compare));
    attributes.push_back(std::move(attribute));
  }
  if (request.size_group) {
    KnownAttribute& attribute = attributes.emplace_back(KnownAttribute{kSizeGroup, true, {}, {}});
    for (const v1::AreaComparison& m : comparison.municipalities()) {
      if (m.size_group() != kUnknown) attribute.categories[m.row().area().code()] = m.size_group();
    }
  }
  std::set<std::string> names;
  for (const KnownAttribute& attribute : attributes) {
    if (!names.insert(attribute.name).second)
      return Invalid(fmt::format("{}: two attributes have this name", attribute.name));
  }
  if (attributes.size() > limits::kAttributes)
    return Invalid(fmt::format("{} attributes: at most {}", attributes.size(), limits::kAttributes));
  return attributes;
}

// A step is one standard deviation.
Result<Attribute> NumberOf(const KnownAttribute& known, const std::vector<std::string>& areas) {
  double sum = 0, squares = 0;
  for (const std::string& area : areas) sum += known.numbers.at(area);
  const double n = static_cast<double>(areas.size()), mean = sum / n;
  for (const std::string& area : areas) squares += std::pow(known.numbers.at(area) - mean, 2);
  const double deviation = std::sqrt(squares / (n - 1));
  if (!(deviation > 0))
    return Invalid(fmt::format("{}: the same in all {} municipalities", known.name, areas.size()));
  AttributeCovariate covariate{fmt::format("{}, {:.4g} more", known.name, deviation), {}};
  for (const std::string& area : areas)
    covariate.values.push_back((known.numbers.at(area) - mean) / deviation);
  return Attribute{known.name, {covariate}};
}

// Each category beside the one that most municipalities have.
Result<Attribute> CategoriesOf(const KnownAttribute& known, const std::vector<std::string>& areas) {
  std::map<std::string, size_t> counts;
  for (const std::string& area : areas) ++counts[known.categories.at(area)];
  if (counts.size() < 2)
    return Invalid(fmt::format("{}: the same in all {} municipalities", known.name, areas.size()));
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

// Municipalities that can be decomposed, with their counts.
struct Compared {
  std::vector<std::string> codes;
  std::vector<VariationArea> areas;
};

bool TooFew(const v1::AreaComparison& m, v1::Kind kind) {
  return m.outlier_status() == v1::OUTLIER_STATUS_TOO_FEW ||
         (kind == v1::KIND_PROPORTION && m.row().denominator() - m.expected() < kFewExpected);
}

Compared Select(const v1::MunicipalityComparison& comparison, const std::vector<KnownAttribute>& attributes,
                v1::VariationReport* report) {
  double events = 0, at_risk = 0;
  for (const v1::AreaComparison& m : comparison.municipalities()) {
    events += m.observed();
    at_risk += m.row().denominator();
  }
  Compared compared;
  report->clear_without_value();
  report->clear_too_few();
  report->clear_without_attributes();
  for (const v1::AreaComparison& m : comparison.municipalities()) {
    const std::string& code = m.row().area().code();
    report->set_provisional(report->provisional() || m.row().provisional());
    if (FindEstimate(m.row(), v1::ESTIMATE_NAME_VALUE) == nullptr) {
      report->set_without_value(report->without_value() + 1);
    } else if (TooFew(m, comparison.kind())) {
      report->set_too_few(report->too_few() + 1);
    } else if (!std::all_of(attributes.begin(), attributes.end(),
                            [&](const KnownAttribute& known) { return known.Knows(code); })) {
      report->set_without_attributes(report->without_attributes() + 1);
    } else {
      const auto counts = [&](double expected) {
        const AreaCount count{m.observed(), expected};
        return comparison.kind() == v1::KIND_PROPORTION ? ScaleProportion(count, m.row().denominator())
                                                        : count;
      };
      compared.codes.push_back(code);
      compared.areas.push_back({counts(m.row().denominator() * events / at_risk), counts(m.expected())});
    }
  }
  report->set_municipalities(static_cast<uint32_t>(compared.codes.size()));
  return compared;
}

Status TooFewAreas(const Compared& compared, size_t covariates) {
  return FailedPrecondition(
      fmt::format("{} municipalities have a value, enough expected events and every attribute (a category of "
                  "at least {}): "
                  "{} or more are needed",
                  compared.codes.size(), kFewestOfCategory, covariates + kFewestAreas));
}

// One municipality alone would be its category's ratio: categories of few are not known. Whether there was
// one.
bool ForgetSmallCategories(const Compared& compared, std::vector<KnownAttribute>* attributes) {
  bool forgotten = false;
  for (KnownAttribute& attribute : *attributes) {
    std::map<std::string, size_t> counts;
    if (attribute.category) {
      for (const std::string& code : compared.codes) ++counts[attribute.categories.at(code)];
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
                                            const Compared& compared) {
  if (compared.codes.size() < known.size() + kFewestAreas) return TooFewAreas(compared, known.size());
  std::vector<Attribute> attributes;
  size_t covariates = 0;
  for (const KnownAttribute& attribute : known) {
    KPR_ASSIGN_OR_RETURN(Attribute made, attribute.category ? CategoriesOf(attribute, compared.codes)
                                                            : NumberOf(attribute, compared.codes));
    covariates += made.covariates.size();
    attributes.push_back(std::move(made));
  }
  if (covariates > limits::kAttributeCovariates) {
    return Invalid(
        fmt::format("{} numbers and further categories: at most {}; is one of the categories a number?",
                    covariates, limits::kAttributeCovariates));
  }
  if (compared.codes.size() < covariates + kFewestAreas) return TooFewAreas(compared, covariates);
  if (const auto collinear = FirstCollinear(compared.codes.size(), attributes)) {
    return Invalid(fmt::format("{}: tells nothing that the attributes before it do not tell; leave one out",
                               attributes[*collinear].name));
  }
  return attributes;
}

void Fill(const VariationShare& share, v1::VariationShare* proto) {
  proto->set_share(share.share);
  proto->set_lower(share.interval.lower);
  proto->set_upper(share.interval.upper);
}

void Fill(const Variation& found, v1::VariationReport* report) {
  report->set_sampling_variance(found.sampling_variance);
  report->set_variance_between(found.at_one_rate.tau2);
  Fill(found.chance, report->mutable_chance());
  Fill(found.age_and_sex, report->mutable_age_and_sex());
  Fill(found.attributes, report->mutable_attributes());
  Fill(found.left, report->mutable_left());
  for (const AttributeVariation& attribute : found.by_attribute) {
    v1::AttributeVariation* proto = report->add_by_attribute();
    proto->set_attribute(attribute.name);
    Fill(attribute.alone, proto->mutable_alone());
    Fill(attribute.beside_all_others, proto->mutable_beside_all_others());
    for (const CovariateRatio& ratio : attribute.ratios) {
      v1::AttributeRatio* step = proto->add_ratios();
      step->set_step(ratio.label);
      step->set_ratio(ratio.ratio);
      step->set_lower(ratio.interval.lower);
      step->set_upper(ratio.interval.upper);
    }
  }
}

// On a terminal, where it takes long.
std::function<void(double)> Progress() {
  if (isatty(STDERR_FILENO) == 0) return nullptr;
  return [begun = std::chrono::steady_clock::now(), shown = 0](double done) mutable {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (seconds >= shown + 1 || (shown > 0 && done >= 1)) {
      shown = static_cast<int>(seconds);
      std::cerr << fmt::format("\rintervals {:.0f} %, {:.0f} s left   {}", 100 * done,
                               seconds / done * (1 - done), done >= 1 ? "\n" : "")
                << std::flush;
    }
  };
}

}  // namespace

Status ShowVariation(const ClientOptions& client, const VariationRequest& asked, Output output) {
  VariationRequest request = asked;
  const auto period = Period::Parse(request.compare.period());
  if (!period)
    return Invalid(fmt::format("--period {}: expected 2024, 2024-T1 or 2024-02", request.compare.period()));
  request.compare.set_structure_year(
      static_cast<uint32_t>(std::max(period->last().year(), Structure::kFirstYear)));
  KPR_ASSIGN_OR_RETURN(
      const v1::MunicipalityComparison comparison,
      (Ask<v1::Indicators>(client, &v1::Indicators::Stub::CompareMunicipalities, request.compare)));
  v1::VariationReport report;
  report.set_indicator(comparison.indicator());
  report.set_version(comparison.version());
  report.set_period(comparison.period());
  report.set_position(comparison.position());
  report.set_structure_year(comparison.structure_year());
  report.set_code_lists(comparison.code_lists());
  KPR_ASSIGN_OR_RETURN(std::vector<KnownAttribute> known,
                       ReadAll(client, request, comparison, period->last(), &report));
  Compared compared = Select(comparison, known, &report);
  while (ForgetSmallCategories(compared, &known)) compared = Select(comparison, known, &report);
  KPR_ASSIGN_OR_RETURN(const std::vector<Attribute> attributes, CovariatesOf(known, compared));
  const auto found =
      DecomposeVariation(compared.areas, attributes, kConfidence, kReplicates, kSeed, Progress());
  if (!found) return FailedPrecondition("the attributes leave nothing to tell apart");
  Fill(*found, &report);
  PrintVariation(report, output);
  return {};
}

}  // namespace kpr
