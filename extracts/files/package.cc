#include "extracts/files/package.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/crypto/hash.h"
#include "extracts/files/codebook.h"
#include "extracts/files/formats.h"

namespace kpr::extract {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;

std::string Text(const Json& json) {
  return json.dump(kIndent) + "\n";
}

std::string MediaType(const std::string& name) {
  if (name.ends_with(".csv.gz")) return "application/gzip";
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".html")) return "text/html";
  if (name.ends_with(".parquet")) return "application/vnd.apache.parquet";
  return "application/octet-stream";
}

// Types of the Table Schema of Frictionless.
const char* SchemaType(v1::VariableType type) {
  if (type == v1::VARIABLE_TYPE_CODE || type == v1::VARIABLE_TYPE_INTEGER) return "integer";
  if (type == v1::VARIABLE_TYPE_DECIMAL) return "number";
  return type == v1::VARIABLE_TYPE_DATE ? "date" : "string";
}

Json Field(const Variable& variable) {
  const v1::Variable& d = variable.described;
  Json field = {{"name", variable.column}, {"type", SchemaType(d.type())}, {"title", d.meaning().en()}};
  if (d.type() != v1::VARIABLE_TYPE_CODE) return field;
  // Municipalities and counties keep their leading zero.
  const bool area = AreaDigits(variable) > 0;
  if (area) field["type"] = "string";
  Json categories = Json::array();
  for (const v1::CodeLabel& code : d.codes()) {
    Json value = area ? Json(CodeText(variable, code.code())) : Json(code.code());
    categories.push_back(Json{{"value", std::move(value)}, {"label", code.label().nb()}});
  }
  field["categories"] = std::move(categories);
  return field;
}

// A person can be in a table of a delta twice: with a row that is withdrawn and one that is new.
Json Schema(const TablePlan& table, bool delta) {
  Json fields = Json::array();
  fields.push_back(
      Json{{"name", kPersonColumn}, {"type", "string"}, {"title", "The person, as a token of the project"}});
  for (const Variable* variable : table.columns) fields.push_back(Field(*variable));
  Json schema = {{"fields", std::move(fields)}, {"missingValues", Json::array({""})}};
  if (delta) return schema;
  if (table.table->kind == TableKind::kPersons) {
    schema["primaryKey"] = Json::array({kPersonColumn});
  } else {
    Json key = Json::object();
    key["fields"] = Json::array({kPersonColumn});
    key["reference"] = Json{{"resource", "persons"}, {"fields", Json::array({kPersonColumn})}};
    schema["foreignKeys"] = Json::array({std::move(key)});
  }
  return schema;
}

// What every manifest says first.
Json ManifestHead(const v1::Extract& described, const v1::ExtractRequest& request, const std::string& title) {
  Json positions = Json::array();
  for (const uint64_t position : described.positions()) positions.push_back(position);
  return Json{{"extract", described.id()},
              {"title", title},
              {"request_sha256", described.request_sha256()},
              {"legal_basis", request.legal_basis()},
              {"purpose", request.purpose()},
              {"expires_on", request.expires_on()},
              {"data_day", described.data_day()},
              {"positions", std::move(positions)},
              {"code_lists", described.code_lists()},
              {"software", "kpr " + described.software()}};
}

}  // namespace

std::string TablesManifest(const v1::Extract& described, const std::vector<v1::ExtractFile>& files) {
  Json manifest = ManifestHead(described, described.request(), described.request().title());
  manifest["structure_year"] = described.request().anonymous().structure_year();
  manifest["policy"] = described.request().anonymous().named_policy();
  manifest["files"] = Json::array();
  for (const v1::ExtractFile& file : files)
    manifest["files"].push_back(Json{{"name", file.name()}, {"sha256", file.plain_sha256()}});
  return Text(manifest);
}

void Package::Add(size_t table, v1::FileFormat format, const std::string& name, const v1::ExtractFile& file) {
  entries_.push_back({table, format, name, file.plain_sha256(), file.rows()});
}

std::string Package::Title() const {
  return facts_.dummy ? request_.title() + " (dummy data: nobody is in them)" : request_.title();
}

