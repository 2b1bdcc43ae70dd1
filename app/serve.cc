#include "app/serve.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "access/call_guard.h"
#include "access/policy_file.h"
#include "app/data_folders.h"
#include "app/node.h"
#include "app/open_audit.h"
#include "app/process.h"
#include "app/prometheus_probe.h"
#include "app/services.h"
#include "app/tls.h"
#include "app/watchdog.h"
#include "app/web_site.h"
#include "base/files.h"
#include "base/limits.h"
#include "registry/apply/generation.h"
#include "registry/audit/denials.h"
#include "registry/codelists/codelists.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

constexpr std::chrono::milliseconds kHealthPause{200}, kDrainPause{50};

Result<std::shared_ptr<grpc::ServerCredentials>> Credentials(const Config& config) {
  if (!config.plaintext_loopback) return TlsCredentials(config);
  // Local credentials refuse callers that are not on this machine.
  return grpc::experimental::LocalServerCredentials(config.listen.starts_with("unix:") ? UDS : LOCAL_TCP);
}

// None where there is no front.
Result<std::unique_ptr<Swappable<CertificateVerifier>>> FrontVerifier(const Config& config) {
  std::unique_ptr<Swappable<CertificateVerifier>> front;
  if (config.front_socket.empty()) return front;
  KPR_ASSIGN_OR_RETURN(CertificateVerifier verifier,
                       CertificateVerifier::FromFiles(config.client_ca, config.client_crl));
  front = std::make_unique<Swappable<CertificateVerifier>>(std::move(verifier));
  return front;
}

void ListenToFront(const Config& config, const Authorizer* authorizer,
                   const Swappable<CertificateVerifier>* verifier, const Clock* clock,
                   grpc::ServerBuilder* builder) {
  const auto credentials = grpc::experimental::LocalServerCredentials(UDS);
  credentials->SetAuthMetadataProcessor(MakeFrontGuard(authorizer, verifier, clock));
  builder->AddListeningPort("unix:" + config.front_socket, credentials);
}

void ReloadAuthority(const Config& config, Swappable<CertificateVerifier>* verifier) {
  auto fresh = CertificateVerifier::FromFiles(config.client_ca, config.client_crl);
  if (fresh.ok()) return verifier->Set(std::move(*fresh));
  spdlog::error("authority not reloaded, the one in use stays: {}", fresh.status().message());
}

Result<Policy> LoadPolicy(const Config& config) {
  if (config.plaintext_loopback) return Policy::AllowLoopback();
  return ReadPolicy(config.policy, CoveredCodes);
}

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(limits::kBatchBytes));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second server on the port must fail
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A certificate that has ended or was revoked is not met again before a connection's end.
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, limits::kConnectionMinutes * 60'000);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, limits::kConnectionGraceMinutes * 60'000);
  grpc::ResourceQuota quota;
  quota.Resize(512u << 20);
  quota.SetMaxThreads(static_cast<int>(limits::kWatches) + limits::kFindingWatchers + limits::kOtherCalls);
  builder->SetResourceQuota(quota);
}

// The running plan stays wherever the new one cannot replace it as a whole.
Status ReplacePlan(const Config& config, PlanHolder* plan) {
  KPR_ASSIGN_OR_RETURN(Plan fresh, LoadPlan(config));
  BackfillState running;
  running.complete = IndicatorVersionsOf(*plan->Get());
  KPR_RETURN_IF_ERROR(TransitionTo(running, IndicatorVersionsOf(fresh)).status());
  plan->Set(std::move(fresh));
  return {};
}

// The definitions stay, by the code lists in use.
void RecompilePlan(PlanHolder* plan) {
  Catalogue catalogue = plan->Get()->catalogue;
  auto again = Compile(std::move(catalogue));
  if (again.ok()) return plan->Set(std::move(*again));
  spdlog::error("catalogue not compiled by the new code lists: {}", again.status().message());
}

