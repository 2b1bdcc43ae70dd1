// The Indicators service over gRPC: thin, on gRPC's own threads. The call guard has decided who may call;
// here it is decided which areas a call may be about.
#pragma once

#include <atomic>

#include "access/audit.h"
#include "access/authorizer.h"
#include "base/fair_queue.h"
#include "base/probe.h"
#include "base/swappable.h"
#include "indicators/query/query.h"
#include "indicators/rpc/paged_tables.h"
#include "indicators/rpc/watches.h"
#include "kpr/v1/indicator.grpc.pb.h"

namespace kpr {

struct IndicatorServiceOptions {
  const Query* query = nullptr;
  const RegistryReader* registry = nullptr;
  const Authorizer* authorizer = nullptr;
  Probe* probe = nullptr;
  const Swappable<MunicipalityData>* municipality_data = nullptr;
  Audit* audit = nullptr;  // what tells of persons is given only when it is recorded there
};

class IndicatorService : public v1::Indicators::Service {
 public:
  explicit IndicatorService(IndicatorServiceOptions options);
  // Ends open watches; no new ones.
  void Close() { closing_ = true; }

  grpc::Status ListIndicators(grpc::ServerContext* context, const v1::ListIndicatorsRequest* request,
                              v1::ListIndicatorsResponse* response) override;
  grpc::Status GetIndicatorValues(grpc::ServerContext* context, const v1::GetIndicatorValuesRequest* request,
                                  v1::IndicatorTable* response) override;
  grpc::Status WatchIndicatorValues(grpc::ServerContext* context,
                                    const v1::GetIndicatorValuesRequest* request,
                                    grpc::ServerWriter<v1::IndicatorTable>* writer) override;
  grpc::Status ExplainIndicatorValue(grpc::ServerContext* context,
                                     const v1::ExplainIndicatorValueRequest* request,
                                     v1::IndicatorExplanation* response) override;
  grpc::Status ListIndicatorRevisions(grpc::ServerContext* context,
                                      const v1::ListIndicatorRevisionsRequest* request,
                                      v1::ListIndicatorRevisionsResponse* response) override;
  grpc::Status CompareMunicipalities(grpc::ServerContext* context,
                                     const v1::CompareMunicipalitiesRequest* request,
                                     v1::MunicipalityComparison* response) override;
  grpc::Status GetMunicipalityAttributes(grpc::ServerContext* context,
                                         const v1::GetMunicipalityAttributesRequest* request,
                                         v1::MunicipalityAttributes* response) override;

 private:
  // Of the watch, computed in the caller's turn where it is too old.
  Result<std::shared_ptr<const WatchedAnswer>> Newest(grpc::ServerContext* context,
                                                      const v1::GetIndicatorValuesRequest& request,
                                                      uint64_t change, Watch* watch);

  IndicatorServiceOptions options_;
  PagedTables tables_;
  FairQueue answers_;  // of what is read from cells
  FairQueue scans_;    // of what reads every timeline
  Watches watches_;
  std::atomic<bool> closing_ = false;
};

}  // namespace kpr