std::string Package::DataPackage() const {
  Json resources = Json::array();
  for (const Entry& entry : entries_) {
    if (entry.format != v1::FILE_FORMAT_CSV) continue;
    const TablePlan& table = tables_[entry.table];
    resources.push_back(Json{{"name", table.table->name},
                             {"type", "table"},
                             {"title", table.table->title.en()},
                             {"path", entry.name},
                             {"format", "csv"},
                             {"mediatype", "text/csv"},
                             {"encoding", "utf-8"},
                             {"compression", "gz"},
                             {"dialect", Json{{"delimiter", ","}, {"lineTerminator", "\r\n"}}},
                             {"hash", "sha256:" + entry.sha256},
                             {"schema", Schema(table, is_delta())}});
  }
  return Text(Json{{"$schema", "https://datapackage.org/profiles/2.0/datapackage.json"},
                   {"name", described_.id()},
                   {"title", Title()},
                   {"description", request_.purpose()},
                   {"resources", std::move(resources)}});
}

std::string Package::Crate(const std::vector<std::string>& names) const {
  Json parts = Json::array(), graph = Json::array();
  for (const std::string& name : names) parts.push_back(Json{{"@id", name}});
  graph.push_back(Json{{"@id", "ro-crate-metadata.json"},
                       {"@type", "CreativeWork"},
                       {"conformsTo", Json{{"@id", "https://w3id.org/ro/crate/1.1"}}},
                       {"about", Json{{"@id", "./"}}}});
  graph.push_back(Json{
      {"@id", "./"},
      {"@type", "Dataset"},
      {"name", Title()},
      {"description", request_.purpose()},
      {"datePublished", described_.data_day()},
      {"license", "Only as the approval of " + described_.id() + " says, until " + request_.expires_on()},
      {"hasPart", std::move(parts)},
      {"mentions", Json{{"@id", "#build"}}}});
  graph.push_back(Json{{"@id", "#kpr"},
                       {"@type", "SoftwareApplication"},
                       {"name", "kpr"},
                       {"version", described_.software()}});
  std::vector<std::string> read;
  for (int i = 0; i < described_.positions_size(); ++i)
    read.push_back(fmt::format("log partition {} up to {}", i, described_.positions(i)));
  graph.push_back(Json{
      {"@id", "#build"},
      {"@type", "CreateAction"},
      {"name", "Build of " + described_.id()},
      {"instrument", Json{{"@id", "#kpr"}}},
      {"description", fmt::format("Request {} at {}", described_.request_sha256(), fmt::join(read, "; "))},
      {"result", Json{{"@id", "./"}}}});
  for (const std::string& name : names)
    graph.push_back(
        Json{{"@id", name}, {"@type", "File"}, {"name", name}, {"encodingFormat", MediaType(name)}});
  return Text(Json{{"@context", "https://w3id.org/ro/crate/1.1/context"}, {"@graph", std::move(graph)}});
}

std::string Package::Manifest(const std::vector<std::pair<std::string, std::string>>& documents) const {
  Json manifest = ManifestHead(described_, request_, Title());
  manifest["dummy"] = facts_.dummy;
  manifest["first_month"] = request_.first_month();
  manifest["last_month"] = request_.last_month();
  manifest["persons"] = facts_.persons;
  manifest["withheld"] = facts_.risk.withheld();
  manifest["smallest_class"] = facts_.risk.smallest_class();
  manifest["k"] = facts_.risk.k();
  manifest["l"] = facts_.risk.l();
  Json files = Json::array();
  for (const Entry& entry : entries_)
    files.push_back(Json{{"name", entry.name}, {"rows", entry.rows}, {"sha256", entry.sha256}});
  for (const auto& [name, content] : documents)
    files.push_back(Json{{"name", name}, {"sha256", crypto::Sha256(content)}});
  manifest["files"] = std::move(files);
  if (is_delta()) {
    const v1::ExtractDelta& delta = facts_.delta;
    manifest["delta"] = Json{{"to", described_.delta_to()},
                             {"new_persons", delta.new_persons()},
                             {"withdrawn_persons", delta.withdrawn_persons()},
                             {"changed_persons", delta.changed_persons()},
                             {"new_rows", delta.new_rows()},
                             {"withdrawn_rows", delta.withdrawn_rows()}};
  }
  return Text(manifest);
}

std::vector<std::pair<std::string, std::string>> Package::Documents() const {
  std::vector<std::pair<std::string, std::string>> documents;
  documents.emplace_back("codebook.json", CodebookJson(tables_));
  documents.emplace_back("codebook.html", CodebookHtml(Title(), request_, tables_));
  bool csv = false;
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    names.push_back(entry.name);
    csv |= entry.format == v1::FILE_FORMAT_CSV;
  }
  if (csv) documents.emplace_back("datapackage.json", DataPackage());
  for (const auto& [name, content] : documents) names.push_back(name);
  names.emplace_back("manifest.json");
  documents.emplace_back("ro-crate-metadata.json", Crate(names));
  documents.emplace_back("manifest.json", Manifest(documents));
  return documents;
}

}  // namespace kpr::extract
