// The Indicators service over gRPC: thin, on gRPC's own threads.
#pragma once

#include <atomic>
#include <functional>

#include "base/probe.h"
#include "indicators/query/query.h"
#include "kpr/v1/indicator.grpc.pb.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"

namespace kpr {

struct IndicatorServiceOptions {
  const Query* query = nullptr;
  const RegisterView* registry = nullptr;
  EventLog* log = nullptr;
  const SpaceGuard* space_guard = nullptr;
  const PlanHolder* plan = nullptr;
  Probe* probe = nullptr;
  // Whether a caller may see live values; the name is empty on plaintext.
  std::function<bool(const std::string& name)> may_read;
};

class IndicatorService : public v1::Indicators::Service {
 public:
  explicit IndicatorService(IndicatorServiceOptions options) : options_(std::move(options)) {}
  // Ends open watches; no new ones.
  void Close() { closing_ = true; }

  grpc::Status List(grpc::ServerContext* context, const v1::ListRequest*,
                    v1::ListResponse* response) override;
  grpc::Status Get(grpc::ServerContext* context, const v1::GetRequest* request,
                   v1::GetResponse* response) override;
  grpc::Status Watch(grpc::ServerContext* context, const v1::GetRequest* request,
                     grpc::ServerWriter<v1::GetResponse>* writer) override;
  grpc::Status Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                       v1::ExplainResponse* response) override;
  grpc::Status Revisions(grpc::ServerContext* context, const v1::RevisionsRequest* request,
                         v1::RevisionsResponse* response) override;
  grpc::Status Compare(grpc::ServerContext* context, const v1::CompareRequest* request,
                       v1::CompareResponse* response) override;
  grpc::Status Status(grpc::ServerContext* context, const v1::StatusRequest*,
                      v1::StatusResponse* response) override;

 private:
  grpc::Status CheckReader(const grpc::ServerContext& context) const;

  IndicatorServiceOptions options_;
  std::atomic<int> watchers_ = 0;
  std::atomic<bool> closing_ = false;
};

}  // namespace kpr
