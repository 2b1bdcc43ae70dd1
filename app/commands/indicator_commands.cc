// kpr indicators and kpr status: what dashboards and analysts ask.
#include <iostream>

#include "app/commands/attribute_commands.h"
#include "app/commands/command_line.h"
#include "app/commands/difference_command.h"
#include "app/commands/indicators_command.h"
#include "app/commands/variation_command.h"
#include "app/serve.h"
#include "indicators/definition/describe.h"

namespace kpr {
namespace {

// How a server is asked, and how its answer is shown.
struct AskOptions {
  ClientOptions client;
  OutputOptions output;
};

struct GetOptions {
  v1::GetIndicatorValuesRequest get;
  std::string level = "country", unit = "year";
};

Result<v1::GetIndicatorValuesRequest> RequestOf(const GetOptions& o) {
  static const std::map<std::string, v1::Level> kLevels = {{"country", v1::LEVEL_COUNTRY},
                                                           {"county", v1::LEVEL_COUNTY},
                                                           {"municipality", v1::LEVEL_MUNICIPALITY},
                                                           {"provider", v1::LEVEL_PROVIDER},
                                                           {"size-group", v1::LEVEL_SIZE_GROUP}};
  static const std::map<std::string, v1::PeriodUnit> kUnits = {
      {"month", v1::PERIOD_UNIT_MONTH}, {"tertial", v1::PERIOD_UNIT_TERTIAL}, {"year", v1::PERIOD_UNIT_YEAR}};
  v1::GetIndicatorValuesRequest request = o.get;
  if (!kLevels.contains(o.level))
    return Invalid("--level: expected country, county, municipality, provider or size-group");
  if (!kUnits.contains(o.unit)) return Invalid("--unit: expected month, tertial or year");
  request.set_level(kLevels.at(o.level));
  request.set_unit(kUnits.at(o.unit));
  return request;
}

// The position of the log that is asked about.
template <typename Request>
void AddMoment(CLI::App* command, Request* request) {
  command->add_option_function<std::string>(
      "--as-of", [=](const std::string& day) { request->set_as_of(day); },
      "as known at the end of this day, YYYY-MM-DD");
  command->add_option_function<std::string>(
      "--position", [=](const std::string& token) { request->set_position(token); },
      "as known at this position, a token that answers show");
}

template <typename Request>
void AddIndicator(CLI::App* command, Request* request) {
  command
      ->add_option_function<std::string>(
          "indicator", [=](const std::string& id) { request->set_indicator(id); }, "id, see list")
      ->required();
  command->add_option_function<uint32_t>(
      "--definition", [=](uint32_t version) { request->set_version(version); },
      "version of the definition; default: the newest that is computed");
}

template <typename Request>
void AddPeriod(CLI::App* command, Request* request) {
  command
      ->add_option_function<std::string>(
          "--period", [=](const std::string& p) { request->set_period(p); }, "2024, 2024-T1 or 2024-02")
      ->required();
}

template <typename Request>
void AddArea(CLI::App* command, Request* request) {
  command->add_option_function<std::string>(
      "--area", [=](const std::string& a) { request->set_area(a); },
      "county, municipality or provider; default: the country");
}

template <typename Request>
void AddAreas(CLI::App* command, Request* request, const char* what) {
  command->add_option_function<std::vector<std::string>>(
      "--area",
      [=](const std::vector<std::string>& areas) {
        request->mutable_areas()->Assign(areas.begin(), areas.end());
      },
      what);
}

template <typename Request>
void AddStructureYear(CLI::App* command, Request* request) {
  command->add_option_function<uint32_t>(
      "--structure-year", [=](uint32_t year) { request->set_structure_year(year); },
      "in the municipalities and counties of this year");
}

void AddSelection(CLI::App* command, GetOptions* o) {
  AddIndicator(command, &o->get);
  command->add_option_function<std::string>(
      "--from", [o](const std::string& p) { o->get.set_from_period(p); }, "2024, 2024-T1 or 2024-02");
  command->add_option_function<std::string>(
      "--to", [o](const std::string& p) { o->get.set_to_period(p); }, "last period; default: --from");
  command->add_option("--unit", o->unit, "without --from: the last twelve months, tertials or years")
      ->capture_default_str();
  command->add_option("--level", o->level, "country, county, municipality, provider or size-group")
      ->capture_default_str();
  AddAreas(command, &o->get, "numbers; default: all");
  AddMoment(command, &o->get);
  AddStructureYear(command, &o->get);
  command
      ->add_option_function<std::string>(
          "--incomplete",
          [o](const std::string& rule) {
            o->get.set_incomplete_policy(rule == "exclude"         ? v1::INCOMPLETE_POLICY_EXCLUDE
                                         : rule == "carry-forward" ? v1::INCOMPLETE_POLICY_CARRY_FORWARD
                                                                   : v1::INCOMPLETE_POLICY_INCLUDE);
          },
          "municipalities that have not declared the period complete: include, exclude or carry-forward")
      ->check(CLI::IsMember({"include", "exclude", "carry-forward"}));
  command->add_flag_function(
      "--by-sex", [o](int64_t) { o->get.set_by_sex(true); }, "a row for each sex");
  command->add_flag_function(
      "--by-age", [o](int64_t) { o->get.set_by_age(true); }, "a row for each age band");
}

// A command that asks a server. What it asks is a request of its own.
template <typename Request>
struct Asked {
  CLI::App* command;
  Request* request;
};
template <typename Request, typename Run>
Asked<Request> AddAsking(CommandLine* line, CLI::App* parent, const char* name, const char* what,
                         const char* example, Run run) {
  const auto ask = std::make_shared<AskOptions>();
  const auto request = std::make_shared<Request>();
  auto* command = line->Add(parent, name, what, example,
                            [=] { return run(ask->client, *request, OutputOf(ask->output)); });
  AddClient(command, &ask->client);
  AddOutput(command, &ask->output);
  return {command, request.get()};
}

struct Nothing {};

void AddDocument(CommandLine* line, CLI::App* indicators) {
  const auto data = std::make_shared<DataOptions>();
  auto* document =
      line->Add(indicators, "document", "the catalogue in words, as Markdown",
                "kpr indicators document --catalogue my-catalogue > indicators.md", [=]() -> Status {
                  KPR_ASSIGN_OR_RETURN(const Config config, ConfigOf(*data));
                  KPR_ASSIGN_OR_RETURN(const Plan plan, LoadPlan(config));
                  DocumentCatalogue(plan.catalogue, &std::cout);
                  return {};
                });
  AddData(document, data.get());
}

template <typename Request>
void AddPurpose(CLI::App* command, Request* request) {
  command->add_option_function<std::string>(
      "--purpose", [=](const std::string& why) { request->set_purpose(why); },
      "why this is looked at: for the audit log");
}

void AddFigureCommands(CommandLine* line, CLI::App* indicators) {
  const auto [explain, explained] = AddAsking<v1::ExplainIndicatorValueRequest>(
      line, indicators, "explain", "the subjects and events behind one value",
      "kpr indicators explain medication_review --period 2024 --area 0301", ExplainIndicator);
  AddIndicator(explain, explained);
  AddPeriod(explain, explained);
  AddArea(explain, explained);
  AddMoment(explain, explained);
  explain->add_option_function<uint32_t>(
      "--limit", [request = explained](uint32_t n) { request->set_page_size(n); }, "subjects shown");
  AddPurpose(explain, explained);

  const auto [revisions, revised] = AddAsking<v1::ListIndicatorRevisionsRequest>(
      line, indicators, "revisions", "how one value has changed from day to day, and by what",
      "kpr indicators revisions medication_review --period 2024 --area 0301", ShowRevisions);
  AddIndicator(revisions, revised);
  AddPeriod(revisions, revised);
  AddArea(revisions, revised);
  AddPurpose(revisions, revised);
}

void AddComparison(CommandLine* line, CLI::App* indicators) {
  const auto [compare, compared] = AddAsking<v1::CompareMunicipalitiesRequest>(
      line, indicators, "compare", "municipalities on a funnel: what stands out beyond chance",
      "kpr indicators compare medication_review --period 2024", CompareMunicipalities);
  AddIndicator(compare, compared);
  AddPeriod(compare, compared);
  AddAreas(compare, compared, "municipalities shown; default: all");
  AddStructureYear(compare, compared);
  compare->add_option_function<std::vector<std::string>>(
      "--adjust-by",
      [request = compared](const std::vector<std::string>& ids) {
        request->mutable_adjust_by()->Assign(ids.begin(), ids.end());
      },
      "attributes that the register holds: what is expected goes with them as well");
  compare->add_option_function<std::string>(
      "--group-by", [request = compared](const std::string& id) { request->set_group_by(id); },
      "a category that the register holds, in place of the size group");
}

void AddAttributes(CommandLine* line, CLI::App* indicators) {
  const auto [attributes, asked] = AddAsking<v1::GetMunicipalityAttributesRequest>(
      line, indicators, "attributes", "what the register holds on municipalities: attributes and groups",
      "kpr indicators attributes --year 2024", ShowAttributes);
  attributes
      ->add_option_function<uint32_t>(
          "--year", [request = asked](uint32_t year) { request->set_year(year); },
          "of each municipality the newest value up to it")
      ->required();
  AddStructureYear(attributes, asked);
  attributes->add_option_function<std::vector<std::string>>(
      "--attribute",
      [request = asked](const std::vector<std::string>& ids) {
        request->mutable_attributes()->Assign(ids.begin(), ids.end());
      },
      "those shown; default: all");
  attributes->add_option_function<std::string>(
      "--groups-on", [request = asked](const std::string& day) { request->set_groups_on(day); },
      "who was in a group on this day; default: the last of the year");
}

void AddDifference(CommandLine* line, CLI::App* indicators) {
  const auto [difference, differed] = AddAsking<DifferenceRequest>(
      line, indicators, "difference",
      "a group of municipalities before and after something began, against the others",
      "kpr indicators difference medication_review --members trial.txt --from 2019 --begins 2022 --to 2024",
      ShowDifference);
  AddIndicator(difference, &differed->get);
  difference->add_option(
      "--members", differed->members,
      "file with the group's municipalities as of --to: a number a line, # begins a comment");
  difference->add_option("--group", differed->group,
                         "a group that the register holds: its members on the first day of --begins");
  difference
      ->add_option_function<std::string>(
          "--from", [q = differed](const std::string& p) { q->get.set_from_period(p); },
          "2019, 2019-T1 or 2019-01")
      ->required();
  difference->add_option("--begins", differed->begins, "the first period after it began for the group")
      ->required();
  difference
      ->add_option_function<std::string>(
          "--to", [q = differed](const std::string& p) { q->get.set_to_period(p); }, "last period")
      ->required();
  difference->add_flag("--weighted", differed->weighted,
                       "municipalities count by their denominators; default: equal weights");
}

void AddVariation(CommandLine* line, CLI::App* indicators) {
  const auto [variation, varied] = AddAsking<VariationRequest>(
      line, indicators, "variation",
      "how much of the variation between municipalities is chance, goes with age and sex or attributes, is "
      "left",
      "kpr indicators variation medication_review --period 2024 --attributes centrality.csv --size-group",
      ShowVariation);
  AddIndicator(variation, &varied->compare);
  AddPeriod(variation, &varied->compare);
  variation->add_option(
      "--attributes", varied->attributes,
      "CSV file: municipality,year and a column for each attribute; the newest year up to the "
      "period's is used");
  variation->add_option("--category", varied->categories, "attribute of the file that is no number");
  variation->add_option("--with-attribute", varied->held,
                        "attribute that the register holds ('kpr indicators attributes')");
  variation->add_option("--with-indicator", varied->indicators,
                        "indicator whose values of the same period are an attribute");
  variation->add_flag("--size-group", varied->size_group, "the municipality's size group is an attribute");
}

}  // namespace

void AddIndicatorCommands(CommandLine* line, Interrupts* interrupts) {
  auto* indicators =
      line->app()->add_subcommand("indicators", "live indicator values")->require_subcommand(1);
  AddAsking<Nothing>(
      line, indicators, "list", "the catalogue", "kpr indicators list",
      [](const ClientOptions& client, Nothing, Output output) { return ListIndicators(client, output); });
  const auto [get, got] =
      AddAsking<GetOptions>(line, indicators, "get", "values of one indicator",
                            "kpr indicators get medication_review --level municipality --from 2024",
                            [](const ClientOptions& client, const GetOptions& o, Output output) -> Status {
                              KPR_ASSIGN_OR_RETURN(const v1::GetIndicatorValuesRequest request, RequestOf(o));
                              return GetIndicator(client, request, output);
                            });
  AddSelection(get, got);
  const auto [watch, watched] =
      AddAsking<GetOptions>(line, indicators, "watch", "values now and each time they change",
                            "kpr indicators watch occupancy --unit month",
                            [=](const ClientOptions& client, const GetOptions& o, Output output) -> Status {
                              KPR_ASSIGN_OR_RETURN(const v1::GetIndicatorValuesRequest request, RequestOf(o));
                              return WatchIndicator(client, request, output, interrupts->stop);
                            });
  AddSelection(watch, watched);
  AddFigureCommands(line, indicators);
  AddComparison(line, indicators);
  AddDifference(line, indicators);
  AddVariation(line, indicators);
  AddAttributes(line, indicators);
  AddDocument(line, indicators);
  AddAsking<Nothing>(
      line, line->app(), "status", "state of the registry and its partitions", "kpr status",
      [](const ClientOptions& client, Nothing, Output output) { return ShowStatus(client, output); });
}

}  // namespace kpr
