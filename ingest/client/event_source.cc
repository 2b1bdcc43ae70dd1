#include "ingest/client/event_source.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iostream>

#include "ingest/client/json_event.h"
#include "ingest/his1135/his1135.h"

namespace kpr {

Status ReadNdjson(const std::string& path, std::atomic<uint64_t>* bytes_read,
                  const std::function<Status(v1::Event)>& take) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) return NotFound(fmt::format("{}: cannot be read", path));
  }
  std::istream& in = path == "-" ? std::cin : file;
  JsonEventReader reader;
  std::string line;
  for (uint64_t number = 1; std::getline(in, line); ++number) {
    *bytes_read += line.size() + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    v1::Event event;
    if (const Status status = reader.Read(line, &event); !status.ok())
      return Invalid(fmt::format("{}:{}: not an event: {}", path, number, status.message()));
    KPR_RETURN_IF_ERROR(take(std::move(event)));
  }
  return in.bad() ? Unavailable(path + ": reading failed") : Status();
}

Status ReadHis1135(const std::string& path, const std::function<Status(v1::Event)>& take) {
  KPR_ASSIGN_OR_RETURN(const his1135::Check check, his1135::CheckMessage({path, {}}));
  for (const auto& finding : check.findings) {
    std::cerr << fmt::format("{}:{}: {} {} -> {}\n", path, finding.line, finding.attribute, finding.en,
                             his1135::ActionName(finding.action));
  }
  if (check.deleted) {
    return Invalid(fmt::format("{}: the message is marked deleted, none of its {} notifications is sent",
                               path, check.notifications));
  }
  if (check.deleted_rows > 0) {
    std::cerr << fmt::format("{}: {} of {} rows are marked deleted\n", path, check.deleted_rows,
                             check.notifications);
  }
  return his1135::ReadEvents({path, {}}, check, [&](v1::Event event, int) { return take(std::move(event)); });
}

std::string ToNdjson(const v1::Event& event) {
  std::string line;
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  const auto status = google::protobuf::util::MessageToJsonString(event, &line, json);
  return status.ok() ? line : "";
}

}  // namespace kpr
