#include "app/feedback_command.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <thread>

#include "app/table.h"
#include "kpr/v1/ingest.grpc.pb.h"

namespace kpr {

Status ShowFeedback(const ClientOptions& client, const std::string& sender, const std::string& cursor,
                    bool follow, const std::atomic<bool>& stop) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Ingest::NewStub(channel);
  v1::FeedbackRequest request;
  if (client.certificate.empty()) request.set_sender(sender);
  request.set_cursor(cursor);
  request.set_follow(follow);
  grpc::ClientContext context;
  const auto reader = stub->Feedback(&context, request);
  std::atomic<bool> over = false;
  std::thread canceller([&] {
    while (!over && !stop) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (stop) context.TryCancel();
  });
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  v1::FeedbackItem item;
  while (reader->Read(&item)) {
    std::string line;
    if (google::protobuf::util::MessageToJsonString(item, &line, json).ok()) std::cout << line << std::endl;
  }
  over = true;
  canceller.join();
  const grpc::Status status = reader->Finish();
  return stop ? Status() : FromGrpc(status, client.server);
}

Status ShowQuality(const ClientOptions& client, const std::string& sender, Output output) {
  KPR_ASSIGN_OR_RETURN(const auto channel, Connect(client));
  const auto stub = v1::Ingest::NewStub(channel);
  grpc::ClientContext context;
  v1::DataQualityRequest request;
  if (client.certificate.empty()) request.set_sender(sender);
  v1::DataQualityReport report;
  KPR_RETURN_IF_ERROR(FromGrpc(stub->DataQuality(&context, request, &report), client.server));
  if (output == Output::kJson) {
    std::string text;
    google::protobuf::util::JsonPrintOptions json;
    json.preserve_proto_field_names = true;
    json.add_whitespace = true;
    if (google::protobuf::util::MessageToJsonString(report, &text, json).ok()) std::cout << text;
    return {};
  }
  const auto& standing = report.standing();
  if (output == Output::kTable) {
    std::cout << fmt::format("{} events; unbroken up to sequence {}, highest {}, {} gaps\n",
                             standing.events(), standing.unbroken_sequence(), standing.highest_sequence(),
                             standing.gaps());
  }
  TextTable table{{"finding", "count"}, {}};
  for (const auto& gap : report.gaps()) {
    table.rows.push_back(
        {fmt::format("CHAIN_GAP between {} and {}", gap.after_sequence(), gap.before_sequence()), "1"});
  }
  for (const auto& total : report.control_totals()) {
    table.rows.push_back(
        {fmt::format("CONTROL_TOTAL {} {} to {}: declared {}, received {}", total.municipality(),
                     total.first_month(), total.last_month(), total.declared(), total.received()),
         "1"});
  }
  for (const auto& count : report.counts())
    table.rows.push_back({count.code(), std::to_string(count.count())});
  output == Output::kCsv ? PrintCsv(table, &std::cout) : PrintTable(table, &std::cout);
  return {};
}

}  // namespace kpr
