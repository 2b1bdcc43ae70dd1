#include "app/commands/indicator_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace kpr {
namespace {

std::string BoundText(const v1::Estimate* e, bool has, double value) {
  return e != nullptr && has ? Number(value, e->decimals()) : "";
}

std::string EstimateText(const v1::Row& row, v1::EstimateName name) {
  const v1::Estimate* e = FindEstimate(row, name);
  return e == nullptr ? "" : Number(e->value(), e->decimals());
}

// Every digit, for machines.
std::string Exact(const v1::Estimate* e) {
  return e == nullptr ? "" : fmt::format("{}", e->value());
}

std::string ExactBound(const v1::Estimate* e, bool has, double value) {
  return e != nullptr && has ? fmt::format("{}", value) : "";
}

std::string NotesText(const v1::Row& row) {
  std::string text;
  for (const v1::Text& note : row.notes()) text += (text.empty() ? "" : "; ") + note.en();
  return text;
}

std::string ClassesText(const v1::IndicatorTable& table, const v1::Row& row) {
  std::string text;
  for (int i = 0; i < row.classes_size() && i < table.classes_size(); ++i)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", table.classes(i).id(), row.classes(i));
  return text;
}

constexpr const char* kCsvColumns[] = {"indicator",
                                       "version",
                                       "position",
                                       "period",
                                       "area",
                                       "area_nb",
                                       "area_en",
                                       "sex",
                                       "age",
                                       "value",
                                       "lower",
                                       "upper",
                                       "interval_method",
                                       "unit",
                                       "numerator",
                                       "denominator",
                                       "classes",
                                       "numerator_persons",
                                       "denominator_persons",
                                       "numerator_providers",
                                       "denominator_providers",
                                       "weighted",
                                       "weighted_lower",
                                       "weighted_upper",
                                       "percentile_25",
                                       "percentile_75",
                                       "percentile_90",
                                       "response_rate",
                                       "invited",
                                       "responded",
                                       "municipalities",
                                       "reporting",
                                       "declared",
                                       "missing_reason",
                                       "provisional",
                                       "carried_forward",
                                       "notes"};

// Machines read this: every indicator has the same columns, absent estimates are empty.
TextTable CsvTable(const v1::IndicatorTable& table) {
  TextTable csv;
  csv.headings.assign(std::begin(kCsvColumns), std::end(kCsvColumns));
  for (const v1::Row& row : table.rows()) {
    const v1::Estimate* value = FindEstimate(row, v1::ESTIMATE_NAME_VALUE);
    const v1::Estimate* weighted = FindEstimate(row, v1::ESTIMATE_NAME_WEIGHTED);
    csv.rows.push_back({
        table.indicator(),
        std::to_string(table.version()),
        table.position(),
        row.period(),
        row.area().code(),
        row.area().name().nb(),
        row.area().name().en(),
        row.sex(),
        row.age(),
        Exact(value),
        value == nullptr || !value->has_lower() ? "" : fmt::format("{}", value->lower()),
        value == nullptr || !value->has_upper() ? "" : fmt::format("{}", value->upper()),
        value == nullptr || value->method() == v1::INTERVAL_METHOD_UNSPECIFIED
            ? ""
            : WithoutPrefix(v1::IntervalMethod_Name(value->method()), "INTERVAL_METHOD_"),
        table.unit(),
        fmt::format("{}", row.numerator()),
        fmt::format("{}", row.denominator()),
        ClassesText(table, row),
        std::to_string(row.persons().numerator()),
        std::to_string(row.persons().denominator()),
        std::to_string(row.persons().numerator_providers()),
        std::to_string(row.persons().denominator_providers()),
        Exact(FindEstimate(row, v1::ESTIMATE_NAME_WEIGHTED)),
        ExactBound(weighted, weighted != nullptr && weighted->has_lower(),
                   weighted == nullptr ? 0 : weighted->lower()),
        ExactBound(weighted, weighted != nullptr && weighted->has_upper(),
                   weighted == nullptr ? 0 : weighted->upper()),
        Exact(FindEstimate(row, v1::ESTIMATE_NAME_PERCENTILE_25)),
        Exact(FindEstimate(row, v1::ESTIMATE_NAME_PERCENTILE_75)),
        Exact(FindEstimate(row, v1::ESTIMATE_NAME_PERCENTILE_90)),
        Exact(FindEstimate(row, v1::ESTIMATE_NAME_RESPONSE_RATE)),
        std::to_string(row.invited()),
        std::to_string(row.responded()),
        std::to_string(row.coverage().municipalities()),
        std::to_string(row.coverage().reporting()),
        std::to_string(row.coverage().declared()),
        ReasonText(row.missing_reason()),
        row.provisional() ? "true" : "false",
        row.carried_forward() ? "true" : "false",
        NotesText(row),
    });
  }
  return csv;
}

// How many different persons, and providers, are behind numerator and denominator.
std::string BehindText(const v1::Persons& persons) {
  const auto role = [](uint64_t people, uint64_t providers) {
    if (providers == 0) return std::to_string(people);
    return people == 0 ? Plural(providers, "provider")
                       : fmt::format("{} + {}", people, Plural(providers, "provider"));
  };
  return fmt::format("{} / {}", role(persons.numerator(), persons.numerator_providers()),
                     role(persons.denominator(), persons.denominator_providers()));
}

// People read this: columns without content are left out.
TextTable ScreenTable(const v1::IndicatorTable& table) {
  TextTable screen;
  screen.headings = {"period", "area",  "name",  "sex",       "age",
                     "value",  "lower", "upper", "numerator", "denominator"};
  for (const v1::Class& k : table.classes()) screen.headings.push_back(k.id());
  const std::pair<const char*, v1::EstimateName> optional[] = {
      {"weighted", v1::ESTIMATE_NAME_WEIGHTED},
      {"p25", v1::ESTIMATE_NAME_PERCENTILE_25},
      {"p75", v1::ESTIMATE_NAME_PERCENTILE_75},
      {"p90", v1::ESTIMATE_NAME_PERCENTILE_90},
      {"response %", v1::ESTIMATE_NAME_RESPONSE_RATE}};
  std::vector<v1::EstimateName> shown;
  for (const auto& [heading, name] : optional) {
    const bool any = std::any_of(table.rows().begin(), table.rows().end(),
                                 [n = name](const v1::Row& row) { return FindEstimate(row, n) != nullptr; });
    if (!any) continue;
    screen.headings.emplace_back(heading);
    shown.push_back(name);
  }
  for (const char* heading : {"persons", "coverage", "note"}) screen.headings.emplace_back(heading);
  for (const v1::Row& row : table.rows()) {
    const v1::Estimate* value = FindEstimate(row, v1::ESTIMATE_NAME_VALUE);
    std::vector<std::string> cells = {row.period(), row.area().code(), row.area().name().nb(), row.sex(),
                                      row.age()};
    cells.push_back(value == nullptr ? ".." : Number(value->value(), value->decimals()));
    cells.push_back(
        BoundText(value, value != nullptr && value->has_lower(), value == nullptr ? 0 : value->lower()));
    cells.push_back(
        BoundText(value, value != nullptr && value->has_upper(), value == nullptr ? 0 : value->upper()));
    cells.push_back(Number(row.numerator()));
    cells.push_back(Number(row.denominator()));
    for (const int64_t count : row.classes()) cells.push_back(std::to_string(count));
    while (cells.size() < 10 + static_cast<size_t>(table.classes_size())) cells.emplace_back();
    for (const v1::EstimateName name : shown) cells.push_back(EstimateText(row, name));
    cells.push_back(BehindText(row.persons()));
    const v1::Coverage& c = row.coverage();
    cells.push_back(c.municipalities() == 0
                        ? ""
                        : fmt::format("{}/{}, {} declared", c.reporting(), c.municipalities(), c.declared()));
    std::string note = ReasonText(row.missing_reason());
    const auto add = [&](const std::string& more) { note += (note.empty() ? "" : ", ") + more; };
    if (row.provisional()) add("provisional");
    if (row.carried_forward()) add("carried forward");
    for (const v1::Text& text : row.notes()) add(text.en());
    cells.push_back(note);
    screen.rows.push_back(std::move(cells));
  }
  return screen;
}

}  // namespace

