// The Subjects service over gRPC: thin.
#pragma once

#include "access/audit.h"
#include "access/question_queue.h"
#include "kpr/v1/subject.grpc.pb.h"
#include "subject/subject_desk.h"

namespace kpr {

class SubjectService : public v1::Subjects::Service {
 public:
  // Both outlive the service.
  SubjectService(const SubjectDesk* desk, Audit* audit) : desk_(desk), audit_(audit) {}

  grpc::Status GetSubjectAccess(grpc::ServerContext* context, const v1::GetSubjectAccessRequest* request,
                                v1::SubjectAccess* response) override;

 private:
  const SubjectDesk* desk_;
  Audit* audit_;
  FairQueue questions_{QuestionQueue()};
};

}  // namespace kpr