void ReloadCatalogue(const Config& config, PlanHolder* plan, Swappable<Instruments>* instruments) {
  const Status status = ReplacePlan(config, plan);
  if (status.ok()) {
    instruments->Set(InstrumentsOf(*plan->Get()));
    spdlog::info("catalogue reloaded catalogue={}", plan->Get()->catalogue.hash);
  } else {
    spdlog::error("catalogue not reloaded, the one in use stays: {}", status.message());
    RecompilePlan(plan);
  }
}

void ReloadCodeLists(const Config& config) {
  const Status status = UseCodeLists(config.code_lists);
  if (status.ok()) {
    spdlog::info("code lists reloaded code_lists={}", EditionInUse().version);
  } else {
    spdlog::error("code lists not reloaded, those in use stay: {}", status.message());
  }
}

void ReloadAttributes(const Config& config, Swappable<MunicipalityData>* data) {
  if (config.attributes.empty()) return;
  auto fresh = ReadAttributeFolder(config.attributes);
  if (fresh.ok()) {
    data->Set(std::move(*fresh));
    spdlog::info("attributes reloaded attributes={}", data->Get()->version);
  } else {
    spdlog::error("attributes not reloaded, those in use stay: {}", fresh.status().message());
  }
}

// What its record cannot be written of does not take force.
void ReloadPolicy(const Config& config, Swappable<Policy>* policy, Audit* audit) {
  auto fresh = LoadPolicy(config);
  const Status recorded = fresh.ok() ? RecordPolicy(*fresh, audit) : fresh.status();
  if (recorded.ok()) {
    policy->Set(std::move(*fresh));
    spdlog::info("policy reloaded principals={}", policy->Get()->grants.size());
  } else {
    spdlog::error("policy not reloaded, the one in use stays: {}", recorded.message());
  }
}

Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  return error ? Unavailable(fmt::format("data.directory {}: {}", directory, error.message())) : Status();
}

// Never beside a log: with a new key every known person would count twice from then on.
Status MakeFirstKey(const Config& config) {
  std::error_code error;
  const bool begun = std::filesystem::exists(config.log_directory(), error);
  if (error) return Unavailable(fmt::format("{}: {}", config.log_directory(), error.message()));
  if (!begun) return MakeKeyFile(config.key_file());
  if (std::filesystem::exists(config.key_file(), error)) return {};
  return FailedPrecondition(fmt::format(
      "{}: the pseudonym key of the log in {} is not there; put it back (earlier versions kept it at "
      "{}/pseudonym.key). No other key is made: every known person would count twice",
      config.key_file(), config.log_directory(), config.directory));
}

Result<std::optional<Pseudonymizer>> LoadPseudonymizer(const Config& config) {
  std::optional<Pseudonymizer> pseudonymizer;
  if (!config.takes_events()) return pseudonymizer;
  if (config.role == NodeRole::kAll) KPR_RETURN_IF_ERROR(MakeFirstKey(config));
  KPR_ASSIGN_OR_RETURN(Pseudonymizer from_file, Pseudonymizer::FromFile(config.key_file()));
  pseudonymizer.emplace(std::move(from_file));
  return pseudonymizer;
}

// Health follows the parts: not serving while a partition makes no progress or the log has failed.
// Beside it, refusals that were counted are recorded, and extracts end whose time is over.
class HealthLoop {
 public:
  HealthLoop(const Node* node, Services* services, grpc::Server* server, audit::Denials* denials)
      : node_(node), services_(services), server_(server), denials_(denials), thread_([this] { Run(); }) {}
  ~HealthLoop() {
    stopping_ = true;
    thread_.join();
    server_->GetHealthCheckService()->SetServingStatus(false);
  }

 private:
  void Run() {
    bool healthy = true;
    while (!stopping_) {
      denials_->RecordDue();
      services_->ExpireDue();
      const Status status = node_->Health();
      if (status.ok() != healthy) {
        healthy = status.ok();
        if (healthy) spdlog::info("healthy again");
        if (!healthy) spdlog::error("not healthy: {}", status.message());
        server_->GetHealthCheckService()->SetServingStatus(healthy);
      }
      std::this_thread::sleep_for(kHealthPause);
    }
  }

