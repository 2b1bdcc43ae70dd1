// Writes a synthetic country: one file per municipality, a sender each.
#pragma once

#include <functional>
#include <string>

#include "base/status.h"
#include "ingest/simulator/options.h"
#include "kpr/v1/event.pb.h"

namespace kpr::simulator {

enum class Format { kNdjson, kHis1135 };

struct Progress {
  size_t municipalities = 0, of = 0;
  uint64_t events = 0;
};

// Files <folder>/<municipality>.ndjson or .xml. The same options give the same bytes.
Status Simulate(const Options& options, Format format, const std::string& folder,
                const std::function<bool()>& cancelled, const std::function<void(const Progress&)>& progress);

// The same events in memory order to `take`, municipality by municipality.
Status SimulateTo(const Options& options, const std::function<Status(Municipality, const v1::Event&)>& take);

}  // namespace kpr::simulator
