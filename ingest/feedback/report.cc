#include "ingest/feedback/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/date.h"
#include "base/limits.h"
#include "ingest/feedback/finding_text.h"
#include "registry/facts/subject.h"
#include "registry/read/finding_codec.h"

namespace kpr {
namespace {

void AddGaps(const std::vector<Chain::Gap>& open, google::protobuf::RepeatedPtrField<v1::ChainGap>* gaps) {
  for (size_t i = 0; i < open.size() && i < limits::kReportedGaps; ++i) {
    v1::ChainGap* gap = gaps->Add();
    gap->set_after_sequence(open[i].after);
    gap->set_before_sequence(open[i].before);
    gap->set_expected_event_id(open[i].expected.ToString());
  }
}

void AddControlTotals(const Chain& chain, v1::DataQualityReport* report) {
  const auto month = [](int32_t number) { return Period{PeriodKind::kMonth, number}.ToString(); };
  for (const Chain::Mismatch& mismatch : chain.Mismatches()) {
    v1::ControlTotal* total = report->add_control_totals();
    total->set_municipality(mismatch.declared.municipality.ToString());
    total->set_first_month(month(mismatch.declared.first_month));
    total->set_last_month(month(mismatch.declared.last_month));
    total->set_declared(mismatch.declared.events);
    total->set_received(mismatch.received);
  }
}

// Calls f(key, finding) for the sender's findings of one partition from a key on.
Status ForEachFinding(const PartitionReader& store, const std::string& prefix, const std::string& from,
                      const std::function<bool(std::string_view, const TimelineFinding&)>& f) {
  KPR_ASSIGN_OR_RETURN(const auto snapshot, store.TakeSnapshot());
  bool damaged = false;
  KPR_RETURN_IF_ERROR(
      snapshot->ScanRange(Table::kFindings, from, "", [&](std::string_view key, std::string_view) {
        if (!key.starts_with(prefix)) return false;
        TimelineFinding finding;
        damaged = !DecodeFindingKey(key, &finding);
        return !damaged && f(key, finding);
      }));
  return damaged ? DataLoss("a finding does not decode: run 'kpr rebuild'") : Status();
}

// Of the municipality's findings, or of all with the prefix.
Status AddCounts(const RegistryReader& registry, const std::string& prefix,
                 std::optional<Municipality> municipality, v1::DataQualityReport* report) {
  std::map<FindingCode, uint64_t> counts;
  for (uint32_t i = 0; i < registry.partitions(); ++i) {
    KPR_RETURN_IF_ERROR(ForEachFinding(*registry.store(i), prefix, prefix,
                                       [&](std::string_view, const TimelineFinding& finding) {
                                         if (!municipality || finding.municipality == *municipality)
                                           ++counts[finding.code];
                                         return true;
                                       }));
  }
  for (const auto& [code, count] : counts) *report->add_counts() = ToProto(code, count);
  return {};
}

// Partition and key of the first finding of the page, in hexadecimal.
struct PageStart {
  uint32_t partition = 0;
  std::string key;
};

std::string ToToken(const PageStart& start) {
  std::string bytes;
  PutBigEndian(&bytes, start.partition);
  return ToHex(bytes + start.key);
}

Result<PageStart> StartOf(const std::string& token, const std::string& prefix, uint32_t partitions) {
  if (token.empty()) return PageStart{0, prefix};
  const auto bytes = FromHex(token);
  if (!bytes || bytes->size() < 4) return Invalid("page_token: expected one of an earlier page, or none");
  PageStart start{ByteReader(*bytes).BigEndian<uint32_t>(), bytes->substr(4)};
  if (start.partition >= partitions || !start.key.starts_with(prefix))
    return Invalid("page_token: expected one of an earlier page, or none");
  return start;
}

}  // namespace

v1::SubmissionState SubmissionStateOf(const Chain& chain) {
  v1::SubmissionState state;
  state.set_events(chain.events());
  const std::vector<Chain::Gap> gaps = chain.OpenGaps();
  state.set_gaps(static_cast<uint32_t>(gaps.size()));
  AddGaps(gaps, state.mutable_missing());
  if (chain.runs().empty()) return state;
  if (const ChainRun* contiguous = chain.Contiguous()) {
    state.set_contiguous_sequence(contiguous->last_sequence);
    state.set_contiguous_event_id(contiguous->last_event.ToString());
  }
  state.set_highest_sequence(chain.runs().back().last_sequence);
  state.set_highest_event_id(chain.runs().back().last_event.ToString());
  return state;
}

Result<v1::DataQualityReport> MakeDataQualityReport(const RegistryReader& registry, const std::string& owner,
                                                    const Chain& chain) {
  v1::DataQualityReport report;
  *report.mutable_submission() = SubmissionStateOf(chain);
  report.mutable_gaps()->Swap(report.mutable_submission()->mutable_missing());
  AddControlTotals(chain, &report);
  KPR_RETURN_IF_ERROR(AddCounts(registry, SenderPrefix(SenderNumber(owner)), std::nullopt, &report));
  return report;
}

Result<v1::DataQualityReport> MakeMunicipalityReport(const RegistryReader& registry,
                                                     Municipality municipality) {
  v1::DataQualityReport report;
  KPR_RETURN_IF_ERROR(AddCounts(registry, "", municipality, &report));
  return report;
}

Result<v1::ListFindingsResponse> ListFindings(const RegistryReader& registry,
                                              const v1::ListFindingsRequest& request,
                                              const std::string& owner) {
  const std::string prefix = SenderPrefix(SenderNumber(owner));
  KPR_ASSIGN_OR_RETURN(PageStart start, StartOf(request.page_token(), prefix, registry.partitions()));
  const int size = request.page_size() == 0
                       ? limits::kFindingsPage
                       : static_cast<int>(std::min(request.page_size(), limits::kFindingsPageMost));
  v1::ListFindingsResponse response;
  for (uint32_t i = start.partition; i < registry.partitions() && response.next_page_token().empty(); ++i) {
    KPR_RETURN_IF_ERROR(ForEachFinding(*registry.store(i), prefix, i == start.partition ? start.key : prefix,
                                       [&](std::string_view key, const TimelineFinding& finding) {
                                         if (response.findings_size() == size) {
                                           response.set_next_page_token(ToToken({i, std::string(key)}));
                                           return false;
                                         }
                                         *response.add_findings() = ToProto(finding);
                                         return true;
                                       }));
  }
  return response;
}

Status ReadFindingChanges(const RegistryReader& registry, const std::string& owner, Cursor* cursor,
                          const std::function<bool(const v1::FindingChange&)>& f) {
  // A partition that moved to another worker numbers its feedback again.
  if (registry.epoch() != cursor->epoch) *cursor = Cursor::Start(registry.epoch(), registry.partitions());
  const uint64_t number = SenderNumber(owner);
  bool open = true, damaged = false;
  for (uint32_t partition = 0; partition < registry.partitions() && open; ++partition) {
    KPR_RETURN_IF_ERROR(registry.store(partition)->ScanRange(
        Table::kFeedback, EncodeFeedbackKey(number, cursor->next[partition]),
        EncodeFeedbackKey(number, UINT64_MAX), [&](std::string_view key, std::string_view value) {
          TimelineFinding finding;
          damaged = value.empty() || !DecodeFindingKey(value.substr(1), &finding);
          if (damaged) return false;
          cursor->next[partition] = FeedbackNumber(key) + 1;
          v1::FindingChange change;
          change.set_cursor(cursor->ToString());
          change.set_withdrawn(value[0] != 0);
          *change.mutable_finding() = ToProto(finding);
          open = f(change);
          return open;
        }));
    if (damaged) return DataLoss(fmt::format("feedback of partition {} is damaged", partition));
  }
  return {};
}

}  // namespace kpr
