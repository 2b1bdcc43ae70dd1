#include "app/commands/attribute_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "app/commands/ask.h"
#include "app/commands/command_line.h"
#include "app/commands/indicator_output.h"
#include "app/data_folders.h"
#include "kpr/v1/indicator.grpc.pb.h"

namespace kpr {
namespace {

std::string KindText(v1::AttributeKind kind) {
  return kind == v1::ATTRIBUTE_KIND_CATEGORY ? "category" : "number";
}

TextTable Values(const v1::MunicipalityAttributes& answer) {
  TextTable table{{"attribute", "municipality", "year", "value"}, {}};
  for (const v1::MunicipalityAttribute& attribute : answer.attributes()) {
    for (const v1::MunicipalityAttributeValue& value : attribute.values())
      table.rows.push_back(
          {attribute.id(), value.municipality(), std::to_string(value.year()), value.value()});
  }
  return table;
}

void PrintSummary(const v1::MunicipalityAttributes& answer) {
  std::cout << fmt::format("Up to {}, municipalities of {}, version {}\n\n", answer.year(),
                           answer.structure_year(), answer.version());
  TextTable table{{"attribute", "kind", "known of", "years", "source", "name"}, {}};
  for (const v1::MunicipalityAttribute& attribute : answer.attributes()) {
    const auto [first, last] =
        std::minmax_element(attribute.values().begin(), attribute.values().end(),
                            [](const auto& a, const auto& b) { return a.year() < b.year(); });
    const std::string years =
        attribute.values().empty() ? "" : fmt::format("{}-{}", first->year(), last->year());
    table.rows.push_back({attribute.id(), KindText(attribute.kind()), std::to_string(attribute.values_size()),
                          years, attribute.source(), attribute.name()});
  }
  if (!table.rows.empty()) Print(table, Output::kTable);
  for (const v1::MunicipalityGroup& group : answer.groups()) {
    std::cout << fmt::format(
        "\n{}: {}, {} members{}\n{}\n", group.id(), group.name(), group.municipalities_size(),
        group.unused() == 0 ? "" : fmt::format(", and {} with others or not whole", group.unused()),
        fmt::join(group.municipalities(), " "));
  }
}

Status CheckAttributes(const std::string& folder) {
  KPR_ASSIGN_OR_RETURN(const MunicipalityData data, ReadAttributeFolder(folder));
  for (const AttributeKind& kind : data.attributes) {
    const AttributeFile& file = data.files[kind.file];
    const auto known = std::count_if(file.rows.begin(), file.rows.end(), [&](const AttributeRow& row) {
      return !row.cells[kind.column].empty();
    });
    std::cout << fmt::format("{}: {}, {} values in {}\n", kind.id, kind.category ? "category" : "number",
                             known, file.name);
  }
  for (const auto& [id, group] : data.groups)
    std::cout << fmt::format("group {}: {}, {} rows\n", id, group.name, group.members.size());
  std::cout << fmt::format("{}: whole, version {}\n", folder, data.version);
  return {};
}

}  // namespace

Status ShowAttributes(const ClientOptions& client, const v1::GetMunicipalityAttributesRequest& request,
                      Output output) {
  KPR_ASSIGN_OR_RETURN(
      const v1::MunicipalityAttributes answer,
      (Ask<v1::Indicators>(client, &v1::Indicators::Stub::GetMunicipalityAttributes, request)));
  if (output == Output::kJson) {
    PrintJson(answer);
  } else if (output == Output::kTable && request.attributes().empty()) {
    PrintSummary(answer);
  } else {
    Print(Values(answer), output);
  }
  return {};
}

void AddAttributeCommands(CommandLine* line) {
  auto* group = line->app()->add_subcommand(
      "attributes", "municipalities' attributes and groups, for registry.attributes of a server");
  group->require_subcommand(1);
  const auto folder = std::make_shared<std::string>();
  line->Add(group, "check", "read a folder as a server would, and say what is in it",
            "kpr attributes check /etc/kpr/attributes", [=] { return CheckAttributes(*folder); })
      ->add_option("folder", *folder, "attributes.csv, groups.csv and files of attributes by year")
      ->required();
}

}  // namespace kpr