  const Node* node_;
  Services* services_;
  grpc::Server* server_;
  audit::Denials* denials_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

class RunningServer : public Running {
 public:
  RunningServer(std::function<void()> reload, const Node* node, const Watchdog* watchdog)
      : reload_(std::move(reload)), node_(node), watchdog_(watchdog) {}
  void Reload() override { reload_(); }
  Status Failure() const override {
    if (watchdog_ != nullptr) KPR_RETURN_IF_ERROR(watchdog_->Failure());
    const Status log = node_->log()->Failure();
    return log.ok() ? log : log.WithContext("the log has failed, what has no receipt may not be kept");
  }

 private:
  std::function<void()> reload_;
  const Node* node_;
  const Watchdog* watchdog_;
};

// Lets open calls finish. Those that wait for a log that is away are answered when the time is over.
void Drain(std::chrono::seconds time, grpc::Server* server, EventLog* log) {
  std::atomic<bool> drained = false;
  std::thread deadline([&] {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!drained && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kDrainPause);
    if (!drained) log->StopAppending();
  });
  server->Shutdown(std::chrono::system_clock::now() + time);
  server->Wait();
  drained = true;
  deadline.join();
}

}  // namespace

Instruments InstrumentsOf(const Plan& plan) {
  Instruments instruments;
  for (const v1::Instrument& i : plan.catalogue.instruments)
    instruments[i.id()] = {i.items_size(), i.scale_min(), i.scale_max()};
  return instruments;
}

Result<Plan> LoadPlan(const Config& config) {
  CatalogueFiles files{embedded::Catalogue(), embedded::Instruments()};
  if (!config.catalogue.empty()) {
    KPR_ASSIGN_OR_RETURN(files, ReadCatalogueFolder(config.catalogue));
    if (files.instruments.empty()) files.instruments = embedded::Instruments();
  }
  KPR_ASSIGN_OR_RETURN(Catalogue catalogue, LoadCatalogue(files.definitions, files.instruments));
  return Compile(std::move(catalogue));
}

namespace {

// Listens at both doors of gRPC; `port` is the one that server.listen has got. `front`: none where there is
// no front.
Result<std::unique_ptr<grpc::Server>> StartServer(const Config& config,
                                                  const std::shared_ptr<grpc::ServerCredentials>& credentials,
                                                  Services* services, const Authorizer* authorizer,
                                                  const Swappable<CertificateVerifier>* front,
                                                  const Clock* clock, int* port) {
  credentials->SetAuthMetadataProcessor(MakeCallGuard(authorizer));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config.listen, credentials, port);
  if (front != nullptr) ListenToFront(config, authorizer, front, clock, &builder);
  SetLimits(&builder);
  KPR_RETURN_IF_ERROR(services->Register(&builder));
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || *port == 0) {
    return Unavailable(
        fmt::format("server.listen {}: cannot listen there; is another server on the port?", config.listen));
  }
  if (front != nullptr) KPR_RETURN_IF_ERROR(OpenToGroup("server.front_socket", config.front_socket));
  return server;
}

}  // namespace

