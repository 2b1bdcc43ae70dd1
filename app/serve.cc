#include "app/serve.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <thread>

#include "app/catalogue_folder.h"
#include "app/files.h"
#include "app/prometheus_probe.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "indicators/cells/cell_observer.h"
#include "indicators/query/indicator_service.h"
#include "registry/apply/registry.h"
#include "registry/event_log/local/local_log.h"

namespace kpr {
namespace {

Result<std::shared_ptr<grpc::ServerCredentials>> Credentials(const Config& config) {
  if (config.plaintext_loopback) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  KPR_ASSIGN_OR_RETURN(options.pem_root_certs, ReadFile(config.client_ca));
  KPR_ASSIGN_OR_RETURN(const std::string key, ReadFile(config.private_key));
  KPR_ASSIGN_OR_RETURN(const std::string certificate, ReadFile(config.certificate));
  options.pem_key_cert_pairs.push_back({key, certificate});
  return grpc::SslServerCredentials(options);
}

Result<PolicyFile> PolicyOf(const Config& config) {
  if (!config.plaintext_loopback) return ReadPolicy(config.policy);
  PolicyFile policy;
  policy.admission.anyone = true;
  return policy;
}

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(limits::kBatchBytes));
  builder->SetMaxSendMessageSize(64 << 20);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second server on the port must fail
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 30'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  grpc::ResourceQuota quota;
  quota.Resize(512u << 20);
  quota.SetMaxThreads(static_cast<int>(limits::kWatchers) + 64);
  builder->SetResourceQuota(quota);
}

// The running set stays wherever the new one cannot be taken over whole.
Status TakeOver(const Config& config, PlanHolder* plan) {
  KPR_ASSIGN_OR_RETURN(Plan fresh, LoadPlan(config));
  Computed running;
  running.complete = FiguresOf(*plan->Get());
  KPR_RETURN_IF_ERROR(ChangeTo(running, FiguresOf(fresh)).status());
  plan->Set(std::move(fresh));
  return {};
}

void Reload(const Config& config, PlanHolder* plan) {
  const Status status = TakeOver(config, plan);
  if (!status.ok()) {
    spdlog::error("catalogue not reloaded, the running one stays: {}", status.message());
  } else {
    spdlog::info("catalogue reloaded catalogue={}", plan->Get()->catalogue.hash);
  }
}

}  // namespace

Result<Plan> LoadPlan(const Config& config) {
  CatalogueFiles files{embedded::Catalogue(), embedded::Instruments()};
  if (!config.catalogue.empty()) {
    KPR_ASSIGN_OR_RETURN(files, ReadCatalogueFolder(config.catalogue));
    if (files.instruments.empty()) files.instruments = embedded::Instruments();
  }
  KPR_ASSIGN_OR_RETURN(Catalogue catalogue, LoadCatalogue(files.definitions, files.instruments));
  return Compile(std::move(catalogue));
}

Status Serve(const Config& config, const std::function<void(int)>& on_ready,
             const std::function<void(const std::function<void()>& reload)>& wait_for_stop) {
  KPR_RETURN_IF_ERROR(CheckConfig(config));
  std::error_code error;
  std::filesystem::create_directories(config.directory, error);
  if (error) return Unavailable(fmt::format("data.directory {}: {}", config.directory, error.message()));
  KPR_ASSIGN_OR_RETURN(Plan loaded, LoadPlan(config));
  PlanHolder plan(std::move(loaded));
  KPR_ASSIGN_OR_RETURN(const PolicyFile policy, PolicyOf(config));
  KPR_ASSIGN_OR_RETURN(const auto credentials, Credentials(config));
  KPR_RETURN_IF_ERROR(MakeKeyFile(config.key_file()));
  KPR_ASSIGN_OR_RETURN(const Pseudonymizer pseudonymizer, Pseudonymizer::FromFile(config.key_file()));
  KPR_ASSIGN_OR_RETURN(const auto probe, PrometheusProbe::Create(config.metrics_listen));

  const SpaceGuard guard(config.directory, config.reserve_mb << 20);
  KPR_RETURN_IF_ERROR(guard.CheckApply().In("start"));  // RocksDB would abort on the way up
  KPR_ASSIGN_OR_RETURN(const auto log, OpenLocalLog({config.log_directory(), config.partitions, &guard}));
  CellObserver observer(&plan);
  RegistryOptions registry_options;
  registry_options.directory = config.registry_directory();
  registry_options.partition.space_guard = &guard;
  registry_options.partition.on_applied = [&](const AppliedStretch& s) {
    probe->Applied(s.records, s.seconds);
  };
  KPR_ASSIGN_OR_RETURN(const auto registry, Registry::Open(registry_options, log.get(), &observer));
  probe->Observe(registry.get(), log.get(), &guard);
  registry->Start();

  const SystemClock clock;
  Gate gate({policy.admission, config.events_per_second_per_sender}, &clock);
  IngestService ingest(
      {log.get(), &registry->chains(), registry.get(), true, &pseudonymizer, &gate, &clock, probe.get()});
  const Query query(&plan, registry.get());
  IndicatorService indicators(
      {&query, registry.get(), log.get(), &guard, &plan, probe.get(),
       [&](const std::string& name) { return config.plaintext_loopback || policy.readers.contains(name); }});
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen, credentials, &port);
  SetLimits(&builder);
  builder.RegisterService(&ingest);
  builder.RegisterService(&indicators);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return Unavailable(
        fmt::format("server.listen {}: cannot listen there; is another server on the port?", config.listen));
  }
  spdlog::info("serving port={} directory={} partitions={} catalogue={}", port, config.directory,
               config.partitions, plan.Get()->catalogue.hash);
  on_ready(port);

  // Health follows the parts: not serving while a partition stands still or the log has failed.
  std::atomic<bool> stopping = false;
  std::thread health([&] {
    bool healthy = true;
    while (!stopping) {
      Status status = log->Accepting();
      for (uint32_t i = 0; i <= registry->partitions() && status.ok(); ++i) status = registry->error(i);
      if (status.ok() != healthy) {
        healthy = status.ok();
        if (healthy) spdlog::info("healthy again");
        if (!healthy) spdlog::error("not healthy: {}", status.message());
        server->GetHealthCheckService()->SetServingStatus(healthy);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  });
  wait_for_stop([&] { Reload(config, &plan); });

  spdlog::info("draining");
  stopping = true;
  health.join();
  server->GetHealthCheckService()->SetServingStatus(false);
  gate.Close();
  indicators.Close();
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(config.drain_seconds));
  server->Wait();
  registry->Stop();
  spdlog::info("stopped");
  return {};
}

}  // namespace kpr
