#include "app/web_site.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <regex>

#include "access/client_certificate.h"
#include "app/connect_bridge.h"
#include "app/process.h"
#include "base/files.h"
#include "base/limits.h"
#include "indicators/dashboard/page.h"
#include "indicators/http/answers.h"
#include "indicators/http/library.h"
#include "indicators/http/problem.h"
#include "indicators/http/server.h"
#include "indicators/http/site.h"

namespace kpr {

namespace {

http::RegisterHolder HolderOf(const Config& config) {
  return {config.catalogue_address,     config.catalogue_publisher,         config.catalogue_publisher_email,
          config.catalogue_access_body, config.catalogue_access_body_email, config.catalogue_health_category};
}

}  // namespace

struct WebSite::Parts {
  Parts(const Config& config, const std::string& borders, const PlanHolder* plan, const Clock* clock)
      : library(config.publications_directory(), plan, clock,
                [](const std::string& what) { spdlog::error("http: {}", what); }),
        public_router(
            http::Site(http::Door::kPublic, dashboard::Page(), borders, KPR_VERSION, HolderOf(config)),
            &library),
        public_answers(&public_router, &library),
        roles_router(
            http::Site(http::Door::kRoles, dashboard::Page(), borders, KPR_VERSION, HolderOf(config)),
            &library),
        roles_answers(&roles_router, &library) {}

  http::Library library;
  http::Router public_router;
  http::Answers public_answers;
  http::Router roles_router;
  http::Answers roles_answers;
  std::unique_ptr<ConnectBridge> bridge;
  std::unique_ptr<http::Server> public_door, roles_door;  // end first
};

namespace {

constexpr char kAuditPath[] = "/audit/";

Result<std::string> ReadBorders(const std::string& path) {
  if (path.empty()) return std::string();
  auto content = ReadFile(path);
  if (!content.ok()) return content.status().WithContext("http.borders");
  if (content->size() > limits::kBordersBytes || content->find("\"Topology\"") == std::string::npos)
    return Invalid("http.borders " + path + ": is no TopoJSON of at most 5 MB");
  return content;
}

std::shared_ptr<const http::Response> Logged(const http::Request& request,
                                             std::shared_ptr<const http::Response> response) {
  if (!response->failure.empty())
    spdlog::error("http {} {}: {}", response->status, request.target, response->failure);
  return response;
}

// As tlog-tiles names them: "tile/0/x001/067.p/8", "tile/entries/000".
bool IsTile(const std::string& name) {
  static const std::regex kTile(R"(tile/(entries|\d\d?)/(x\d{3}/){0,5}\d{3}(\.p/\d{1,3})?)");
  return name.size() < 64 && std::regex_match(name, kTile);
}

// What is public of the audit log: its checkpoint, and tiles and entries that never change.
std::shared_ptr<const http::Response> AuditFile(const std::string& folder, const std::string& name) {
  const bool checkpoint = name == "checkpoint";
  const auto content =
      checkpoint || IsTile(name) ? ReadFile(folder + "/" + name) : NotFound("no file of the audit log");
  if (!content.ok()) {
    const bool missing = content.status().code() == Code::kNotFound;
    return std::make_shared<const http::Response>(
        missing ? http::NotFoundProblem("the audit log has no such file")
                : http::ToResponse(content.status()));
  }
  http::Response response;
  response.content_type = checkpoint ? "text/plain; charset=utf-8" : "application/octet-stream";
  response.body = *content;
  response.headers.emplace_back("Cache-Control",
                                checkpoint ? "no-cache" : "public, max-age=31536000, immutable");
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return std::make_shared<const http::Response>(std::move(response));
}

http::ServerOptions OptionsOf(const std::string& option, const std::string& listen) {
  http::ServerOptions options;
  options.listen = listen;
  options.option = option;
  options.on_failure = [option](const std::string& what) { spdlog::error("{}: {}", option, what); };
  return options;
}

Status OpenPublicDoor(const Config& config, WebSite::Parts* parts) {
  if (config.http_listen.empty()) return {};
  const auto answer = [parts, audit = config.audit_folder() + "/public"](const http::Request& request) {
    if ((request.method == "GET" || request.method == "HEAD") && request.target.starts_with(kAuditPath))
      return Logged(request, AuditFile(audit, request.target.substr(sizeof(kAuditPath) - 1)));
    return Logged(request, parts->public_answers.Answer(request));
  };
  KPR_ASSIGN_OR_RETURN(parts->public_door,
                       http::Server::Start(OptionsOf("http.listen", config.http_listen), answer));
  spdlog::info("serving http port={}", parts->public_door->port());
  return {};
}

Status OpenRolesDoor(const Config& config, int grpc_port, WebSite::Parts* parts) {
  if (config.http_roles.empty()) return {};
  http::ServerOptions options = OptionsOf("http.roles", config.http_roles);
  options.threads = limits::kBridgeThreads;  // calls that wait keep one each
  if (config.plaintext_loopback) {
    const size_t colon = config.listen.rfind(':');
    parts->bridge = ConnectBridge::ToLoopback(
        config.listen.starts_with("unix:") ? config.listen
                                           : fmt::format("{}:{}", config.listen.substr(0, colon), grpc_port));
  } else {
    parts->bridge = ConnectBridge::ToFrontSocket(config.front_socket);
    options.certificate_header = kCertificateHeader;
  }
  const auto answer = [parts](const http::Request& request) -> std::shared_ptr<const http::Response> {
    if (!ConnectBridge::Takes(request)) return Logged(request, parts->roles_answers.Answer(request));
    return Logged(request, std::make_shared<const http::Response>(parts->bridge->Answer(request)));
  };
  KPR_ASSIGN_OR_RETURN(parts->roles_door, http::Server::Start(options, answer));
  if (config.http_roles.starts_with("unix:") && !config.plaintext_loopback)
    KPR_RETURN_IF_ERROR(OpenToGroup("http.roles", config.http_roles.substr(sizeof("unix:") - 1)));
  spdlog::info("serving roles over http at={} port={}", config.http_roles, parts->roles_door->port());
  return {};
}

}  // namespace

WebSite::WebSite(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WebSite::~WebSite() = default;

Result<std::unique_ptr<WebSite>> WebSite::Start(const Config& config, int grpc_port, const PlanHolder* plan,
                                                const Clock* clock) {
  if (config.http_listen.empty() && config.http_roles.empty()) return std::unique_ptr<WebSite>();
  KPR_ASSIGN_OR_RETURN(const std::string borders, ReadBorders(config.http_borders));
  KPR_RETURN_IF_ERROR(http::CheckHolder(HolderOf(config)));
  auto parts = std::make_unique<Parts>(config, borders, plan, clock);
  KPR_RETURN_IF_ERROR(OpenPublicDoor(config, parts.get()));
  KPR_RETURN_IF_ERROR(OpenRolesDoor(config, grpc_port, parts.get()));
  return std::make_unique<WebSite>(std::move(parts));
}

}  // namespace kpr
