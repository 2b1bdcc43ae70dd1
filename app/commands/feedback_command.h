// kpr feedback and kpr quality: what the registry tells a sender.
#pragma once

#include <atomic>
#include <string>

#include "app/commands/output.h"
#include "ingest/client/connection.h"

namespace kpr {

Status ShowFeedback(const ClientOptions& client, const std::string& sender, const std::string& cursor,
                    bool follow, const std::atomic<bool>& stop);
// Of a sender, or of all senders about one municipality.
// The gaps of the sender's chain, after those within `close` ("AFTER-BEFORE") are closed, where it is given.
Status ShowGaps(const ClientOptions& client, const std::string& sender, const std::string& close,
                Output output);

Status ShowQuality(const ClientOptions& client, const std::string& sender, const std::string& municipality,
                   Output output);

}  // namespace kpr
