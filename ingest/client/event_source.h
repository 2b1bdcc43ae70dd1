// Events from files, whatever their form.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/status.h"
#include "kpr/v1/event.pb.h"

namespace kpr {

// One event a line. kInvalid names file and line. "-" reads standard input. Adds what has been read to
// `bytes_read`.
Status ReadNdjson(const std::string& path, std::atomic<uint64_t>* bytes_read,
                  const std::function<Status(v1::Event)>& take);

// Rules that were broken are printed to standard error; a message marked deleted gives no events.
Status ReadHis1135(const std::string& path, const std::function<Status(v1::Event)>& take);

std::string ToNdjson(const v1::Event& event);

}  // namespace kpr
