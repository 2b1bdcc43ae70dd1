#include "app/indicators_command.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <thread>

#include "app/table.h"
#include "kpr/v1/indicator.grpc.pb.h"

namespace kpr {
namespace {

constexpr int kCallSeconds = 60;

Status PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  json.add_whitespace = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, json).ok()) std::cout << text;
  return {};
}

std::string Number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

void Print(const TextTable& table, Output output) {
  output == Output::kCsv ? PrintCsv(table, &std::cout) : PrintTable(table, &std::cout);
}

TextTable ToTable(const v1::GetResponse& response) {
  TextTable table;
  table.headings = {"period", "area",  "name",  "sex",       "age",
                    "value",  "lower", "upper", "numerator", "denominator"};
  const bool survey = std::any_of(response.values().begin(), response.values().end(),
                                  [](const v1::Value& v) { return v.invited() > 0; });
  for (const auto& id : response.classes()) table.headings.push_back(id);
  if (survey) {
    for (const char* heading : {"invited", "responded", "response %", "weighted", "w lower", "w upper"})
      table.headings.emplace_back(heading);
  }
  const bool percentiles = std::any_of(response.values().begin(), response.values().end(),
                                       [](const v1::Value& v) { return v.percentiles_size() > 0; });
  if (percentiles) {
    for (const char* heading : {"p25", "p75", "p90"}) table.headings.emplace_back(heading);
  }
  for (const char* heading : {"coverage", "note"}) table.headings.emplace_back(heading);
  for (const v1::Value& v : response.values()) {
    std::vector<std::string> row = {v.period(), v.area(), v.area_name(), v.sex(), v.age()};
    row.push_back(v.has_value() ? Number(v.value()) : "..");
    row.push_back(v.has_lower() ? Number(v.lower()) : "");
    row.push_back(v.has_upper() ? Number(v.upper()) : "");
    row.push_back(Number(v.numerator()));
    row.push_back(Number(v.denominator()));
    for (int64_t count : v.classes()) row.push_back(std::to_string(count));
    if (survey) {
      row.push_back(std::to_string(v.invited()));
      row.push_back(std::to_string(v.responded()));
      row.push_back(v.invited() == 0 ? ""
                                     : Number(100.0 * static_cast<double>(v.responded()) /
                                              static_cast<double>(v.invited())));
      row.push_back(v.has_weighted() ? Number(v.weighted()) : "");
      row.push_back(v.has_weighted_lower() ? Number(v.weighted_lower()) : "");
      row.push_back(v.has_weighted_upper() ? Number(v.weighted_upper()) : "");
    }
    for (int i = 0; percentiles && i < 3; ++i)
      row.push_back(i < v.percentiles_size() ? Number(v.percentiles(i)) : "");
    row.push_back(v.municipalities() == 0 ? ""
                                          : fmt::format("{}/{}, {} declared", v.municipalities_reporting(),
                                                        v.municipalities(), v.municipalities_declared()));
    std::string note = v.missing_reason();
    const auto add = [&](const std::string& more) { note += (note.empty() ? "" : ", ") + more; };
    if (v.provisional()) add("provisional");
    if (v.carried_forward()) add("carried forward");
    for (const std::string& text : v.notes()) add(text);
    row.push_back(note);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Status Print(const v1::GetResponse& response, Output output) {
  if (output == Output::kJson) return PrintJson(response);
  if (output == Output::kTable) {
    std::cout << fmt::format(
        "{} version {}, {}, as known at log position {} with data up to {}\n", response.indicator(),
        response.version(), response.unit(), fmt::join(response.position(), "/"),
        response.horizon().empty() ? "nowhere: there are no data yet" : response.horizon());
  }
  Print(ToTable(response), output);
  std::cout.flush();
  return {};
}

Result<std::unique_ptr<v1::Indicators::Stub>> Stub(const ClientOptions& client) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  return v1::Indicators::NewStub(channel);
}

template <typename Request, typename Response>
Result<Response> Ask(const ClientOptions& client,
                     grpc::Status (v1::Indicators::Stub::*call)(grpc::ClientContext*, const Request&,
                                                                Response*),
                     const Request& request) {
  KPR_ASSIGN_OR_RETURN(const auto stub, Stub(client));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(kCallSeconds));
  Response response;
  KPR_RETURN_IF_ERROR(FromGrpc((stub.get()->*call)(&context, request, &response), client.server));
  return response;
}

}  // namespace

Status ListIndicators(const ClientOptions& client, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::List, v1::ListRequest()));
  if (output == Output::kJson) return PrintJson(response);
  TextTable table{{"id", "version", "kind", "unit", "title", "source"}, {}};
  for (const v1::Definition& d : response.definitions()) {
    table.rows.push_back({d.id(), std::to_string(d.version()), v1::Kind_Name(d.kind()), d.unit(),
                          d.title().en(),
                          d.project_definition() ? "project definition: " + d.source() : d.source()});
  }
  Print(table, output);
  return {};
}

Status GetIndicator(const ClientOptions& client, const v1::GetRequest& request, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::Get, request));
  return Print(response, output);
}

