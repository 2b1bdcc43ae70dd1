#include "app/commands/variation_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "app/commands/ask.h"
#include "app/commands/indicator_output.h"
#include "app/commands/indicators_command.h"
#include "app/commands/variation_output.h"
#include "base/calendar.h"
#include "base/limits.h"
#include "base/text.h"
#include "indicators/geography/structure.h"
#include "indicators/query/adjust.h"
#include "indicators/statistics/variation.h"
#include "kpr/v1/indicator.grpc.pb.h"

namespace kpr {
namespace {

constexpr double kConfidence = 0.95;
constexpr int kReplicates = 500;
constexpr uint64_t kSeed = 1;  // the same answer each time
constexpr char kSizeGroup[] = "size group";

// The years of the values that are used.
class YearsUsed {
 public:
  void Add(int year) {
    first_ = first_ == 0 ? year : std::min(first_, year);
    last_ = std::max(last_, year);
  }
  void Fill(v1::VariationReport* report) const {
    report->set_attributes_from(static_cast<uint32_t>(first_));
    report->set_attributes_to(static_cast<uint32_t>(last_));
  }

 private:
  int first_ = 0, last_ = 0;
};

Result<AttributeFile> ReadAttributes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Invalid(fmt::format("{}: cannot be read", path));
  std::string content(limits::kAttributeFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return DataLoss(fmt::format("{}: cannot be read to its end", path));
  content.resize(static_cast<size_t>(file.gcount()));
  return ReadAttributeFile(path, content);
}

Status AddFromFile(const VariationRequest& request, int year, std::vector<KnownAttribute>* attributes,
                   YearsUsed* years, v1::VariationReport* report) {
  KPR_ASSIGN_OR_RETURN(const AttributeFile file, ReadAttributes(request.attributes));
  for (const std::string& name : request.categories) {
    if (std::find(file.attributes.begin(), file.attributes.end(), name) == file.attributes.end())
      return Invalid(fmt::format("--category {}: {} has no such attribute", name, file.name));
  }
  const NewestRows newest = NewestRowsOf(file, year, std::max(year, Structure::kFirstYear));
  if (newest.rows.empty()) return Invalid(fmt::format("{}: no municipality up to {}", file.name, year));
  report->set_unused_rows(newest.unused);
  for (const auto& [area, row] : newest.rows) years->Add(row->year);
  for (size_t i = 0; i < file.attributes.size(); ++i) {
    KnownAttribute& attribute = attributes->emplace_back();
    attribute.name = file.attributes[i];
    attribute.category = std::find(request.categories.begin(), request.categories.end(), attribute.name) !=
                         request.categories.end();
    for (const auto& [area, row] : newest.rows) {
      const std::string& cell = row->cells[i];
      if (cell.empty()) continue;
      const auto number = ParseAttribute(cell);
      if (!attribute.category && !number) {
        return Invalid(fmt::format("{}:{}: {} '{}': expected a number, or --category {}", file.name,
                                   row->line, attribute.name, CutText(cell, 40), attribute.name));
      }
      if (attribute.category) attribute.categories[area] = cell;
      if (!attribute.category) attribute.numbers[area] = *number;
    }
  }
  return {};
}

Status AddFromRegister(const ClientOptions& client, const VariationRequest& request, int year,
                       std::vector<KnownAttribute>* attributes, YearsUsed* years,
                       v1::VariationReport* report) {
  v1::GetMunicipalityAttributesRequest get;
  get.set_year(static_cast<uint32_t>(year));
  get.mutable_attributes()->Assign(request.held.begin(), request.held.end());
  KPR_ASSIGN_OR_RETURN(const v1::MunicipalityAttributes answer,
                       (Ask<v1::Indicators>(client, &v1::Indicators::Stub::GetMunicipalityAttributes, get)));
  report->set_register_attributes(answer.version());
  std::set<std::string> files;  // each counted once
  for (const v1::MunicipalityAttribute& held : answer.attributes()) {
    KnownAttribute& attribute = attributes->emplace_back();
    attribute.name = held.id();
    attribute.category = held.kind() == v1::ATTRIBUTE_KIND_CATEGORY;
    if (files.insert(held.file()).second) report->set_unused_rows(report->unused_rows() + held.unused_rows());
    for (const v1::MunicipalityAttributeValue& value : held.values()) {
      years->Add(static_cast<int>(value.year()));
      if (attribute.category) attribute.categories[value.municipality()] = value.value();
      if (!attribute.category)
        attribute.numbers[value.municipality()] = ParseAttribute(value.value()).value_or(0);
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
                                            const v1::MunicipalityComparison& comparison, int year,
                                            v1::VariationReport* report) {
  std::vector<KnownAttribute> attributes;
  YearsUsed years;
  if (request.attributes.empty() && !request.categories.empty())
    return Invalid("--category: expected --attributes as well");
  if (!request.attributes.empty())
    KPR_RETURN_IF_ERROR(AddFromFile(request, year, &attributes, &years, report));
  if (!request.held.empty())
    KPR_RETURN_IF_ERROR(AddFromRegister(client, request, year, &attributes, &years, report));
  years.Fill(report);
  for (const std::string& indicator : request.indicators) {
    if (indicator == request.compare.indicator())
      return Invalid(fmt::format("--with-indicator {}: is the one that is asked about", indicator));
    KPR_ASSIGN_OR_RETURN(KnownAttribute attribute, FromIndicator(client, indicator, request.compare));
    attributes.push_back(std::move(attribute));
  }
  if (request.size_group) {
    KnownAttribute& attribute = attributes.emplace_back(KnownAttribute{kSizeGroup, true, {}, {}});
    for (const v1::AreaComparison& m : comparison.municipalities()) {
      if (m.group() != kUnknownCategory) attribute.categories[m.row().area().code()] = m.group();
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
                       ReadAll(client, request, comparison, period->last().year(), &report));
  Compared compared = Select(comparison, known, &report);
  while (ForgetSmallCategories(compared.codes, &known)) compared = Select(comparison, known, &report);
  KPR_ASSIGN_OR_RETURN(const std::vector<Attribute> attributes, CovariatesOf(known, compared.codes));
  const auto found =
      DecomposeVariation(compared.areas, attributes, kConfidence, kReplicates, kSeed, Progress());
  if (!found) return FailedPrecondition("the attributes leave nothing to tell apart");
  Fill(*found, &report);
  PrintVariation(report, output);
  return {};
}

}  // namespace kpr
