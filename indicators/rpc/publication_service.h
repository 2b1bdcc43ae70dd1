// The Publications service over gRPC: thin. Who acts is the certificate's principal; on a loopback connection
// without one, who it says it is.
#pragma once

#include "access/audit.h"
#include "access/authorizer.h"
#include "indicators/publication/publication_office.h"
#include "kpr/v1/publication.grpc.pb.h"

namespace kpr {

class PublicationService : public v1::Publications::Service {
 public:
  // All outlive the service.
  PublicationService(publication::PublicationOffice* office, const Authorizer* authorizer, Audit* audit)
      : office_(office), authorizer_(authorizer), audit_(audit) {}

  grpc::Status CreateDraft(grpc::ServerContext* context, const v1::CreateDraftRequest* request,
                           v1::Draft* response) override;
  grpc::Status ListDrafts(grpc::ServerContext* context, const v1::ListDraftsRequest* request,
                          v1::ListDraftsResponse* response) override;
  grpc::Status GetDraft(grpc::ServerContext* context, const v1::GetDraftRequest* request,
                        v1::Draft* response) override;
  grpc::Status PreviewDraft(grpc::ServerContext* context, const v1::PreviewDraftRequest* request,
                            v1::DraftPreview* response) override;
  grpc::Status SignOffDraft(grpc::ServerContext* context, const v1::SignOffDraftRequest* request,
                            v1::SignOff* response) override;
  grpc::Status ApproveDraft(grpc::ServerContext* context, const v1::ApproveDraftRequest* request,
                            v1::Draft* response) override;
  grpc::Status PublishDraft(grpc::ServerContext* context, const v1::PublishDraftRequest* request,
                            v1::Release* response) override;
  grpc::Status ListReleases(grpc::ServerContext* context, const v1::ListReleasesRequest* request,
                            v1::ListReleasesResponse* response) override;
  grpc::Status GetReleaseFile(grpc::ServerContext* context, const v1::GetReleaseFileRequest* request,
                              grpc::ServerWriter<v1::ReleaseFilePiece>* writer) override;

 private:
  publication::PublicationOffice* office_;
  const Authorizer* authorizer_;
  Audit* audit_;
};

}  // namespace kpr
