// The public files of a release: made of nothing but what is shown, the same bytes for the same content.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

struct PublicFile {
  std::string name;  // "tables/medication_review.csv"
  std::string content;
};

inline constexpr const char* kManifestFile = "release.json";
inline constexpr const char* kSignatureFile = "release.sig";
inline constexpr const char* kPlanFile = "plan.json";
inline constexpr const char* kCertificateFile = "certificate.json";
inline constexpr const char* kRevisionsFile = "revisions.json";
inline constexpr const char* kCodeListFolder = "code_lists/";  // the lists that the release is by

std::string ToJson(const google::protobuf::Message& message);
// kInvalid names the file.
Status FromJson(const std::string& json, const std::string& file, google::protobuf::Message& message);

// One line for each row: codes and names, the value with its interval, the amounts, and why one is missing.
std::string CsvOf(const v1::ReleaseTable& table, int structure_year);

// Plan, certificate, revisions, and each table as JSON and CSV, by name.
std::vector<PublicFile> MakeFiles(const v1::PublicationPlan& plan,
                                  const std::vector<v1::ReleaseTable>& tables,
                                  const v1::Certificate& certificate, const v1::RevisionRecord& revisions);

}  // namespace kpr::publication
