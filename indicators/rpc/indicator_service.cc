#include "indicators/rpc/indicator_service.h"

#include <chrono>

#include "access/call_guard.h"
#include "access/grpc_status.h"
#include "access/question_queue.h"
#include "base/limits.h"
#include "indicators/query/area.h"
#include "indicators/rpc/municipality_attributes.h"
#include "indicators/rpc/to_proto.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kWatchPause{250};
constexpr uint32_t kDefaultSubjects = 20, kRevisionsPage = 1000;

class Timer {
 public:
  explicit Timer(Probe* probe) : probe_(probe) {}
  ~Timer() {
    probe_->QueryAnswered(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count());
  }

 private:
  Probe* probe_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Whether the caller may see the areas: municipalities one by one; the country and size groups are open to
// every reader, also where the policy forbids a part of them; counties and providers to those who see all
// municipalities.
grpc::Status CheckAreas(const Authorizer& authorizer, const grpc::ServerContext& context,
                        const std::string& method, v1::Level level,
                        const google::protobuf::RepeatedPtrField<std::string>& areas) {
  if (level == v1::LEVEL_UNSPECIFIED || level == v1::LEVEL_COUNTRY || level == v1::LEVEL_SIZE_GROUP)
    return grpc::Status::OK;
  if (level != v1::LEVEL_MUNICIPALITY || areas.empty())
    return CheckMunicipality(authorizer, context, method, std::nullopt);
  for (const std::string& area : areas) {
    const auto municipality = Municipality::Parse(area);
    if (!municipality)
      return ToGrpc(Invalid("areas: '" + area + "': expected a number of 4 digits for this level"));
    const grpc::Status allowed = CheckMunicipality(authorizer, context, method, *municipality);
    if (!allowed.ok()) return allowed;
  }
  return grpc::Status::OK;
}

// Of calls that name persons or events: the country is everybody, so it is for those who see everybody.
grpc::Status CheckArea(const Authorizer& authorizer, const grpc::ServerContext& context,
                       const std::string& method, const std::string& area) {
  if (LevelOfArea(area) == v1::LEVEL_COUNTRY)
    return CheckMunicipality(authorizer, context, method, std::nullopt);
  google::protobuf::RepeatedPtrField<std::string> areas;
  areas.Add()->assign(area);
  return CheckAreas(authorizer, context, method, LevelOfArea(area), areas);
}

// Of a call that names persons or events, by the policy in force when it is answered.
template <typename Request>
grpc::Status RecordRead(const IndicatorServiceOptions& options, const grpc::ServerContext& context,
                        const std::string& method, const Request& request, v1::AuditRecord record) {
  record.set_kind(v1::AuditRecord::KIND_PERSONS_READ);
  record.set_principal(PrincipalOf(context));
  const Decision decision = options.authorizer->AuthorizeCall(record.principal(), method);
  if (!decision.allowed) return {grpc::StatusCode::PERMISSION_DENIED, decision.rule};
  record.set_rule(decision.rule);
  record.set_method(method);
  record.set_purpose(request.purpose());
  record.set_subject(request.indicator() + " " + request.period() + " " + request.area());
  return ToGrpc(options.audit->Record(std::move(record)));
}

grpc::Status CheckPurpose(const std::string& purpose) {
  if (purpose.size() <= limits::kPurposeBytes) return grpc::Status::OK;
  return ToGrpc(Invalid("purpose: at most 500 bytes"));
}

// Whether all timelines may have to be read for the answer.
bool OfEarlierState(const v1::GetIndicatorValuesRequest& request) {
  return !request.as_of().empty() || !request.position().empty();
}

// Pages of a table; the last one names none that follows.
bool WritePages(const ResultTable& table, uint64_t size, grpc::ServerWriter<v1::IndicatorTable>* writer) {
  for (size_t first = 0; first == 0 || first < table.rows.size(); first += size) {
    v1::IndicatorTable page = ToProto(table, first, size);
    if (first + size < table.rows.size())
      page.set_next_page_token(PageToken{page.position(), page.version(), first + size}.ToString());
    if (!writer->Write(page)) return false;
  }
  return true;
}

}  // namespace

IndicatorService::IndicatorService(IndicatorServiceOptions options)
    : options_(options),
      tables_(options.query),
      answers_(QuestionQueue()),
      scans_({1, SteadySeconds}),
      watches_(std::chrono::duration<double>(kWatchPause).count(), SteadySeconds) {}

