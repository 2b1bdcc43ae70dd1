// The server: one process with the parts its role has.
#pragma once

#include <functional>

#include "app/config.h"
#include "indicators/engine/plan.h"

namespace kpr {

// Opens everything, serves until `wait_for_stop` returns, drains and closes. Nothing acknowledged is lost by
// a stop at any time. `on_ready` gets the port. `wait_for_stop` calls `reload` whenever the catalogue
// folder and the policy are to be read again; what is broken is logged, and the one in use stays.
Status Serve(const Config& config, const std::function<void(int port)>& on_ready,
             const std::function<void(const std::function<void()>& reload)>& wait_for_stop);

// The catalogue of the configuration, compiled.
Result<Plan> LoadPlan(const Config& config);

}  // namespace kpr
