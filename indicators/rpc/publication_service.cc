#include "indicators/rpc/publication_service.h"

#include <algorithm>

#include "access/audited_step.h"
#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "base/crypto/hash.h"
#include "base/limits.h"

namespace kpr {
namespace {

grpc::Status CheckOwn(const Authorizer& authorizer, const grpc::ServerContext& context,
                      const std::string& method, const std::string& code) {
  const auto municipality = Municipality::Parse(code);
  if (!municipality) return ToGrpc(Invalid("municipality: expected a number of 4 digits"));
  return CheckMunicipality(authorizer, context, method, *municipality);
}

// Series are folders: nothing else may be named.
grpc::Status CheckSeries(const std::string& series) {
  const bool good =
      !series.empty() && series.size() <= 60 && std::all_of(series.begin(), series.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  return good ? grpc::Status::OK : ToGrpc(Invalid("series: expected the id of a plan, in lower_snake_case"));
}

}  // namespace

grpc::Status PublicationService::CreateDraft(grpc::ServerContext* context,
                                             const v1::CreateDraftRequest* request, v1::Draft* response) {
  const std::string actor = ActorOf(*context, request->acting_as());
  return AuditedStep<v1::Draft>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_DRAFT_MADE, actor, "plan sha256 " + crypto::Sha256(request->plan())),
      [&] { return office_->CreateDraft(*request, actor); }, response);
}

grpc::Status PublicationService::ListDrafts(grpc::ServerContext* context,
                                            const v1::ListDraftsRequest* /*request*/,
                                            v1::ListDraftsResponse* response) {
  auto drafts = office_->Drafts();
  if (!drafts.ok()) return ToGrpc(drafts.status());
  const std::string principal = PrincipalOf(*context);
  for (v1::DraftSummary& draft : *drafts) {
    auto& municipalities = *draft.mutable_municipalities();
    municipalities.erase(std::remove_if(municipalities.begin(), municipalities.end(),
                                        [&](const v1::DraftMunicipality& municipality) {
                                          return !authorizer_->MaySee(
                                              principal, "kpr.v1.Publications/PreviewDraft",
                                              *Municipality::Parse(municipality.code()));
                                        }),
                         municipalities.end());
    *response->add_drafts() = std::move(draft);
  }
  return grpc::Status::OK;
}

grpc::Status PublicationService::GetDraft(grpc::ServerContext* /*context*/,
                                          const v1::GetDraftRequest* request, v1::Draft* response) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  return Answer(office_->GetDraft(request->series()), response);
}

grpc::Status PublicationService::PreviewDraft(grpc::ServerContext* context,
                                              const v1::PreviewDraftRequest* request,
                                              v1::DraftPreview* response) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  const auto own =
      CheckOwn(*authorizer_, *context, "kpr.v1.Publications/PreviewDraft", request->municipality());
  if (!own.ok()) return own;
  return Answer(office_->Preview(*request), response);
}

grpc::Status PublicationService::SignOffDraft(grpc::ServerContext* context,
                                              const v1::SignOffDraftRequest* request, v1::SignOff* response) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  const auto own =
      CheckOwn(*authorizer_, *context, "kpr.v1.Publications/SignOffDraft", request->municipality());
  if (!own.ok()) return own;
  const std::string actor = ActorOf(*context, request->acting_as());
  const std::string answer = request->answer() == v1::SignOff::ANSWER_APPROVED ? "approved" : "objected";
  return AuditedStep<v1::SignOff>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_SIGN_OFF, actor,
                 request->series() + " " + request->municipality() + " " + answer),
      [&] { return office_->SignOffDraft(*request, actor); }, response);
}

grpc::Status PublicationService::ApproveDraft(grpc::ServerContext* context,
                                              const v1::ApproveDraftRequest* request, v1::Draft* response) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  const std::string actor = ActorOf(*context, request->acting_as());
  return AuditedStep<v1::Draft>(
      audit_,
      StepRecord(v1::AuditRecord::KIND_DRAFT_APPROVED, actor,
                 request->series() + " content " + request->content_hash().substr(0, 64)),
      [&] { return office_->Approve(*request, actor); }, response);
}

grpc::Status PublicationService::PublishDraft(grpc::ServerContext* context,
                                              const v1::PublishDraftRequest* request, v1::Release* response) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  const std::string actor = ActorOf(*context, request->acting_as());
  return AuditedStep<v1::Release>(
      audit_, StepRecord(v1::AuditRecord::KIND_RELEASE_PUBLISHED, actor, request->series()),
      [&] { return office_->Publish(request->series(), actor); }, response);
}

grpc::Status PublicationService::ListReleases(grpc::ServerContext* /*context*/,
                                              const v1::ListReleasesRequest* request,
                                              v1::ListReleasesResponse* response) {
  auto releases = office_->Releases(request->series());
  if (!releases.ok()) return ToGrpc(releases.status());
  size_t first = 0;
  if (!request->page_token().empty()) {
    const bool digits = request->page_token().size() < 10 &&
                        std::all_of(request->page_token().begin(), request->page_token().end(),
                                    [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return ToGrpc(Invalid("page_token: expected the token of an earlier page"));
    first = std::stoul(request->page_token());
  }
  const size_t size = request->page_size() == 0 ? limits::kReleasesPage
                                                : std::min(request->page_size(), limits::kReleasesPage);
  const size_t end = std::min(releases->size(), first + size);
  for (size_t i = first; i < end; ++i) *response->add_releases() = std::move((*releases)[i]);
  if (end < releases->size()) response->set_next_page_token(std::to_string(end));
  return grpc::Status::OK;
}

grpc::Status PublicationService::GetReleaseFile(grpc::ServerContext* context,
                                                const v1::GetReleaseFileRequest* request,
                                                grpc::ServerWriter<v1::ReleaseFilePiece>* writer) {
  if (const auto status = CheckSeries(request->series()); !status.ok()) return status;
  const auto content = office_->ReadFile(*request);
  if (!content.ok()) return ToGrpc(content.status());
  for (size_t at = 0; at < content->size() && !context->IsCancelled(); at += limits::kReleaseFilePiece) {
    v1::ReleaseFilePiece piece;
    piece.set_content(content->substr(at, limits::kReleaseFilePiece));
    if (!writer->Write(piece)) break;
  }
  return grpc::Status::OK;
}

}  // namespace kpr
