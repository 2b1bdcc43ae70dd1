#include "extracts/office/anonymous.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>

#include "extracts/files/output_file.h"
#include "extracts/files/package.h"
#include "indicators/publication/plan.h"

namespace kpr::extract {
namespace {

// Without tables. Names of projects have hyphens, those of series have not.
v1::PublicationPlan HeadOf(const v1::ExtractRequest& request) {
  v1::PublicationPlan plan;
  std::string id = request.project();
  std::replace(id.begin(), id.end(), '-', '_');
  plan.set_id(id);
  plan.mutable_title()->set_nb(request.title());
  plan.mutable_title()->set_en(request.title());
  plan.set_structure_year(request.anonymous().structure_year());
  plan.set_named_policy(request.anonymous().named_policy());
  return plan;
}

// What is wrong without the place in the text that was made of it, which means nothing to its author.
Result<v1::PublicationPlan> Parse(const v1::PublicationPlan& plan,
                                  const std::vector<v1::Definition>& definitions, const std::string& what) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(plan, &text);
  auto parsed = publication::ParsePlan(text, "anonymous", definitions);
  if (parsed.ok()) return parsed;
  const std::string& message = parsed.status().message();
  const size_t begin = message.find(": ");
  return Invalid(what + message.substr(begin == std::string::npos ? 0 : begin));
}

Status CheckPeriods(const v1::TablePlan& table, Date reached) {
  for (const std::string& name : table.periods()) {
    if (Period::Parse(name)->last() > reached)
      return Invalid(fmt::format(
          "anonymous: {}: periods: expected some that have ended in the data, which have reached {}",
          table.indicator(), reached.ToString()));
  }
  return {};
}

}  // namespace

Result<v1::PublicationPlan> AnonymousPlan(const v1::ExtractRequest& request,
                                          const std::vector<v1::Definition>& definitions, Date reached) {
  v1::PublicationPlan whole = HeadOf(request);
  for (const v1::AnonymousTable& asked : request.anonymous().tables()) {
    v1::PublicationPlan one = HeadOf(request);
    *one.add_tables() = asked.table();
    KPR_RETURN_IF_ERROR(Parse(one, definitions, "anonymous: " + asked.table().indicator()).status());
    KPR_RETURN_IF_ERROR(CheckPeriods(asked.table(), reached));
    *whole.add_tables() = asked.table();
  }
  auto plan = Parse(whole, definitions, "anonymous");
  // Beside what is rounded no release could show the same people exactly any more; pools are of a series.
  if (plan.ok() && (plan->policy().method() == v1::METHOD_ROUND || plan->policy().pool_below() > 0))
    return Invalid(
        "anonymous: named_policy: expected one that hides, and pools nobody; 'kpr release policies' shows "
        "them");
  return plan;
}

Result<std::vector<v1::ExtractFile>> WriteTables(const std::vector<publication::PublicFile>& tables,
                                                 const v1::Extract& described, const std::string& folder,
                                                 const std::vector<crypto::AgeRecipient>& recipients) {
  std::vector<v1::ExtractFile> plain, files;
  const auto write = [&](const std::string& name, const std::string& content) -> Status {
    KPR_ASSIGN_OR_RETURN(const auto output, OutputFile::Create(folder, name, recipients));
    KPR_RETURN_IF_ERROR(output->Write(content));
    KPR_ASSIGN_OR_RETURN(v1::ExtractFile file, output->Finish());
    plain.push_back(file);
    plain.back().set_name(name);
    // One line for each, behind the head.
    if (name.ends_with(".csv"))
      file.set_rows(static_cast<uint64_t>(std::count(content.begin(), content.end(), '\n')) - 1);
    files.push_back(std::move(file));
    return {};
  };
  // Without folders: what is fetched lies in one.
  for (const publication::PublicFile& table : tables)
    KPR_RETURN_IF_ERROR(write(table.name.substr(table.name.find('/') + 1), table.content));
  KPR_RETURN_IF_ERROR(write("manifest.json", TablesManifest(described, plain)));
  return files;
}

}  // namespace kpr::extract
