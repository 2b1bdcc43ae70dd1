// kpr conformance: a server in trouble for a vendor's client to meet.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <thread>

#include "app/commands/command_line.h"
#include "app/serve.h"
#include "base/files.h"
#include "base/limits.h"
#include "ingest/rpc/conformance_service.h"

namespace kpr {
namespace {

struct ConformanceOptions {
  std::string listen = "127.0.0.1:7443", certificate, key, client_ca;
  uint64_t events = 0;
};

Result<std::shared_ptr<grpc::ServerCredentials>> CredentialsOf(const ConformanceOptions& o) {
  if (o.certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  KPR_ASSIGN_OR_RETURN(pair.private_key, ReadFile(o.key));
  KPR_ASSIGN_OR_RETURN(pair.cert_chain, ReadFile(o.certificate));
  KPR_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadFile(o.client_ca));
  ssl.pem_key_cert_pairs.push_back(pair);
  return grpc::SslServerCredentials(ssl);
}

// Fails where a lesson that every client must pass has not been passed.
Status Print(const std::vector<Examiner::Lesson>& lessons) {
  bool passed = true;
  for (const Examiner::Lesson& lesson : lessons) {
    const bool ok = lesson.outcome == Examiner::Outcome::kPassed;
    const char* outcome = ok                                             ? "passed"
                          : lesson.outcome == Examiner::Outcome::kFailed ? "FAILED"
                                                                         : "not seen";
    std::cout << fmt::format("{:<9} {}{}\n", outcome, lesson.name, lesson.required ? "" : " (not required)");
    if (!lesson.why.empty()) std::cout << fmt::format("          {}\n", lesson.why);
    passed = passed && (ok || !lesson.required);
  }
  if (passed) return {};
  return FailedPrecondition("the client has not passed; docs/senders.md says what is expected of it");
}

Status RunConformance(const ConformanceOptions& o, Interrupts* interrupts) {
  KPR_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(o));
  KPR_ASSIGN_OR_RETURN(const Plan plan, LoadPlan({}));
  // Nothing is kept, so that the key need not be a secret.
  KPR_ASSIGN_OR_RETURN(const Pseudonymizer pseudonymizer, Pseudonymizer::Create(std::string(32, 'k')));
  Examiner examiner(&pseudonymizer, InstrumentsOf(plan));
  const SystemClock clock;
  ConformanceService service(&examiner, &clock);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(o.listen, credentials, &port);
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits::kBatchBytes));
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0)
    return Unavailable(o.listen + ": cannot listen there; is another server on the port?");
  std::cout << fmt::format(
                   "listening on port {}: let the client send test events in at least eight batches, then {}",
                   port,
                   o.events == 0 ? "end this with Ctrl-C"
                                 : fmt::format("this ends by itself after {} events", o.events))
            << std::endl;
  while (!interrupts->stop && (o.events == 0 || service.answered_for_good() < o.events))
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  interrupts->stop = false;  // Ctrl-C is the way to end it, not an interruption
  // The client reads its last receipt.
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  return Print(service.Report());
}

}  // namespace

void AddConformanceCommand(CommandLine* line, Interrupts* interrupts) {
  const auto o = std::make_shared<ConformanceOptions>();
  auto* command =
      line->Add(line->app(), "conformance",
                "a server that answers as one in trouble, and tells what a sender's client makes of it",
                "kpr conformance --listen 127.0.0.1:7443", [=] { return RunConformance(*o, interrupts); });
  command->add_option("--listen", o->listen, "address:port")->capture_default_str();
  command->add_option("--events", o->events,
                      "end when so many different events have come; default: on Ctrl-C");
  auto* certificate =
      command->add_option("--certificate", o->certificate, "the server's, PEM; none: plaintext");
  auto* key = command->add_option("--private-key", o->key, "of the certificate");
  auto* authority = command->add_option("--client-ca", o->client_ca, "authority of the client's certificate");
  certificate->needs(key)->needs(authority);
}

}  // namespace kpr
