// The services of a node over gRPC, as its role has them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>

#include "access/access_service.h"
#include "access/authorizer.h"
#include "app/config.h"
#include "app/node.h"
#include "extracts/rpc/extract_service.h"
#include "indicators/rpc/indicator_service.h"
#include "indicators/rpc/publication_service.h"
#include "ingest/rpc/ingest_service.h"
#include "registry/rpc/audit_service.h"
#include "registry/rpc/operations_service.h"
#include "subject/rpc/subject_service.h"

namespace kpr {

// All outlive the services.
struct AroundServices {
  const Config* config = nullptr;
  Node* node = nullptr;
  const PlanHolder* plan = nullptr;
  const SpaceGuard* guard = nullptr;
  const Clock* clock = nullptr;
  const Authorizer* authorizer = nullptr;
  const Pseudonymizer* pseudonymizer = nullptr;
  const Swappable<Instruments>* instruments = nullptr;
  const Swappable<MunicipalityData>* municipality_data = nullptr;
  AdmissionController* admission = nullptr;
  audit::AuditLog* audit = nullptr;
  Probe* probe = nullptr;
};

class Services {
 public:
  explicit Services(const AroundServices& around);

  // kInternal: a method has no policy row.
  Status Register(grpc::ServerBuilder* builder);
  // Continues what a stop interrupted.
  void Resume();
  // Ends what is over; asked often, it looks once an hour.
  void ExpireDue();
  void BeginDrain();

 private:
  bool GivesExtracts() const;

  const AroundServices around_;
  IngestService ingest_;
  Query query_;
  IndicatorService indicators_;
  publication::PublicationOffice publication_office_;
  PublicationService publications_;
  extract::ExtractOffice extract_office_;
  ExtractService extracts_;
  SubjectDesk subject_desk_;
  SubjectService subjects_;
  AccessService access_;
  AuditService audit_;
  OperationsService operations_;
  std::atomic<int64_t> hour_ = 0;  // in which it was looked last
};

}  // namespace kpr
