#include "indicators/publication/release_files.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "indicators/geography/structure.h"
#include "indicators/query/area.h"

namespace kpr::publication {
namespace {

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string NameOf(v1::FigureState state) {
  if (state == v1::FIGURE_STATE_HIDDEN) return "hidden";
  return state == v1::FIGURE_STATE_FORMER ? "as_last_release" : "";
}

// Why the row has no value, or what is special about it.
std::string StatusOf(const v1::ReleaseTable& table, const v1::ReleaseRow& row) {
  if (row.carried_forward()) return "not_approved_last_release";
  for (const uint32_t a : table.value_amounts()) {
    if (const std::string name = NameOf(row.states(static_cast<int>(a))); !name.empty()) return name;
  }
  for (const int state : row.states()) {
    if (state == v1::FIGURE_STATE_FORMER) return "classes_as_last_release";
  }
  if (row.missing_reason() == v1::MISSING_REASON_UNSPECIFIED) return "";
  std::string reason =
      v1::MissingReason_Name(row.missing_reason()).substr(std::string("MISSING_REASON_").size());
  std::transform(reason.begin(), reason.end(), reason.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return reason;
}

std::string AmountText(const v1::ReleaseTable& table, const v1::ReleaseRow& row, int a) {
  const auto state = row.states(a);
  if (state == v1::FIGURE_STATE_HIDDEN || state == v1::FIGURE_STATE_MISSING) return "";
  const auto divisor = std::max<uint32_t>(1, table.amounts(a).divisor());
  return divisor == 1 ? std::to_string(row.amounts(a))
                      : fmt::format("{}", static_cast<double>(row.amounts(a)) / static_cast<double>(divisor));
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

Status FromJson(const std::string& json, const std::string& file, google::protobuf::Message& message) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (!status.ok()) return Invalid(fmt::format("{}: {}", file, std::string(status.message())));
  return {};
}

std::string CsvOf(const v1::ReleaseTable& table, int structure_year) {
  const Date day = Structure::Of(structure_year).day();
  std::string csv = "indicator,version,period,area,area_name,sex,age,value,lower,upper,unit,status";
  for (const v1::ReleaseAmount& amount : table.amounts()) csv += "," + Quoted(amount.id());
  csv += ",municipalities,declared,approved\r\n";
  for (const v1::ReleaseRow& row : table.rows()) {
    const v1::Level level = LevelOfArea(row.area());
    const uint32_t area = AreaOfCode(row.area());
    csv += fmt::format("{},{},{},{},{},{},{}", table.indicator(), table.version(), row.period(), row.area(),
                       Quoted(AreaName(level, area, day).nb()), row.sex(), row.age());
    const auto number = [&](bool has, double value) {
      csv += has ? fmt::format(",{:.{}f}", value, table.decimals()) : ",";
    };
    number(row.has_value(), row.value());
    number(row.has_lower(), row.lower());
    number(row.has_upper(), row.upper());
    csv += "," + Quoted(table.unit()) + "," + StatusOf(table, row);
    for (int a = 0; a < table.amounts_size(); ++a) csv += "," + AmountText(table, row, a);
    csv += fmt::format(",{},{},{}\r\n", row.municipalities(), row.declared(), row.approved());
  }
  return csv;
}

std::vector<PublicFile> MakeFiles(const v1::PublicationPlan& plan,
                                  const std::vector<v1::ReleaseTable>& tables,
                                  const v1::Certificate& certificate, const v1::RevisionRecord& revisions) {
  std::vector<PublicFile> files{{kCertificateFile, ToJson(certificate)},
                                {kPlanFile, ToJson(plan)},
                                {kRevisionsFile, ToJson(revisions)}};
  for (const v1::ReleaseTable& table : tables) {
    files.push_back(
        {"tables/" + table.indicator() + ".csv", CsvOf(table, static_cast<int>(plan.structure_year()))});
    files.push_back({"tables/" + table.indicator() + ".json", ToJson(table)});
  }
  std::sort(files.begin(), files.end(),
            [](const PublicFile& a, const PublicFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace kpr::publication
