// The server: one process with the parts its role has.
#pragma once

#include <functional>

#include "app/config.h"
#include "indicators/engine/plan.h"
#include "ingest/validation/instruments.h"

namespace kpr {

// What a running server is asked, from any thread.
class Running {
 public:
  virtual ~Running() = default;
  // Reads the catalogue folder and the policy again; what is broken is logged, and the one in use stays.
  virtual void Reload() = 0;
  // Why the server cannot go on, and is to be started again.
  virtual Status Failure() const = 0;
};

// Opens everything, serves until `wait_for_stop` returns, drains and closes. Nothing acknowledged is lost by
// a stop at any time. `on_ready` gets the port. Gives the failure, if there was one.
Status Serve(const Config& config, const std::function<void(int port)>& on_ready,
             const std::function<void(Running*)>& wait_for_stop);

// The catalogue of the configuration, compiled.
Result<Plan> LoadPlan(const Config& config);

// What survey facts are checked against.
Instruments InstrumentsOf(const Plan& plan);

}  // namespace kpr
