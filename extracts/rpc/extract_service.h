// The Extracts service over gRPC: thin. Who acts is the certificate's principal; on a loopback connection
// without one, who it says it is.
#pragma once

#include <atomic>

#include "access/audit.h"
#include "access/authorizer.h"
#include "access/question_queue.h"
#include "extracts/office/extract_office.h"
#include "kpr/v1/extract.grpc.pb.h"
#include "registry/pseudonym/pseudonymizer.h"

namespace kpr {

class ExtractService : public v1::Extracts::Service {
 public:
  // All outlive the service.
  // `pseudonymizer`: null on a node that knows no numbers, where nobody can link.
  ExtractService(extract::ExtractOffice* office, const Authorizer* authorizer, Audit* audit,
                 const Pseudonymizer* pseudonymizer)
      : office_(office), authorizer_(authorizer), audit_(audit), pseudonymizer_(pseudonymizer) {}

  grpc::Status ListVariables(grpc::ServerContext* context, const v1::ListVariablesRequest* request,
                             v1::VariableCatalogue* response) override;
  grpc::Status CheckExtract(grpc::ServerContext* context, const v1::CheckExtractRequest* request,
                            v1::ExtractCheck* response) override;
  grpc::Status ProposeExtract(grpc::ServerContext* context, const v1::ProposeExtractRequest* request,
                              v1::Extract* response) override;
  grpc::Status ApproveExtract(grpc::ServerContext* context, const v1::DecideExtractRequest* request,
                              v1::Extract* response) override;
  grpc::Status RejectExtract(grpc::ServerContext* context, const v1::DecideExtractRequest* request,
                             v1::Extract* response) override;
  grpc::Status BuildExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                            v1::Extract* response) override;
  grpc::Status WatchExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                            grpc::ServerWriter<v1::Extract>* writer) override;
  grpc::Status GetExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                          v1::Extract* response) override;
  grpc::Status ListExtracts(grpc::ServerContext* context, const v1::ListExtractsRequest* request,
                            v1::ListExtractsResponse* response) override;
  grpc::Status GetExtractFile(grpc::ServerContext* context, const v1::GetExtractFileRequest* request,
                              grpc::ServerWriter<v1::ExtractFilePiece>* writer) override;
  grpc::Status GetLinkageKey(grpc::ServerContext* context, const v1::GetLinkageKeyRequest* request,
                             v1::LinkageKey* response) override;
  grpc::Status ExpireExtract(grpc::ServerContext* context, const v1::GetExtractRequest* request,
                             v1::Extract* response) override;
  grpc::Status RevokeExtract(grpc::ServerContext* context, const v1::DecideExtractRequest* request,
                             v1::Extract* response) override;

 private:
  using Step = Result<v1::Extract> (extract::ExtractOffice::*)(const v1::DecideExtractRequest&,
                                                               const extract::Decider&);
  grpc::Status Decide(const grpc::ServerContext& context, const v1::DecideExtractRequest& request,
                      const char* what, Step step, v1::Extract* response);
  Result<std::vector<SubjectId>> Asked(const v1::GetLinkageKeyRequest& request) const;
  Result<std::vector<extract::Linked>> Linked(const v1::GetLinkageKeyRequest& request,
                                              v1::AuditRecord* record);
  bool Decides(const std::string& principal) const;
  // What the caller is told of it.
  v1::Extract Shown(const std::string& principal, v1::Extract extract) const;
  // Whether the caller may see it: researchers see their own.
  bool MaySee(const std::string& principal, const std::string& actor, const v1::Extract& extract) const;
  Result<v1::Extract> GetSeen(const grpc::ServerContext& context, const v1::GetExtractRequest& request) const;

  extract::ExtractOffice* office_;
  const Authorizer* authorizer_;
  Audit* audit_;
  const Pseudonymizer* pseudonymizer_;
  FairQueue checks_{QuestionQueue()}, links_{QuestionQueue()};
  std::atomic<int> watches_ = 0;
};

}  // namespace kpr
