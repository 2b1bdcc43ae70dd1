#include "app/commands/feedback_command.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <charconv>
#include <iostream>
#include <optional>
#include <thread>

#include "kpr/v1/ingest.grpc.pb.h"

namespace kpr {

Status ShowFeedback(const ClientOptions& client, const std::string& sender, const std::string& cursor,
                    bool follow, const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Ingest::NewStub(channel);
  v1::WatchFindingsRequest request;
  if (client.certificate.empty()) request.set_sender(sender);
  request.set_cursor(cursor);
  request.set_follow(follow);
  grpc::ClientContext context;
  const auto reader = stub->WatchFindings(&context, request);
  std::atomic<bool> over = false;
  std::thread canceller([&] {
    while (!over && !stop) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (stop) context.TryCancel();
  });
  v1::FindingChange change;
  while (reader->Read(&change)) PrintJsonLine(change);
  over = true;
  canceller.join();
  const grpc::Status status = reader->Finish();
  return stop ? Status() : FromGrpc(status, client.server);
}

namespace {

// "17-19".
std::optional<std::pair<uint64_t, uint64_t>> ParseRange(const std::string& text) {
  uint64_t after = 0, before = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, after);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, before);
  if (second.ec != std::errc() || second.ptr != end || before <= after) return std::nullopt;
  return std::pair(after, before);
}

void PrintChain(const v1::SubmissionState& state) {
  std::cout << fmt::format("{}; contiguous up to sequence {}, highest {}, {}\n",
                           Plural(state.events(), "event"), state.contiguous_sequence(),
                           state.highest_sequence(), Plural(state.gaps(), "gap"));
}

}  // namespace

Status ShowGaps(const ClientOptions& client, const std::string& sender, const std::string& close,
                Output output) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Ingest::NewStub(channel);
  grpc::ClientContext context;
  v1::SubmissionState state;
  if (close.empty()) {
    v1::GetSubmissionStateRequest request;
    if (client.certificate.empty()) request.set_sender(sender);
    KPR_RETURN_IF_ERROR(FromGrpc(stub->GetSubmissionState(&context, request, &state), client.server));
  } else {
    const auto range = ParseRange(close);
    if (!range)
      return Invalid("--close: expected AFTER-BEFORE, two sequences as 'kpr gaps' shows them, e.g. 17-19");
    v1::CloseChainGapsRequest request;
    if (client.certificate.empty()) request.set_sender(sender);
    request.set_after_sequence(range->first);
    request.set_before_sequence(range->second);
    KPR_RETURN_IF_ERROR(FromGrpc(stub->CloseChainGaps(&context, request, &state), client.server));
  }
  if (output == Output::kJson) {
    PrintJson(state);
    return {};
  }
  if (output == Output::kTable) PrintChain(state);
  TextTable table{{"after", "before", "missing", "expected event"}, {}};
  for (const v1::ChainGap& gap : state.missing()) {
    table.rows.push_back({std::to_string(gap.after_sequence()), std::to_string(gap.before_sequence()),
                          std::to_string(gap.before_sequence() - gap.after_sequence() - 1),
                          gap.expected_event_id()});
  }
  Print(table, output);
  return {};
}

Status ShowQuality(const ClientOptions& client, const std::string& sender, const std::string& municipality,
                   Output output) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Ingest::NewStub(channel);
  grpc::ClientContext context;
  v1::GetDataQualityReportRequest request;
  if (client.certificate.empty()) request.set_sender(sender);
  request.set_municipality(municipality);
  v1::DataQualityReport report;
  KPR_RETURN_IF_ERROR(FromGrpc(stub->GetDataQualityReport(&context, request, &report), client.server));
  if (output == Output::kJson) {
    PrintJson(report);
    return {};
  }
  const v1::SubmissionState& state = report.submission();
  if (output == Output::kTable && municipality.empty()) {
    PrintChain(state);
  }
  TextTable table{{"finding", "count"}, {}};
  for (const v1::ChainGap& gap : report.gaps()) {
    table.rows.push_back(
        {fmt::format("CHAIN_GAP between {} and {}", gap.after_sequence(), gap.before_sequence()), "1"});
  }
  for (const v1::ControlTotal& total : report.control_totals()) {
    table.rows.push_back(
        {fmt::format("CONTROL_TOTAL {} {} to {}: declared {}, received {}", total.municipality(),
                     total.first_month(), total.last_month(), total.declared(), total.received()),
         "1"});
  }
  for (const v1::FindingCount& count : report.counts())
    table.rows.push_back({count.code(), std::to_string(count.count())});
  Print(table, output);
  return {};
}

}  // namespace kpr
