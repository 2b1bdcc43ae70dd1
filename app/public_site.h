// The public's door: the statistics API and the web page over HTTP, from the folder of releases alone.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "indicators/engine/plan.h"

namespace kpr {

class PublicSite {
 public:
  // Null where the configuration has no http.listen. `plan` and `clock` outlive it.
  static Result<std::unique_ptr<PublicSite>> Start(const Config& config, const PlanHolder* plan,
                                                   const Clock* clock);
  ~PublicSite();
  int port() const;

  struct Parts;
  explicit PublicSite(std::unique_ptr<Parts> parts);

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace kpr
