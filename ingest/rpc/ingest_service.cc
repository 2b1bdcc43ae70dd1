#include "ingest/rpc/ingest_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "ingest/rpc/finding_text.h"
#include "ingest/rpc/submit_reactor.h"
#include "registry/apply/convert.h"
#include "registry/apply/finding_codec.h"

namespace kpr {
namespace {

constexpr std::chrono::seconds kChainWait{10};
constexpr std::chrono::milliseconds kFollowWait{500};
constexpr int kReportedFindings = 10'000;

grpc::Status Denied(const Status& status) {
  return {grpc::StatusCode::PERMISSION_DENIED, status.message()};
}

void FillStanding(const Chain& chain, v1::StandingResponse* response) {
  response->set_events(chain.events());
  response->set_gaps(chain.gaps());
  if (chain.runs().empty()) return;
  if (chain.begins_at_start()) {
    response->set_unbroken_sequence(chain.runs().front().last_sequence);
    response->set_unbroken_event_id(chain.runs().front().last_event.ToString());
  }
  response->set_highest_sequence(chain.runs().back().last_sequence);
  response->set_highest_event_id(chain.runs().back().last_event.ToString());
}

// "g7.12.0.7": the registry's generation and the next feedback number in each partition. A registry that was
// rebuilt numbers anew, so a cursor of another generation starts over: told twice is better than not told.
struct Cursor {
  uint64_t generation = 0;
  std::vector<uint64_t> next;
  std::string ToString() const { return fmt::format("g{}.{}", generation, fmt::join(next, ".")); }
};

std::optional<Cursor> ParseCursor(const std::string& text, uint64_t generation, uint32_t partitions) {
  Cursor cursor{generation, std::vector<uint64_t>(partitions, 0)};
  if (text.empty()) return cursor;
  std::vector<uint64_t> numbers;
  for (size_t at = text[0] == 'g' ? 1 : text.size(); at < text.size();) {
    const size_t end = std::min(text.find('.', at), text.size());
    const std::string part = text.substr(at, end - at);
    if (part.empty() || part.size() > 19 || part.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
    numbers.push_back(std::stoull(part));
    at = end + 1;
  }
  if (numbers.empty()) return std::nullopt;
  if (numbers[0] != generation) return cursor;
  if (numbers.size() != partitions + 1) return std::nullopt;
  cursor.next.assign(numbers.begin() + 1, numbers.end());
  return cursor;
}

// Counts a feedback stream in while it lives.
class FollowerSeat {
 public:
  FollowerSeat(std::atomic<int>* taken, Gate* gate, const std::string& sender)
      : taken_(taken), gate_(gate), sender_(sender), status_(gate->Enter(sender)) {
    entered_ = status_.ok();
    if (++*taken_ > limits::kFollowers && entered_) status_ = Exhausted("too many feedback streams are open");
  }
  ~FollowerSeat() {
    --*taken_;
    if (entered_) gate_->Leave(sender_);
  }
  const Status& status() const { return status_; }

 private:
  std::atomic<int>* taken_;
  Gate* gate_;
  std::string sender_;
  Status status_;
  bool entered_ = false;
};

}  // namespace

grpc::Status AskAnotherNode() {
  return ToGrpc(Unavailable("this node only takes events: ask a query node (kpr ... --server)"));
}

IngestService::IngestService(IngestServiceOptions options) : options_(options) {}

grpc::ServerBidiReactor<v1::EventBatch, v1::Receipt>* IngestService::Submit(
    grpc::CallbackServerContext* context) {
  return NewSubmitReactor(this, context);
}

// Ticks are idempotent: that several batches, or several nodes, tell the same day is harmless.
void IngestService::AddTick(Date data_day, LogBatch* batch) {
  if (data_day.days <= horizon_days_) return;
  v1::LogRecord record;
  record.mutable_tick()->set_horizon_days(data_day.days);
  const std::string bytes = record.SerializeAsString();
  for (uint32_t partition = 0; partition < options_.log->partitions(); ++partition)
    batch->Add(partition, bytes);
}

void IngestService::TickDurable(Date data_day) {
  int32_t told = horizon_days_;
  while (told < data_day.days && !horizon_days_.compare_exchange_weak(told, data_day.days)) continue;
}

grpc::Status IngestService::Standing(grpc::ServerContext* context, const v1::StandingRequest* request,
                                     v1::StandingResponse* response) {
  const auto sender = options_.gate->Identify(*context, request->sender());
  if (!sender.ok()) return Denied(sender.status());
  const auto chain = options_.chains->SenderChain(*sender, kChainWait);
  if (!chain.ok()) return ToGrpc(chain.status());
  FillStanding(*chain, response);
  return grpc::Status::OK;
}

grpc::Status IngestService::Feedback(grpc::ServerContext* context, const v1::FeedbackRequest* request,
                                     grpc::ServerWriter<v1::FeedbackItem>* writer) {
  const auto sender = options_.gate->Identify(*context, request->sender());
  if (!sender.ok()) return Denied(sender.status());
  if (options_.view == nullptr) return AskAnotherNode();
  if (const Status ready = options_.view->Ready(); !ready.ok()) return ToGrpc(ready);
  const FollowerSeat seat(&followers_, options_.gate, *sender);
  if (!seat.status().ok()) return ToGrpc(seat.status());
  const RegisterView& registry = *options_.view;
  auto cursor = ParseCursor(request->cursor(), registry.generation(), registry.partitions());
  if (!cursor) return ToGrpc(Invalid("cursor: expected one that an earlier item gave, or none"));
  const uint32_t number = SenderNumber(*sender);
  for (uint64_t seen = 0; !context->IsCancelled() && !options_.gate->closed();) {
    // A partition that moved to another worker numbers anew.
    if (registry.generation() != cursor->generation)
      cursor = Cursor{registry.generation(), std::vector<uint64_t>(registry.partitions(), 0)};
    for (uint32_t partition = 0; partition < registry.partitions(); ++partition) {
      bool open = true;
      const Status status = registry.store(partition).ScanRange(
          Table::kFeedback, EncodeFeedbackKey(number, cursor->next[partition]),
          EncodeFeedbackKey(number, UINT64_MAX), [&](std::string_view key, std::string_view value) {
            cursor->next[partition] = FeedbackNumber(key) + 1;
            TimelineFinding finding;
            if (value.empty() || !DecodeFindingKey(value.substr(1), &finding)) return true;
            v1::FeedbackItem item;
            item.set_cursor(cursor->ToString());
            item.set_withdrawn(value[0] != 0);
            *item.mutable_finding() = ToProto(finding);
            return open = writer->Write(item);
          });
      if (!status.ok()) return ToGrpc(status);
      if (!open) return grpc::Status::OK;
    }
    if (!request->follow()) return grpc::Status::OK;
    seen = registry.WaitForChange(seen, kFollowWait);
  }
  return grpc::Status::OK;
}

grpc::Status IngestService::DataQuality(grpc::ServerContext* context, const v1::DataQualityRequest* request,
                                        v1::DataQualityReport* report) {
  const auto sender = options_.gate->Identify(*context, request->sender());
  if (!sender.ok()) return Denied(sender.status());
  if (options_.view == nullptr) return AskAnotherNode();
  if (const Status ready = options_.view->Ready(); !ready.ok()) return ToGrpc(ready);
  const auto chain = options_.chains->SenderChain(*sender, kChainWait);
  if (!chain.ok()) return ToGrpc(chain.status());
  FillStanding(*chain, report->mutable_standing());
  const auto& runs = chain->runs();
  for (size_t i = 0; i < runs.size() && report->gaps_size() < kReportedFindings; ++i) {
    if (i == 0 && chain->begins_at_start()) continue;
    v1::ChainGap* gap = report->add_gaps();
    gap->set_after_sequence(i == 0 ? 0 : runs[i - 1].last_sequence);
    gap->set_before_sequence(runs[i].first_sequence);
    gap->set_expected_event_id(runs[i].first_previous.ToString());
  }
  const auto month = [](int32_t number) { return Period{PeriodKind::kMonth, number}.ToString(); };
  for (const Chain::Mismatch& mismatch : chain->Mismatches()) {
    v1::ControlTotal* total = report->add_control_totals();
    total->set_municipality(mismatch.declared.municipality.ToString());
    total->set_first_month(month(mismatch.declared.first_month));
    total->set_last_month(month(mismatch.declared.last_month));
    total->set_declared(mismatch.declared.events);
    total->set_received(mismatch.received);
  }
  std::map<std::string, uint64_t> counts;
  const std::string mine = SenderPrefix(SenderNumber(*sender));
  for (uint32_t partition = 0; partition < options_.view->partitions(); ++partition) {
    const auto moment = options_.view->store(partition).Moment();
    if (!moment.ok()) return ToGrpc(moment.status());
    const Status status =
        (*moment)->ScanRange(Table::kFindings, mine, "", [&](std::string_view key, std::string_view) {
          if (!key.starts_with(mine)) return false;
          TimelineFinding finding;
          if (!DecodeFindingKey(key, &finding)) return true;
          v1::Finding proto = ToProto(finding);
          ++counts[proto.code()];
          if (report->findings_size() < kReportedFindings) *report->add_findings() = std::move(proto);
          return true;
        });
    if (!status.ok()) return ToGrpc(status);
  }
  for (const auto& [code, count] : counts) {
    report->add_counts()->set_code(code);
    report->mutable_counts()->rbegin()->set_count(count);
  }
  return grpc::Status::OK;
}

}  // namespace kpr
