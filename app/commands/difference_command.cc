#include "app/commands/difference_command.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "app/commands/ask.h"
#include "app/commands/indicator_output.h"
#include "app/commands/indicators_command.h"
#include "base/calendar.h"
#include "base/text.h"
#include "indicators/statistics/difference_in_differences.h"
#include "kpr/v1/difference.pb.h"
#include "kpr/v1/indicator.grpc.pb.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

constexpr double kConfidence = 0.95;
constexpr char kSpace[] = " \t\r";
constexpr char kNotAllocated[] = "0000";

Result<std::set<std::string>> ReadMembers(const std::string& path, Date on) {
  std::ifstream file(path);
  if (!file) return NotFound(fmt::format("{}: cannot be read", path));
  std::set<std::string> members;
  const std::vector<Municipality> known = MunicipalitiesOn(on);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::string code = line.substr(0, line.find('#'));
    const size_t first = code.find_first_not_of(kSpace);
    if (first == std::string::npos) continue;
    code = code.substr(first, code.find_last_not_of(kSpace) - first + 1);
    const auto municipality = Municipality::Parse(code);
    if (!municipality || std::find(known.begin(), known.end(), *municipality) == known.end()) {
      return Invalid(
          fmt::format("{}:{}: '{}': expected the number of a municipality of {}, alone on its line", path,
                      number, CutText(code, 40), on.year()));
    }
    members.insert(code);
  }
  if (file.bad()) return DataLoss(fmt::format("{}: cannot be read to its end", path));
  if (members.empty()) return Invalid(fmt::format("{}: no municipality", path));
  return members;
}

struct Members {
  std::set<std::string> codes;
  std::string group, attributes;  // of the register, and its version; empty: a file
  uint32_t unused = 0;
};

// Those that the register has in the group when the thing begins, as they are at the last period.
Result<Members> MembersHeld(const ClientOptions& client, const DifferenceRequest& request,
                            const Period& last) {
  const auto begins = Period::Parse(request.begins);
  if (!begins) return Invalid(fmt::format("--begins {}: expected 2024, 2024-T1 or 2024-02", request.begins));
  v1::GetMunicipalityAttributesRequest get;
  get.set_year(static_cast<uint32_t>(last.last().year()));
  get.set_groups_on(begins->first().ToString());
  KPR_ASSIGN_OR_RETURN(const v1::MunicipalityAttributes answer,
                       (Ask<v1::Indicators>(client, &v1::Indicators::Stub::GetMunicipalityAttributes, get)));
  std::string known;
  for (const v1::MunicipalityGroup& group : answer.groups()) {
    known += (known.empty() ? "" : ", ") + group.id();
    if (group.id() != request.group) continue;
    if (group.unused() > 0) {
      std::cerr << fmt::format("{} of the group are left out: with others, or not whole, in {}\n",
                               group.unused(), last.last().year());
    }
    return Members{{group.municipalities().begin(), group.municipalities().end()},
                   group.id(),
                   answer.version(),
                   group.unused()};
  }
  return Invalid(fmt::format("--group {}: the register holds {}", CutText(request.group, 40),
                             known.empty() ? "no group (registry.attributes)" : known));
}

Result<Members> MembersOf(const ClientOptions& client, const DifferenceRequest& request, const Period& last) {
  if (request.group.empty() == request.members.empty())
    return Invalid("expected --members or --group, one of them");
  if (!request.group.empty()) return MembersHeld(client, request, last);
  KPR_ASSIGN_OR_RETURN(std::set<std::string> codes, ReadMembers(request.members, last.last()));
  return Members{std::move(codes), "", "", 0};
}

// The municipalities that have a value in each period.
struct Panel {
  std::vector<std::string> periods;
  std::vector<PanelArea> areas;
  size_t members = 0, incomplete_members = 0, incomplete_others = 0;
  bool provisional = false;  // the last period is not over
};

Result<Panel> PanelOf(const v1::IndicatorTable& table, const std::set<std::string>& members,
                      const DifferenceRequest& request, size_t* begins) {
  Panel panel;
  std::map<std::string, std::map<std::string, const v1::Row*>> rows;  // by area and period
  std::set<std::string> periods;
  for (const v1::Row& row : table.rows()) {
    periods.insert(row.period());
    panel.provisional = panel.provisional || row.provisional();
    if (row.area().code() != kNotAllocated) rows[row.area().code()][row.period()] = &row;
  }
  panel.periods.assign(periods.begin(), periods.end());  // of one kind: in the order of time
  const auto at = std::find(panel.periods.begin(), panel.periods.end(), request.begins);
  if (at == panel.periods.end() || at == panel.periods.begin()) {
    return Invalid(
        fmt::format("--begins {}: expected a period after the first, {}, and not after the last, {}",
                    request.begins, panel.periods.front(), panel.periods.back()));
  }
  *begins = static_cast<size_t>(at - panel.periods.begin());
  for (const auto& [code, by_period] : rows) {
    PanelArea area;
    area.member = members.contains(code);
    for (const std::string& period : panel.periods) {
      const auto row = by_period.find(period);
      const v1::Estimate* value =
          row == by_period.end() ? nullptr : FindEstimate(*row->second, v1::ESTIMATE_NAME_VALUE);
      if (value == nullptr) break;
      area.values.push_back(value->value());
    }
    if (area.values.size() < panel.periods.size()) {
      ++(area.member ? panel.incomplete_members : panel.incomplete_others);
      continue;
    }
    if (request.weighted) area.weight = by_period.at(panel.periods[*begins - 1])->denominator();
    if (area.weight <= 0) {
      return Invalid(fmt::format("--weighted: {} has no denominator: leave --weighted out", code));
    }
    panel.members += area.member ? 1 : 0;
    panel.areas.push_back(std::move(area));
  }
  return panel;
}

