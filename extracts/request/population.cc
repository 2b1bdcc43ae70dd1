#include "extracts/request/population.h"

#include <google/protobuf/text_format.h>

#include <algorithm>

#include "indicators/definition/definition.h"

namespace kpr::extract {
namespace {

// Counts whoever is in the population in any part of a month, in every municipality that serves them.
v1::Definition CountOf(const v1::Predicate& population) {
  v1::Definition d;
  d.set_id("population");
  d.set_version(1);
  for (v1::Text* text : {d.mutable_title(), d.mutable_description(), d.mutable_source()}) {
    text->set_nb("populasjon");
    text->set_en("population");
  }
  d.set_kind(v1::KIND_COUNT);
  d.add_periods(v1::PERIOD_UNIT_MONTH);
  d.set_unit("persons");
  d.set_theme(v1::THEME_SERVICE_USE);
  d.set_direction(v1::DIRECTION_NEITHER);
  v1::Component* component = d.add_components();
  component->set_subject(v1::SUBJECT_TYPE_PERSON);
  component->set_role(v1::ROLE_NUMERATOR);
  component->set_reference_period(v1::REFERENCE_PERIOD_WHOLE_PERIOD);
  component->set_attribution(v1::ATTRIBUTION_EVERY);
  *component->mutable_where() = population;
  return d;
}

Date DayOf(const std::string& month, bool last) {
  const auto period = Period::Parse(month);
  return last ? period->last() : period->first();
}

}  // namespace

Status CheckPopulation(const v1::ExtractRequest& request) {
  if (!request.has_population())
    return Invalid("population: missing; such as { service_active { types: 18 } }");
  std::string text;
  google::protobuf::TextFormat::PrintToString(CountOf(request.population()), &text);
  const auto checked = ParseDefinition(text, "population");
  if (checked.ok()) return {};
  // The place in the text that was made of it means nothing to its author.
  const std::string& message = checked.status().message();
  const size_t expected = message.find("expected");
  return Invalid("population: " + (expected == std::string::npos ? message : message.substr(expected)));
}

Geography::Geography(const v1::ExtractRequest& request) {
  for (const std::string& area : request.areas()) {
    const auto code = static_cast<uint16_t>(std::atoi(area.c_str()));
    (area.size() == 2 ? counties_ : municipalities_).insert(code);
  }
}

bool Geography::Covers(Municipality municipality) const {
  if (municipalities_.empty() && counties_.empty()) return true;
  return municipalities_.contains(municipality.code) || counties_.contains(municipality.county());
}

Result<std::unique_ptr<Population>> Population::Create(const v1::ExtractRequest& request) {
  Catalogue catalogue;
  catalogue.definitions.push_back(CountOf(request.population()));
  KPR_ASSIGN_OR_RETURN(Plan plan, Compile(std::move(catalogue)));
  return std::unique_ptr<Population>(new Population(request, std::move(plan)));
}

Population::Population(const v1::ExtractRequest& request, Plan plan)
    : plan_(std::move(plan)),
      geography_(request),
      first_(DayOf(request.first_month(), false)),
      last_(DayOf(request.last_month(), true)),
      evaluator_(&plan_) {}

bool Population::Has(const SubjectState& state) {
  contributions_.clear();
  evaluator_.Evaluate(state, first_, last_, &contributions_);
  return std::any_of(contributions_.begin(), contributions_.end(), [&](const Contribution& c) {
    if (c.amount <= 0 || c.key.period != ReferencePeriod::kMonth) return false;
    const auto& place = c.key.place;
    const auto end = place.municipalities.begin() + place.municipality_count;
    return std::any_of(place.municipalities.begin(), end,
                       [&](uint16_t code) { return geography_.Covers({code}); });
  });
}

}  // namespace kpr::extract
