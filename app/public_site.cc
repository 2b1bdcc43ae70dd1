#include "app/public_site.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/limits.h"
#include "indicators/dashboard/page.h"
#include "indicators/http/answers.h"
#include "indicators/http/library.h"
#include "indicators/http/server.h"
#include "indicators/http/site.h"

namespace kpr {

struct PublicSite::Parts {
  Parts(const Config& config, const std::string& borders, const PlanHolder* plan, const Clock* clock)
      : library(config.publications_directory(), plan, clock,
                [](const std::string& what) { spdlog::error("http: {}", what); }),
        router(http::Site(dashboard::Page(), borders, KPR_VERSION), &library),
        answers(&router, &library) {}

  http::Library library;
  http::Router router;
  http::Answers answers;
  std::unique_ptr<http::Server> server;  // ends first
};

PublicSite::PublicSite(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PublicSite::~PublicSite() = default;
int PublicSite::port() const {
  return parts_->server->port();
}

Result<std::unique_ptr<PublicSite>> PublicSite::Start(const Config& config, const PlanHolder* plan,
                                                      const Clock* clock) {
  if (config.http_listen.empty()) return std::unique_ptr<PublicSite>();
  std::string borders;
  if (!config.http_borders.empty()) {
    auto content = ReadFile(config.http_borders);
    if (!content.ok()) return content.status().WithContext("http.borders");
    borders = std::move(*content);
    if (borders.size() > limits::kBordersBytes || borders.find("\"Topology\"") == std::string::npos)
      return Invalid("http.borders " + config.http_borders + ": is no TopoJSON of at most 5 MB");
  }
  auto parts = std::make_unique<Parts>(config, borders, plan, clock);
  http::ServerOptions options;
  options.listen = config.http_listen;
  options.on_failure = [](const std::string& what) { spdlog::error("http: {}", what); };
  const auto answer = [answers = &parts->answers](const http::Request& request) {
    auto response = answers->Answer(request);
    if (!response->failure.empty())
      spdlog::error("http {} {}: {}", response->status, request.target, response->failure);
    return response;
  };
  KPR_ASSIGN_OR_RETURN(parts->server, http::Server::Start(options, answer));
  spdlog::info("serving http port={}", parts->server->port());
  return std::make_unique<PublicSite>(std::move(parts));
}

}  // namespace kpr
