// The doors over HTTP. The public's has the statistics API and the web page, from the folder of releases
// alone. That of roles has the same and, for callers whom the policy knows, the gRPC methods: a door of its
// own, so that nothing live is ever behind the public's.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "indicators/engine/plan.h"

namespace kpr {

class WebSite {
 public:
  // Null where the configuration has neither http.listen nor http.roles. `grpc_port` is the one that
  // server.listen has got. `plan` and `clock` outlive it.
  static Result<std::unique_ptr<WebSite>> Start(const Config& config, int grpc_port, const PlanHolder* plan,
                                                const Clock* clock);
  ~WebSite();

  struct Parts;
  explicit WebSite(std::unique_ptr<Parts> parts);

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace kpr
