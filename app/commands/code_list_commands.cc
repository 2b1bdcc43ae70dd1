// kpr code-lists: code lists of one's own, from the built-in ones to what a server reads.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "app/commands/command_line.h"
#include "app/data_folders.h"
#include "base/files.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

std::string DaysOf(const Validity& row) {
  const std::string from = row.from == kFirstDate ? "always" : "from " + row.from.ToString();
  return row.until == kNoEnd ? from : fmt::format("{}, ends {}", from, row.until.ToString());
}

void PrintChange(const char* list, const std::string& code, const Validity* before, const Validity& now) {
  if (before == nullptr) {
    std::cout << fmt::format("{}: {} {} is new, {}\n", list, code, now.name, DaysOf(now));
  } else if (before->from != now.from || before->until != now.until) {
    std::cout << fmt::format("{}: {} {}: {}; was: {}\n", list, code, now.name, DaysOf(now), DaysOf(*before));
  } else if (before->name != now.name) {
    std::cout << fmt::format("{}: {} is called {}; was: {}\n", list, code, now.name, before->name);
  }
}

// The newest row of each code stands for it.
void PrintDifferences(const Edition& before, const Edition& now) {
  for (const auto& [code, rows] : now.municipalities) {
    const auto it = before.municipalities.find(code);
    PrintChange("municipality", fmt::format("{:04}", code),
                it == before.municipalities.end() ? nullptr : &it->second.back(), rows.back());
  }
  for (const auto& [code, row] : now.service_types) {
    const auto it = before.service_types.find(code);
    PrintChange("service type", std::to_string(code),
                it == before.service_types.end() ? nullptr : &it->second, row);
  }
  for (const auto& [code, row] : now.service_types) {
    const auto it = before.service_types.find(code);
    if (it != before.service_types.end() && it->second.provider_required != row.provider_required)
      std::cout << fmt::format("service type: {} {} a provider\n", code,
                               row.provider_required ? "needs" : "needs no");
  }
  for (const auto& [code, name] : now.counties) {
    const auto it = before.counties.find(code);
    if (it == before.counties.end() || it->second != name)
      std::cout << fmt::format("county: {:02} is {}; was: {}\n", code, name,
                               it == before.counties.end() ? "new" : it->second);
  }
  for (const SizeGroupRow& group : now.size_groups)
    std::cout << fmt::format("size group from {}: {}\n", group.inhabitants_from, group.name);
}

Status Check(const std::string& folder) {
  KPR_ASSIGN_OR_RETURN(const std::vector<embedded::File> files, ReadCodeListFolder(folder));
  auto edition = ReadEdition(files);
  if (!edition.ok()) return edition.status().WithContext(folder);
  KPR_RETURN_IF_ERROR(CheckFollows(BuiltInEdition(), *edition).WithContext(folder));
  PrintDifferences(BuiltInEdition(), *edition);
  std::cout << fmt::format("{}: whole, version {}; those built in: {}\n", folder, edition->version,
                           BuiltInEdition().version);
  return {};
}

Status Write(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Unavailable(fmt::format("{}: {}", folder, error.message()));
  for (const embedded::File& file : BuiltInCodeLists()) {
    if (std::filesystem::exists(folder + "/" + file.name))
      return FailedPrecondition(folder + "/" + file.name + " is there already; give another folder");
  }
  for (const embedded::File& file : BuiltInCodeLists()) {
    const std::string path = folder + "/" + file.name;
    KPR_RETURN_IF_ERROR(WriteFileDurably(path, file.content));
    std::cout << path << '\n';
  }
  return {};
}

}  // namespace

void AddCodeListCommands(CommandLine* line) {
  auto* group = line->app()->add_subcommand("code-lists",
                                            "code lists of one's own, for registry.code_lists of a server");
  group->require_subcommand(1);
  const auto folder = std::make_shared<std::string>();
  line->Add(group, "write", "write the built-in lists, to begin from",
            "kpr code-lists write /etc/kpr/code-lists", [=] { return Write(*folder); })
      ->add_option("folder", *folder, "made where it is not there")
      ->required();
  line->Add(group, "check",
            "read lists as a server would at its first start, and show what differs from the built-in ones",
            "kpr code-lists check /etc/kpr/code-lists", [=] { return Check(*folder); })
      ->add_option("folder", *folder, "of .csv files; a list that is not there is the built-in one")
      ->required();
}

}  // namespace kpr
