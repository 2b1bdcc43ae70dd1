#include "access/method_table.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>

namespace kpr {
namespace {

using enum Role;

const std::vector<Role> kAnyRole(AllRoles().begin(), AllRoles().end());

const std::vector<MethodRow> kRows = {
    {"kpr.v1.Ingest/SubmitEvents", {kSender}},
    {"kpr.v1.Ingest/SubmitMessage", {kSender}},
    {"kpr.v1.Ingest/GetSubmissionState", {kSender}},
    {"kpr.v1.Ingest/CloseChainGaps", {kSender}},
    {"kpr.v1.Ingest/WatchFindings", {kSender}},
    {"kpr.v1.Ingest/GetDataQualityReport", {kSender, kMunicipalReader, kNationalReader}},
    {"kpr.v1.Ingest/ListFindings", {kSender}},
    {"kpr.v1.Indicators/ListIndicators", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Indicators/GetIndicatorValues", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Indicators/WatchIndicatorValues", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Indicators/ExplainIndicatorValue", {kNationalReader}},
    {"kpr.v1.Indicators/ListIndicatorRevisions", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Indicators/CompareMunicipalities", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Indicators/GetMunicipalityAttributes", {kMunicipalReader, kNationalReader}},
    {"kpr.v1.Access/GetCaller", kAnyRole},
    {"kpr.v1.Audit/ListAuditRecords", {kAuditor}},
    {"kpr.v1.Audit/ProveAuditRecord", {kAuditor}},
    {"kpr.v1.Operations/GetStatus", {kOperator}},
    {"kpr.v1.Publications/CreateDraft", {kPublisher}},
    {"kpr.v1.Publications/ListDrafts", {kMunicipalReader, kPublisher, kApprover}},
    {"kpr.v1.Publications/GetDraft", {kPublisher, kApprover}},
    {"kpr.v1.Publications/PreviewDraft", {kMunicipalReader, kPublisher, kApprover}},
    {"kpr.v1.Publications/SignOffDraft", {kMunicipalReader}},
    {"kpr.v1.Publications/ApproveDraft", {kApprover}},
    {"kpr.v1.Publications/PublishDraft", {kPublisher}},
    {"kpr.v1.Publications/ListReleases", kAnyRole},
    {"kpr.v1.Publications/GetReleaseFile", kAnyRole},
    {"kpr.v1.Extracts/ListVariables", kAnyRole},
    {"kpr.v1.Extracts/CheckExtract", {kResearcher, kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/ProposeExtract", {kResearcher}},
    {"kpr.v1.Extracts/ApproveExtract", {kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/RejectExtract", {kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/BuildExtract", {kCaseOfficer}},
    {"kpr.v1.Extracts/WatchExtract", {kResearcher, kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/GetExtract", {kResearcher, kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/ListExtracts", {kResearcher, kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Extracts/GetExtractFile", {kResearcher}},
    {"kpr.v1.Extracts/GetLinkageKey", {kLinker}},
    {"kpr.v1.Extracts/ExpireExtract", {kResearcher, kCaseOfficer}},
    {"kpr.v1.Extracts/RevokeExtract", {kCaseOfficer, kDataProtectionOfficer}},
    {"kpr.v1.Subjects/GetSubjectAccess", {kCitizenDesk}},
    {"grpc.health.v1.Health/Check", kAnyRole},
    {"grpc.health.v1.Health/Watch", kAnyRole},
    {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAnyRole},
};

}  // namespace

std::span<const MethodRow> MethodTable() {
  return kRows;
}

const MethodRow* FindMethod(std::string_view method) {
  const auto it =
      std::find_if(kRows.begin(), kRows.end(), [&](const MethodRow& row) { return row.method == method; });
  return it == kRows.end() ? nullptr : &*it;
}

Status CheckMethodTable(const std::vector<std::string>& services) {
  std::vector<std::string> missing;
  for (const std::string& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) return Internal(fmt::format("service {} has no descriptor", name));
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = name + "/" + service->method(i)->name();
      if (FindMethod(method) == nullptr) missing.push_back(method);
    }
  }
  if (missing.empty()) return {};
  return Internal(fmt::format("access/method_table.cc has no row for {}", fmt::join(missing, ", ")));
}

}  // namespace kpr