Status WatchIndicator(const ClientOptions& client, const v1::GetRequest& request, Output output,
                      const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const auto stub, Stub(client));
  grpc::ClientContext context;
  const auto reader = stub->Watch(&context, request);
  std::atomic<bool> over = false;
  std::thread canceller([&] {
    while (!over && !stop) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (stop) context.TryCancel();
  });
  v1::GetResponse response;
  while (reader->Read(&response)) (void)Print(response, output).ok();
  over = true;
  canceller.join();
  const grpc::Status status = reader->Finish();
  return stop ? Status() : FromGrpc(status, client.server);
}

Status ExplainIndicator(const ClientOptions& client, const v1::ExplainRequest& request, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::Explain, request));
  if (output == Output::kJson) return PrintJson(response);
  TextTable table{{"subject", "numerator", "denominator", "class", "events"}, {}};
  for (const v1::Contribution& c : response.contributions()) {
    table.rows.push_back({c.subject(), Number(c.numerator()), Number(c.denominator()), c.class_id(),
                          fmt::format("{}", fmt::join(c.event_ids(), " "))});
  }
  if (output == Output::kTable) {
    const v1::Value& v = response.value();
    std::cout << fmt::format("{} {} {} {}: {} from {} subjects, {} shown\n", request.indicator(), v.period(),
                             v.area(), v.area_name(), v.has_value() ? Number(v.value()) : v.missing_reason(),
                             response.subjects(), response.contributions_size());
  }
  Print(table, output);
  return {};
}

Status ShowRevisions(const ClientOptions& client, const v1::RevisionsRequest& request, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::Revisions, request));
  if (output == Output::kJson) return PrintJson(response);
  TextTable table{{"came on", "old", "new", "numerator", "denominator", "events", "event ids"}, {}};
  for (const v1::Revision& r : response.revisions()) {
    const auto value = [](const v1::Value& v) {
      return v.has_value() ? Number(v.value()) : v.missing_reason();
    };
    table.rows.push_back(
        {r.day(), value(r.old()), value(r.new_()),
         fmt::format("{} -> {}", Number(r.old().numerator()), Number(r.new_().numerator())),
         fmt::format("{} -> {}", Number(r.old().denominator()), Number(r.new_().denominator())),
         std::to_string(r.events()), fmt::format("{}", fmt::join(r.event_ids(), " "))});
  }
  if (output == Output::kTable)
    std::cout << fmt::format("{} version {} {}\n", response.indicator(), response.version(),
                             request.period());
  Print(table, output);
  return {};
}

Status CompareMunicipalities(const ClientOptions& client, const v1::CompareRequest& request, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::Compare, request));
  if (output == Output::kJson) return PrintJson(response);
  if (output == Output::kTable) {
    std::cout << fmt::format(
        "{} version {} {}, {}: country {}; dispersion {} (1 is chance alone). Ratios are observed / expected "
        "at the "
        "country's rates by sex and age.\n",
        response.indicator(), response.version(), response.period(), response.unit(),
        response.country().has_value() ? Number(response.country().value()) : "..",
        Number(response.dispersion()));
  }
  TextTable table{{"area", "name", "size", "value", "lower", "upper", "peers", "before", "ratio",
                   "limits 95 %", "limits 99.8 %", "shrunken", "verdict", "signals"},
                  {}};
  for (const v1::Compared& m : response.municipalities()) {
    const auto optional = [](bool has, double value) { return has ? Number(value) : std::string(".."); };
    table.rows.push_back({m.area(), m.area_name(), m.size_group(), optional(m.has_value(), m.value()),
                          optional(m.has_lower(), m.lower()), optional(m.has_upper(), m.upper()),
                          optional(m.has_peers(), m.peers()),
                          optional(m.has_previous(), m.previous()) + (m.changed_beyond_chance() ? " *" : ""),
                          Number(m.ratio()),
                          fmt::format("{}-{}", Number(m.warning_low()), Number(m.warning_high())),
                          fmt::format("{}-{}", Number(m.alarm_low()), Number(m.alarm_high())),
                          Number(m.shrunken()), m.verdict(), fmt::format("{}", fmt::join(m.signals(), " "))});
  }
  Print(table, output);
  return {};
}

Status ShowStatus(const ClientOptions& client, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, Ask(client, &v1::Indicators::Stub::Status, v1::StatusRequest()));
  if (output == Output::kJson) return PrintJson(response);
  if (output == Output::kTable) {
    std::cout << fmt::format("data up to {}, {} events, {} MiB of disk free, catalogue {}\n",
                             response.horizon().empty() ? "nowhere yet" : response.horizon(),
                             response.accepting() ? "takes" : "REFUSES", response.disk_free_bytes() >> 20,
                             response.catalogue());
  }
  TextTable table{{"partition", "log end", "applied", "behind", "error", "state"}, {}};
  for (const auto& p : response.partitions()) {
    table.rows.push_back(
        {std::to_string(p.partition()), std::to_string(p.log_end()), std::to_string(p.applied()),
         std::to_string(p.log_end() < p.applied() ? 0 : p.log_end() - p.applied()), p.error(), p.state()});
  }
  Print(table, output);
  return {};
}

}  // namespace kpr