Status Serve(const Config& config, const std::function<void(int)>& on_ready,
             const std::function<void(Running*)>& wait_for_stop) {
  KPR_RETURN_IF_ERROR(CheckConfig(config));
  KPR_RETURN_IF_ERROR(SecureProcess());
  KPR_RETURN_IF_ERROR(MakeDirectory(config.directory));
  KPR_RETURN_IF_ERROR(UseCodeListsOfRegister(config.code_lists));
  KPR_ASSIGN_OR_RETURN(Plan loaded, LoadPlan(config));
  Swappable<Instruments> instruments(InstrumentsOf(loaded));
  PlanHolder plan(std::move(loaded));
  KPR_ASSIGN_OR_RETURN(MunicipalityData loaded_data, ReadAttributeFolder(config.attributes));
  Swappable<MunicipalityData> municipality_data(std::move(loaded_data));
  KPR_ASSIGN_OR_RETURN(Policy loaded_policy, LoadPolicy(config));
  Swappable<Policy> policy(std::move(loaded_policy));
  KPR_ASSIGN_OR_RETURN(const std::optional<Pseudonymizer> pseudonymizer, LoadPseudonymizer(config));
  KPR_ASSIGN_OR_RETURN(const auto probe, PrometheusProbe::Create(config.metrics_listen));
  KPR_ASSIGN_OR_RETURN(const auto credentials, Credentials(config));
  KPR_ASSIGN_OR_RETURN(const auto front, FrontVerifier(config));
  const SystemClock clock;
  RemoveBuilding(config.registry_directory());
  const SpaceGuard guard(config.directory, config.reserve_mb << 20);
  KPR_RETURN_IF_ERROR(guard.CheckOpen().WithContext("start"));
  AdmissionController admission({config.events_per_second_per_sender}, &clock);
  KPR_ASSIGN_OR_RETURN(const auto node,
                       Node::Start({&config, &plan, &guard, &clock, probe.get(),
                                    pseudonymizer ? pseudonymizer->KeyId() : std::string()}));
  KPR_ASSIGN_OR_RETURN(const auto audit, OpenAudit(config, &clock));
  KPR_RETURN_IF_ERROR(RecordPolicy(*policy.Get(), audit.get()));
  audit::Denials denials(audit.get(), &clock);
  const Authorizer authorizer(&policy, [&](const Denial& denial) {
    denials.Add(denial);
    probe->CallRefused();
    spdlog::warn("call refused principal={} method={} rule=\"{}\"", denial.principal, denial.method,
                 denial.rule);
  });
  const auto observed = probe->Observe([n = node.get()] { return n->Progress(); }, node->log(), &guard);
  Services services({&config, node.get(), &plan, &guard, &clock, &authorizer,
                     pseudonymizer ? &*pseudonymizer : nullptr, &instruments, &municipality_data, &admission,
                     audit.get(), probe.get()});
  services.Resume();
  int port = 0;
  KPR_ASSIGN_OR_RETURN(const std::unique_ptr<grpc::Server> server,
                       StartServer(config, credentials, &services, &authorizer, front.get(), &clock, &port));
  KPR_ASSIGN_OR_RETURN(const auto site, WebSite::Start(config, port, &plan, &clock));
  spdlog::info("serving port={} directory={} log={} partitions={} catalogue={} code_lists={} attributes={}",
               port, config.directory, config.on_kafka() ? config.kafka.bootstrap : "local",
               config.partitions, plan.Get()->catalogue.hash, EditionInUse().version,
               municipality_data.Get()->version);
  std::optional<Watchdog> watchdog;
  if (!config.listen.starts_with("unix:"))
    watchdog.emplace(fmt::format("{}:{}", config.listen.substr(0, config.listen.rfind(':')), port));
  RunningServer running(
      [&] {
        ReloadCodeLists(config);  // first: the others are read by them
        ReloadCatalogue(config, &plan, &instruments);
        ReloadAttributes(config, &municipality_data);
        ReloadPolicy(config, &policy, audit.get());
        if (front != nullptr) ReloadAuthority(config, front.get());
      },
      node.get(), watchdog ? &*watchdog : nullptr);
  on_ready(port);
  {
    const HealthLoop health(node.get(), &services, server.get(), &denials);
    wait_for_stop(&running);
    spdlog::info("draining");
  }
  const Status failure = running.Failure();
  services.BeginDrain();
  Drain(std::chrono::seconds(config.drain_seconds), server.get(), node->log());
  node->Stop();
  spdlog::info("stopped");
  return failure;
}

}  // namespace kpr
