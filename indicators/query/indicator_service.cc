#include "indicators/query/indicator_service.h"

#include <chrono>
#include <thread>

#include "base/limits.h"
#include "base/rpc/peer.h"

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kWatchPause{250};

class Timer {
 public:
  explicit Timer(Probe* probe) : probe_(probe) {}
  ~Timer() {
    probe_->QueryAnswered(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count());
  }

 private:
  Probe* probe_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

template <typename Response>
grpc::Status Give(Result<Response> result, Response* response) {
  if (!result.ok()) return ToGrpc(result.status());
  *response = std::move(*result);
  return grpc::Status::OK;
}

}  // namespace

grpc::Status IndicatorService::CheckReader(const grpc::ServerContext& context) const {
  const auto peer = PeerOf(context);
  if (peer.ok() && options_.may_read(peer->name)) return grpc::Status::OK;
  options_.probe->CallRefused();
  return {grpc::StatusCode::PERMISSION_DENIED, "the caller is not among the readers of the policy"};
}

grpc::Status IndicatorService::List(grpc::ServerContext* context, const v1::ListRequest*,
                                    v1::ListResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  *response = options_.query->List();
  return grpc::Status::OK;
}

grpc::Status IndicatorService::Get(grpc::ServerContext* context, const v1::GetRequest* request,
                                   v1::GetResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  const Timer timer(options_.probe);
  return Give(options_.query->Get(*request), response);
}

grpc::Status IndicatorService::Watch(grpc::ServerContext* context, const v1::GetRequest* request,
                                     grpc::ServerWriter<v1::GetResponse>* writer) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  struct Seat {
    std::atomic<int>& taken;
    ~Seat() { --taken; }
  };
  if (++watchers_ > static_cast<int>(limits::kWatchers)) {
    --watchers_;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watches are open"};
  }
  const Seat seat{watchers_};
  std::string last;
  for (uint64_t seen = 0; !context->IsCancelled() && !closing_;) {
    auto answer = options_.query->Get(*request);
    if (!answer.ok()) return ToGrpc(answer.status());
    v1::GetResponse values = *answer;
    values.clear_position();  // moves with every event; only figures count as a change
    values.clear_fresh_at_ms();
    std::string bytes = values.SerializeAsString();
    if (bytes != last) {
      last = std::move(bytes);
      if (!writer->Write(*answer)) break;
    }
    std::this_thread::sleep_for(kWatchPause);
    for (uint64_t now = seen; now == seen && !context->IsCancelled() && !closing_;) {
      now = options_.registry->WaitForChange(seen, kWatchPause);
      if (now != seen) {
        seen = now;
        break;
      }
    }
  }
  return closing_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is draining") : grpc::Status::OK;
}

grpc::Status IndicatorService::Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                                       v1::ExplainResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  return Give(options_.query->Explain(*request), response);
}

grpc::Status IndicatorService::Revisions(grpc::ServerContext* context, const v1::RevisionsRequest* request,
                                         v1::RevisionsResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  return Give(options_.query->Revisions(*request), response);
}

grpc::Status IndicatorService::Compare(grpc::ServerContext* context, const v1::CompareRequest* request,
                                       v1::CompareResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  const Timer timer(options_.probe);
  return Give(options_.query->Compare(*request), response);
}

grpc::Status IndicatorService::Status(grpc::ServerContext* context, const v1::StatusRequest*,
                                      v1::StatusResponse* response) {
  if (const auto status = CheckReader(*context); !status.ok()) return status;
  const Date horizon = options_.registry->horizon();
  if (horizon.days != 0) response->set_horizon(horizon.ToString());
  for (uint32_t i = 0; i < options_.registry->partitions(); ++i) {
    v1::PartitionStatus* partition = response->add_partitions();
    partition->set_partition(i);
    partition->set_applied(options_.registry->store(i).next_offset());
    partition->set_log_end(options_.log->End(i));
    partition->set_error(options_.registry->error(i).message());
  }
  response->set_fresh_at_ms(options_.registry->FreshAtMs());
  response->set_disk_free_bytes(options_.space_guard->FreeBytes());
  response->set_accepting(options_.log->Accepting().ok());
  response->set_catalogue(options_.plan->Get()->catalogue.hash);
  return grpc::Status::OK;
}

}  // namespace kpr