const v1::Estimate* FindEstimate(const v1::Row& row, v1::EstimateName name) {
  for (const v1::Estimate& estimate : row.estimates()) {
    if (estimate.name() == name) return &estimate;
  }
  return nullptr;
}

std::string ReasonText(v1::MissingReason reason) {
  if (reason == v1::MISSING_REASON_UNSPECIFIED) return "";
  return WithoutPrefix(v1::MissingReason_Name(reason), "MISSING_REASON_");
}

std::string ValueText(const v1::Row& row) {
  const v1::Estimate* value = FindEstimate(row, v1::ESTIMATE_NAME_VALUE);
  return value == nullptr ? ReasonText(row.missing_reason()) : Number(value->value(), value->decimals());
}

void PrintTable(const v1::IndicatorTable& table, Output output) {
  if (output == Output::kJson) return PrintJson(table);
  if (output == Output::kCsv) return Print(CsvTable(table), output);
  if (table.horizon().empty()) {
    std::cout << fmt::format("{} version {}, {}: there are no data yet\n", table.indicator(), table.version(),
                             table.unit());
  } else {
    std::cout << fmt::format("{} version {}, {}, data up to {}, position {}\n", table.indicator(),
                             table.version(), table.unit(), table.horizon(), table.position());
  }
  if (table.quarantined_records() != 0) {
    std::cout << fmt::format("{} could not be applied and may be missing here: see 'kpr status'\n",
                             Plural(table.quarantined_records(), "log record"));
  }
  Print(ScreenTable(table), output);
}

}  // namespace kpr
