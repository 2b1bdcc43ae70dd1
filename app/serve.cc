#include "app/serve.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "app/catalogue_folder.h"
#include "app/files.h"
#include "app/node.h"
#include "app/prometheus_probe.h"
#include "app/worker_service.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "indicators/query/indicator_service.h"

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

bool TakesEvents(const Config& config) {
  return config.role == Role::kAll || config.role == Role::kIngest;
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
  std::optional<Pseudonymizer> pseudonymizer;
  if (TakesEvents(config)) {
    if (config.role == Role::kAll) KPR_RETURN_IF_ERROR(MakeKeyFile(config.key_file()));
    KPR_ASSIGN_OR_RETURN(Pseudonymizer from_file, Pseudonymizer::FromFile(config.key_file()));
    pseudonymizer.emplace(std::move(from_file));
  }
  KPR_ASSIGN_OR_RETURN(const auto probe, PrometheusProbe::Create(config.metrics_listen));

  const SpaceGuard guard(config.directory, config.reserve_mb << 20);
  KPR_RETURN_IF_ERROR(guard.CheckApply().In("start"));  // RocksDB would abort on the way up
  const SystemClock clock;
  KPR_ASSIGN_OR_RETURN(const auto node,
                       Node::Start({&config, &plan, &guard, &clock, probe.get(),
                                    pseudonymizer ? pseudonymizer->KeyId() : std::string()}));
  const auto observed = probe->Observe([n = node.get()] { return n->Progress(); }, node->log(), &guard);

  const auto may_read = [&](const std::string& name) {
    return config.plaintext_loopback || policy.readers.contains(name);
  };
  Gate gate({policy.admission, config.events_per_second_per_sender}, &clock);
  IngestService ingest({node->log(), node->chains(), node->view(), TakesEvents(config),
                        pseudonymizer ? &*pseudonymizer : nullptr, &gate, &clock, probe.get()});
  const Query query(&plan, node->view());
  IndicatorService indicators({&query, node->view(), node->log(), &guard, &plan, probe.get(), may_read});
  WorkerService worker(node->worker(), node->log(), &guard, &plan, may_read);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(config.listen, credentials, &port);
  SetLimits(&builder);
  if (node->chains() != nullptr) builder.RegisterService(&ingest);
  if (node->view() != nullptr) builder.RegisterService(&indicators);
  if (node->worker() != nullptr) builder.RegisterService(&worker);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return Unavailable(
        fmt::format("server.listen {}: cannot listen there; is another server on the port?", config.listen));
  }
  spdlog::info("serving port={} directory={} log={} partitions={} catalogue={}", port, config.directory,
               config.on_kafka() ? config.kafka.bootstrap : "local", config.partitions,
               plan.Get()->catalogue.hash);
  on_ready(port);

  // Health follows the parts: not serving while a partition stands still or the log has failed.
  std::atomic<bool> stopping = false;
  std::thread health([&] {
    bool healthy = true;
    while (!stopping) {
      const Status status = node->Health();
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
  // Calls may wait for a log that is away: past the time allowed it answers them.
  std::atomic<bool> drained = false;
  std::thread patience([&] {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(config.drain_seconds);
    while (!drained && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!drained) node->log()->StopAppending();
  });
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(config.drain_seconds));
  server->Wait();
  drained = true;
  patience.join();
  node->Stop();
  spdlog::info("stopped");
  return {};
}

}  // namespace kpr