v1::DifferenceEstimate ToProto(const Difference& difference) {
  v1::DifferenceEstimate estimate;
  estimate.set_estimate(difference.estimate);
  estimate.set_standard_error(difference.standard_error);
  estimate.set_lower(difference.interval.lower);
  estimate.set_upper(difference.interval.upper);
  return estimate;
}

v1::GroupDifference ToProto(const v1::IndicatorTable& table, const DifferenceRequest& request,
                            const Panel& panel, const DifferenceInDifferences& found) {
  v1::GroupDifference answer;
  answer.set_indicator(table.indicator());
  answer.set_version(table.version());
  answer.set_unit(table.unit());
  answer.set_position(table.position());
  answer.set_begins(request.begins);
  answer.set_weighted(request.weighted);
  answer.set_group(static_cast<uint32_t>(panel.members));
  answer.set_others(static_cast<uint32_t>(panel.areas.size() - panel.members));
  answer.set_incomplete_group(static_cast<uint32_t>(panel.incomplete_members));
  answer.set_incomplete_others(static_cast<uint32_t>(panel.incomplete_others));
  *answer.mutable_effect() = ToProto(found.effect);
  for (size_t i = 0; i < panel.periods.size(); ++i) {
    v1::TrendPoint* point = answer.add_trend();
    point->set_period(panel.periods[i]);
    point->set_group(found.trend[i].members);
    point->set_others(found.trend[i].others);
    *point->mutable_difference() = ToProto(found.trend[i].difference);
    point->set_provisional(panel.provisional && i + 1 == panel.periods.size());
  }
  return answer;
}

void PrintTrend(const v1::IndicatorTable& table, const DifferenceRequest& request, const Panel& panel,
                const DifferenceInDifferences& found, Output output) {
  if (output == Output::kTable) {
    const Difference& effect = found.effect;
    std::cout << fmt::format("{} version {}, {}. The group: {}; others: {}, {}.\n", table.indicator(),
                             table.version(), table.unit(), panel.members, panel.areas.size() - panel.members,
                             request.weighted ? "weighted by their denominators" : "equal weights");
    if (panel.incomplete_members + panel.incomplete_others > 0) {
      std::cout << fmt::format(
          "Left out, as they have no value in some period: {} of the group, {} others.\n",
          panel.incomplete_members, panel.incomplete_others);
    }
    std::cout << fmt::format(
        "From {} on the group has changed by {} more than the others (95 %: {} to {}).\n"
        "That is a difference and not its cause; the trends before {} should be parallel.{}\n\n",
        request.begins, Number(effect.estimate), Number(effect.interval.lower), Number(effect.interval.upper),
        request.begins,
        panel.provisional ? fmt::format("\n{} is not over: its values are provisional.", panel.periods.back())
                          : "");
  }
  TextTable text{{"period", "group", "others", "difference", "lower", "upper"}, {}};
  for (size_t i = 0; i < panel.periods.size(); ++i) {
    const TrendPoint& point = found.trend[i];
    text.rows.push_back({panel.periods[i], Number(point.members), Number(point.others),
                         Number(point.difference.estimate), Number(point.difference.interval.lower),
                         Number(point.difference.interval.upper)});
  }
  Print(text, output);
}

}  // namespace

Status ShowDifference(const ClientOptions& client, const DifferenceRequest& request, Output output) {
  const auto last = Period::Parse(request.get.to_period());
  if (!last)
    return Invalid(fmt::format("--to {}: expected 2024, 2024-T1 or 2024-02", request.get.to_period()));
  KPR_ASSIGN_OR_RETURN(const Members members, MembersOf(client, request, *last));
  v1::GetIndicatorValuesRequest get = request.get;
  get.set_level(v1::LEVEL_MUNICIPALITY);
  get.set_structure_year(static_cast<uint32_t>(last->last().year()));  // the same municipalities throughout
  KPR_ASSIGN_OR_RETURN(const v1::IndicatorTable table, ReadIndicator(client, get));
  if (table.rows().empty()) return FailedPrecondition("the register has no data of these periods");
  size_t begins = 0;
  KPR_ASSIGN_OR_RETURN(const Panel panel, PanelOf(table, members.codes, request, &begins));
  const auto found = EstimateDifference(panel.areas, begins, kConfidence);
  if (!found) {
    return FailedPrecondition(
        fmt::format("{} of the group and {} others have a value in each period: two of each are needed",
                    panel.members, panel.areas.size() - panel.members));
  }
  if (output == Output::kJson) {
    v1::GroupDifference answer = ToProto(table, request, panel, *found);
    answer.set_register_group(members.group);
    answer.set_register_attributes(members.attributes);
    answer.set_unused(members.unused);
    PrintJson(answer);
  } else {
    if (output == Output::kTable && !members.group.empty())
      std::cout << fmt::format("The group is '{}' of the register, attributes {}.\n", members.group,
                               members.attributes);
    PrintTrend(table, request, panel, *found, output);
  }
  return {};
}

}  // namespace kpr
