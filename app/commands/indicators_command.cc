#include "app/commands/indicators_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <thread>

#include "app/commands/ask.h"
#include "app/commands/indicator_output.h"
#include "kpr/v1/indicator.grpc.pb.h"
#include "kpr/v1/operations.grpc.pb.h"

namespace kpr {
namespace {

using IndicatorsStub = v1::Indicators::Stub;

// Asks for page after page and gives each one to `f`.
template <typename Request, typename Response>
Status ForEachPage(const ClientOptions& client,
                   grpc::Status (IndicatorsStub::*call)(grpc::ClientContext*, const Request&, Response*),
                   Request request, const std::function<void(const Response&)>& f) {
  do {
    KPR_ASSIGN_OR_RETURN(const Response page,
                         (Ask<v1::Indicators, Request, Response>(client, call, request)));
    f(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return {};
}

std::string OptionalNumber(bool has, double value) {
  return has ? Number(value) : "..";
}

std::string StateText(v1::PartitionStatus::State state) {
  std::string text = WithoutPrefix(v1::PartitionStatus::State_Name(state), "STATE_");
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

std::string SignalsText(const v1::AreaComparison& area) {
  std::string text;
  for (const int signal : area.signals()) {
    text += (text.empty() ? "" : " ") +
            WithoutPrefix(v1::Signal_Name(static_cast<v1::Signal>(signal)), "SIGNAL_");
  }
  return text;
}

}  // namespace

Status ListIndicators(const ClientOptions& client, Output output) {
  v1::ListIndicatorsResponse all;
  KPR_RETURN_IF_ERROR((ForEachPage<v1::ListIndicatorsRequest, v1::ListIndicatorsResponse>(
      client, &IndicatorsStub::ListIndicators, {}, [&](const auto& page) { all.MergeFrom(page); })));
  all.clear_next_page_token();
  if (output == Output::kJson) {
    PrintJson(all);
    return {};
  }
  TextTable table{{"id", "version", "kind", "unit", "title", "source"}, {}};
  for (const v1::Definition& d : all.definitions()) {
    table.rows.push_back(
        {d.id(), std::to_string(d.version()), WithoutPrefix(v1::Kind_Name(d.kind()), "KIND_"), d.unit(),
         d.title().en(),
         d.project_definition() ? "project definition: " + d.source().en() : d.source().en()});
  }
  Print(table, output);
  return {};
}

Result<v1::IndicatorTable> ReadIndicator(const ClientOptions& client,
                                         const v1::GetIndicatorValuesRequest& request) {
  v1::IndicatorTable all;
  KPR_RETURN_IF_ERROR((ForEachPage<v1::GetIndicatorValuesRequest, v1::IndicatorTable>(
      client, &IndicatorsStub::GetIndicatorValues, request, [&](const v1::IndicatorTable& page) {
        if (all.indicator().empty()) {
          all = page;
        } else {
          all.mutable_rows()->MergeFrom(page.rows());
        }
      })));
  all.clear_next_page_token();
  return all;
}

Status GetIndicator(const ClientOptions& client, const v1::GetIndicatorValuesRequest& request,
                    Output output) {
  KPR_ASSIGN_OR_RETURN(const v1::IndicatorTable table, ReadIndicator(client, request));
  PrintTable(table, output);
  return {};
}

Status WatchIndicator(const ClientOptions& client, const v1::GetIndicatorValuesRequest& request,
                      Output output, const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Indicators::NewStub(channel);
  grpc::ClientContext context;
  const auto reader = stub->WatchIndicatorValues(&context, request);
  std::atomic<bool> over = false;
  std::thread canceller([&] {
    while (!over && !stop) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (stop) context.TryCancel();
  });
  v1::IndicatorTable table;
  while (reader->Read(&table)) {
    PrintTable(table, output);
    std::cout.flush();  // the next may be long in coming, and the reader may be a pipe
  }
  over = true;
  canceller.join();
  const grpc::Status status = reader->Finish();
  return stop ? Status() : FromGrpc(status, client.server);
}

// All of them for machines; on a screen the first, and how many more.
template <typename Ids>
std::string EventsText(const Ids& ids, Output output) {
  if (output != Output::kTable || ids.size() < 2) return fmt::format("{}", fmt::join(ids, " "));
  return fmt::format("{} +{}", ids.Get(0), ids.size() - 1);
}

Status ExplainIndicator(const ClientOptions& client, const v1::ExplainIndicatorValueRequest& request,
                        Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response,
                       (Ask<v1::Indicators>(client, &IndicatorsStub::ExplainIndicatorValue, request)));
  if (output == Output::kJson) {
    PrintJson(response);
    return {};
  }
  TextTable table{{"subject", "numerator", "denominator", "classes", "events"}, {}};
  for (const v1::SubjectContribution& c : response.contributions()) {
    table.rows.push_back({c.subject(), Number(c.numerator()), Number(c.denominator()),
                          fmt::format("{}", fmt::join(c.classes(), ",")), EventsText(c.event_ids(), output)});
  }
  if (output == Output::kTable) {
    const v1::Row& row = response.row();
    std::cout << fmt::format("{} {} {} {}: {} from {}, {} shown\n", request.indicator(), row.period(),
                             row.area().code(), row.area().name().nb(), ValueText(row),
                             Plural(response.subjects(), "subject"), response.contributions_size());
  }
  Print(table, output);
  return {};
}

Status ShowRevisions(const ClientOptions& client, const v1::ListIndicatorRevisionsRequest& request,
                     Output output) {
  v1::ListIndicatorRevisionsResponse all;
  KPR_RETURN_IF_ERROR((ForEachPage<v1::ListIndicatorRevisionsRequest, v1::ListIndicatorRevisionsResponse>(
      client, &IndicatorsStub::ListIndicatorRevisions, request,
      [&](const auto& page) { all.MergeFrom(page); })));
  all.clear_next_page_token();
  if (output == Output::kJson) {
    PrintJson(all);
    return {};
  }
  TextTable table{{"arrived on", "old", "new", "numerator", "denominator", "events", "event ids"}, {}};
  for (const v1::Revision& r : all.revisions()) {
    table.rows.push_back(
        {r.day(), ValueText(r.old()), ValueText(r.new_()),
         fmt::format("{} -> {}", Number(r.old().numerator()), Number(r.new_().numerator())),
         fmt::format("{} -> {}", Number(r.old().denominator()), Number(r.new_().denominator())),
         std::to_string(r.events()), EventsText(r.event_ids(), output)});
  }
  if (output == Output::kTable)
    std::cout << fmt::format("{} version {} {}\n", all.indicator(), all.version(), request.period());
  Print(table, output);
  return {};
}

Status CompareMunicipalities(const ClientOptions& client, const v1::CompareMunicipalitiesRequest& request,
                             Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response,
                       (Ask<v1::Indicators>(client, &IndicatorsStub::CompareMunicipalities, request)));
  if (output == Output::kJson) {
    PrintJson(response);
    return {};
  }
  if (output == Output::kTable) {
    std::cout << fmt::format(
        "{} version {} {}, {}: country {}; dispersion {} (1 is chance alone). Ratios are observed / expected "
        "at the country's rates by sex and age{}.\n",
        response.indicator(), response.version(), response.period(), response.unit(),
        ValueText(response.country()), Number(response.dispersion()),
        response.adjust_by().empty()
            ? ""
            : fmt::format(", and by {} (attributes {})", fmt::join(response.adjust_by(), ", "),
                          response.attributes()));
  }
  TextTable table{{"area", "name", "group", "value", "lower", "upper", "group value", "before", "ratio",
                   "limits 95 %", "limits 99.8 %", "shrunken ratio", "status", "signals"},
                  {}};
  for (const v1::AreaComparison& m : response.municipalities()) {
    const v1::Row& row = m.row();
    const v1::Estimate* value = FindEstimate(row, v1::ESTIMATE_NAME_VALUE);
    table.rows.push_back(
        {row.area().code(), row.area().name().nb(), m.group(),
         OptionalNumber(value != nullptr, value == nullptr ? 0 : value->value()),
         OptionalNumber(value != nullptr && value->has_lower(), value == nullptr ? 0 : value->lower()),
         OptionalNumber(value != nullptr && value->has_upper(), value == nullptr ? 0 : value->upper()),
         OptionalNumber(m.has_group_value(), m.group_value()),
         OptionalNumber(m.has_previous(), m.previous()) + (m.changed_beyond_chance() ? " *" : ""),
         Number(m.ratio()), fmt::format("{}-{}", Number(m.warning_low()), Number(m.warning_high())),
         fmt::format("{}-{}", Number(m.alarm_low()), Number(m.alarm_high())), Number(m.shrunken_ratio()),
         WithoutPrefix(v1::OutlierStatus_Name(m.outlier_status()), "OUTLIER_STATUS_"), SignalsText(m)});
  }
  Print(table, output);
  return {};
}

Status ShowStatus(const ClientOptions& client, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto response, (Ask<v1::Operations>(client, &v1::Operations::Stub::GetStatus,
                                                                 v1::GetStatusRequest())));
  if (output == Output::kJson) {
    PrintJson(response);
    return {};
  }
  if (output == Output::kTable) {
    std::cout << fmt::format("{}, {} events, {} MiB of disk free, catalogue {}, code lists {}\n",
                             response.horizon().empty() ? "no data yet" : "data up to " + response.horizon(),
                             response.accepting() ? "takes" : "REFUSES", response.disk_free_bytes() >> 20,
                             response.catalogue(), response.code_lists());
  }
  TextTable table{{"partition", "log end", "applied", "behind", "error", "state", "opened at", "quarantined"},
                  {}};
  for (const v1::PartitionStatus& p : response.partitions()) {
    const bool worker = p.state() != v1::PartitionStatus::STATE_UNSPECIFIED;
    table.rows.push_back(
        {std::to_string(p.partition()), std::to_string(p.log_end()), std::to_string(p.applied()),
         std::to_string(p.log_end() < p.applied() ? 0 : p.log_end() - p.applied()), p.error(),
         worker ? StateText(p.state()) : "", worker ? std::to_string(p.opened_at()) : "",
         std::to_string(p.quarantined_records())});
  }
  Print(table, output);
  return {};
}

}  // namespace kpr
