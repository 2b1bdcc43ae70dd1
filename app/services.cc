#include "app/services.h"

#include <spdlog/spdlog.h>

#include "access/method_table.h"

namespace kpr {
namespace {

extract::OfficeOptions ExtractOptions(const AroundServices& a, const Query* query,
                                      publication::PublicationOffice* publications) {
  extract::OfficeOptions options;
  options.registry = a.node->registry();
  options.clock = a.clock;
  options.audit = a.audit;
  options.guard = a.guard;
  options.folder = a.config->extracts_folder();
  // Beside the data, not in it: a copy of the data tells no tokens.
  options.key_file = a.config->directory + ".extract-key";
  options.policy = {a.config->extracts_k, a.config->extracts_l, a.config->extracts_beside_releases};
  options.software = KPR_VERSION;
  options.query = query;
  options.publications = publications;
  return options;
}

}  // namespace

Services::Services(const AroundServices& a)
    : around_(a),
      ingest_({a.node->log(), a.node->chains(), a.node->registry(), a.config->takes_events(), a.pseudonymizer,
               a.authorizer, a.admission, a.clock, a.probe, a.instruments,
               std::chrono::seconds(a.config->first_batch_seconds),
               std::chrono::seconds(a.config->idle_seconds)}),
      query_(a.plan, a.node->registry()),
      indicators_({&query_, a.node->registry(), a.authorizer, a.probe, a.municipality_data, a.audit}),
      publication_office_(
          {&query_, a.clock, a.config->publications_directory(), a.config->signing_key_file(), KPR_VERSION}),
      publications_(&publication_office_, a.authorizer, a.audit),
      extract_office_(ExtractOptions(a, &query_, &publication_office_)),
      extracts_(&extract_office_, a.authorizer, a.audit, a.pseudonymizer),
      subject_desk_(
          {a.node->registry(), a.pseudonymizer, a.node->chains(), &extract_office_, a.audit, a.clock}),
      subjects_(&subject_desk_, a.audit),
      access_(a.authorizer),
      audit_(a.audit),
      operations_({a.node->log(), a.node->registry(), a.node->worker(), a.guard,
                   [plan = a.plan] { return plan->Get()->catalogue.hash; }}) {}

Status Services::Register(grpc::ServerBuilder* builder) {
  std::vector<std::string> names = {"kpr.v1.Access", "kpr.v1.Audit", "kpr.v1.Operations"};
  builder->RegisterService(&access_);
  builder->RegisterService(&audit_);
  builder->RegisterService(&operations_);
  if (around_.node->chains() != nullptr) {
    builder->RegisterService(&ingest_);
    names.emplace_back("kpr.v1.Ingest");
  }
  if (around_.node->registry() != nullptr) {
    builder->RegisterService(&indicators_);
    builder->RegisterService(&publications_);
    names.insert(names.end(), {"kpr.v1.Indicators", "kpr.v1.Publications"});
  }
  if (GivesExtracts()) {
    builder->RegisterService(&extracts_);
    builder->RegisterService(&subjects_);
    names.insert(names.end(), {"kpr.v1.Extracts", "kpr.v1.Subjects"});
  }
  return CheckMethodTable(names);
}

// One node alone: what a project has been given is in its folder.
bool Services::GivesExtracts() const {
  const bool one_machine = around_.config->role == NodeRole::kAll;
  return around_.node->registry() != nullptr && (one_machine || !around_.config->extracts_directory.empty());
}

void Services::Resume() {
  const Status status = GivesExtracts() ? extract_office_.Resume() : Status();
  // Events are taken and values answered whatever has happened to an extract; who asks for it is told.
  if (!status.ok()) spdlog::error("extracts are not continued: {}", status.message());
}

void Services::ExpireDue() {
  constexpr int64_t kMillisOfHour = 3'600'000;
  const int64_t hour = around_.clock->UnixMillis() / kMillisOfHour;
  if (!GivesExtracts() || hour_.exchange(hour) == hour) return;
  const Status status = extract_office_.ExpireDue();
  if (!status.ok()) spdlog::error("extracts whose time is over are not looked through: {}", status.message());
}

void Services::BeginDrain() {
  around_.admission->BeginDrain();
  indicators_.Close();
  publication_office_.Stop();
  extract_office_.Stop();
}

}  // namespace kpr