grpc::Status IndicatorService::ListIndicators(grpc::ServerContext*, const v1::ListIndicatorsRequest* request,
                                              v1::ListIndicatorsResponse* response) {
  const auto token = PageToken::Parse(request->page_token());
  if (!token.ok()) return ToGrpc(token.status());
  const uint64_t size = PageSize(request->page_size(), limits::kIndicatorsPage, limits::kIndicatorsPage);
  const std::vector<v1::Definition> all = options_.query->Definitions();
  for (uint64_t i = token->first; i < std::min<uint64_t>(all.size(), token->first + size); ++i)
    *response->add_definitions() = all[i];
  if (token->first + size < all.size())
    response->set_next_page_token(PageToken{"", 0, token->first + size}.ToString());
  return grpc::Status::OK;
}

grpc::Status IndicatorService::GetIndicatorValues(grpc::ServerContext* context,
                                                  const v1::GetIndicatorValuesRequest* request,
                                                  v1::IndicatorTable* response) {
  const EditionScope one;  // of the answer and its page token
  const grpc::Status allowed =
      CheckAreas(*options_.authorizer, *context, "kpr.v1.Indicators/GetIndicatorValues", request->level(),
                 request->areas());
  if (!allowed.ok()) return allowed;
  FairQueue& queue = tables_.ReadsTimelines(*request) ? scans_ : answers_;
  const Timer timer(options_.probe);
  const auto turn = TakeTurn(&queue, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  auto page = tables_.Page(*request);
  if (!page.ok()) return ToGrpc(page.status());
  *response = std::move(*page);
  return grpc::Status::OK;
}

Result<std::shared_ptr<const WatchedAnswer>> IndicatorService::Newest(
    grpc::ServerContext* context, const v1::GetIndicatorValuesRequest& request, uint64_t change,
    Watch* watch) {
  KPR_ASSIGN_OR_RETURN(auto current, watch->Current(change));
  if (current != nullptr) return current;
  // Apart from what the principal asks itself, which is not to wait for all its watches.
  FairQueue& queue = OfEarlierState(request) ? scans_ : answers_;
  const auto turn = queue.Enter(PrincipalOf(*context) + " watch", limits::kWatchesOfOne,
                                [&] { return context->IsCancelled() || closing_.load(); });
  KPR_RETURN_IF_ERROR(turn.status());
  return watch->Newest(change, [&] {
    const Timer timer(options_.probe);
    return options_.query->Get(request);
  });
}

grpc::Status IndicatorService::WatchIndicatorValues(grpc::ServerContext* context,
                                                    const v1::GetIndicatorValuesRequest* request,
                                                    grpc::ServerWriter<v1::IndicatorTable>* writer) {
  const std::string principal = PrincipalOf(*context), method = "kpr.v1.Indicators/WatchIndicatorValues";
  const auto watch = watches_.Open(principal, *request);
  if (!watch.ok()) return ToGrpc(watch.status());
  const uint64_t size = PageSize(request->page_size(), limits::kTablePage, limits::kTablePageMost);
  const auto over = [&] { return context->IsCancelled() || closing_.load(); };
  uint64_t change = 0, shown = 0;
  while (!over()) {
    const EditionScope one;
    const std::string& code_lists = EditionInUse().version;
    // Each time, as a policy that was replaced counts for streams that are open, too.
    const Decision call = options_.authorizer->AuthorizeCall(principal, method);
    if (!call.allowed) return {grpc::StatusCode::PERMISSION_DENIED, call.rule};
    const grpc::Status allowed =
        CheckAreas(*options_.authorizer, *context, method, request->level(), request->areas());
    if (!allowed.ok()) return allowed;
    change = options_.registry->WaitForChange(change, {});
    const uint64_t state = change ^ Fnv1a(code_lists);
    const auto answer = Newest(context, *request, state, watch->get());
    if (!answer.ok()) return ToGrpc(answer.status());
    if ((*answer)->change != state)
      change = 0;  // it is of a moment ago: what has come since is looked at next
    if ((*answer)->number != shown && !WritePages((*answer)->table, size, writer)) return grpc::Status::OK;
    shown = (*answer)->number;
    std::this_thread::sleep_for(kWatchPause);
    while (!over() && options_.registry->WaitForChange(change, kWatchPause) == change &&
           NewestEdition().version == code_lists) {
    }
  }
  return closing_ ? ToGrpc(Unavailable("the server is draining")) : grpc::Status::OK;
}

grpc::Status IndicatorService::ExplainIndicatorValue(grpc::ServerContext* context,
                                                     const v1::ExplainIndicatorValueRequest* request,
                                                     v1::IndicatorExplanation* response) {
  const EditionScope one;
  const grpc::Status allowed =
      CheckArea(*options_.authorizer, *context, "kpr.v1.Indicators/ExplainIndicatorValue", request->area());
  if (!allowed.ok()) return allowed;
  if (const auto purpose = CheckPurpose(request->purpose()); !purpose.ok()) return purpose;
  const auto token = PageToken::Parse(request->page_token());
  if (!token.ok()) return ToGrpc(token.status());
  v1::ExplainIndicatorValueRequest at = *request;
  if (token->first != 0) {
    at.clear_as_of();
    at.set_position(token->position);
    at.set_version(token->version);
  }
  const auto resolved = options_.query->Resolve(at.indicator(), at.version());
  if (!resolved.ok()) return ToGrpc(resolved.status());
  at.set_version(resolved->definition().version());
  const uint64_t size = PageSize(request->page_size(), kDefaultSubjects, limits::kExplainedSubjects);
  const auto turn = TakeTurn(&scans_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  const auto explanation = options_.query->Explain(at, token->first, size);
  if (!explanation.ok()) return ToGrpc(explanation.status());
  *response = ToProto(*explanation);
  if (token->first != 0 && response->position() != token->position)
    return ToGrpc(Unavailable("page_token: this node is not yet where the first page was read; retry"));
  if (token->first + size < explanation->all_subjects)
    response->set_next_page_token(
        PageToken{response->position(), at.version(), token->first + size}.ToString());
  v1::AuditRecord record;
  for (const v1::SubjectContribution& shown : response->contributions()) record.add_persons(shown.subject());
  return RecordRead(options_, *context, "kpr.v1.Indicators/ExplainIndicatorValue", *request,
                    std::move(record));
}

grpc::Status IndicatorService::ListIndicatorRevisions(grpc::ServerContext* context,
                                                      const v1::ListIndicatorRevisionsRequest* request,
                                                      v1::ListIndicatorRevisionsResponse* response) {
  const EditionScope one;
  const grpc::Status allowed =
      CheckArea(*options_.authorizer, *context, "kpr.v1.Indicators/ListIndicatorRevisions", request->area());
  if (!allowed.ok()) return allowed;
  if (const auto purpose = CheckPurpose(request->purpose()); !purpose.ok()) return purpose;
  const auto token = PageToken::Parse(request->page_token());
  if (!token.ok()) return ToGrpc(token.status());
  const auto resolved = options_.query->Resolve(request->indicator(), request->version());
  if (!resolved.ok()) return ToGrpc(resolved.status());
  const auto turn = TakeTurn(&scans_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  const auto revisions = options_.query->Revisions(*request);
  if (!revisions.ok()) return ToGrpc(revisions.status());
  response->set_indicator(resolved->definition().id());
  response->set_version(resolved->definition().version());
  response->set_code_lists(EditionInUse().version);
  const uint64_t size = PageSize(request->page_size(), kRevisionsPage, kRevisionsPage);
  for (uint64_t i = token->first; i < std::min<uint64_t>(revisions->size(), token->first + size); ++i)
    *response->add_revisions() = ToProto((*revisions)[i]);
  if (token->first + size < revisions->size())
    response->set_next_page_token(PageToken{"", 0, token->first + size}.ToString());
  return RecordRead(options_, *context, "kpr.v1.Indicators/ListIndicatorRevisions", *request, {});
}

grpc::Status IndicatorService::CompareMunicipalities(grpc::ServerContext* context,
                                                     const v1::CompareMunicipalitiesRequest* request,
                                                     v1::MunicipalityComparison* response) {
  // Groups that overlap, of few, and one's own figures would give away another's: for those who see all.
  static const google::protobuf::RepeatedPtrField<std::string> kAll;
  const bool by_attributes = request->adjust_by_size() > 0 || !request->group_by().empty();
  const grpc::Status allowed =
      CheckAreas(*options_.authorizer, *context, "kpr.v1.Indicators/CompareMunicipalities",
                 v1::LEVEL_MUNICIPALITY, by_attributes ? kAll : request->areas());
  if (!allowed.ok()) return allowed;
  const Timer timer(options_.probe);
  const auto turn = TakeTurn(&answers_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  const auto comparison = options_.query->Compare(*request, *options_.municipality_data->Get());
  if (!comparison.ok()) return ToGrpc(comparison.status());
  *response = ToProto(*comparison);
  return grpc::Status::OK;
}

grpc::Status IndicatorService::GetMunicipalityAttributes(grpc::ServerContext* context,
                                                         const v1::GetMunicipalityAttributesRequest* request,
                                                         v1::MunicipalityAttributes* response) {
  const auto turn = TakeTurn(&answers_, *context);
  if (!turn.ok()) return ToGrpc(turn.status());
  const EditionScope one;
  auto answer = AttributesAnswer(*options_.municipality_data->Get(), *request);
  if (!answer.ok()) return ToGrpc(answer.status());
  *response = std::move(*answer);
  return grpc::Status::OK;
}

}  // namespace kpr
