// kpr feedback and kpr quality: what the register tells a sender.
#pragma once

#include <atomic>
#include <string>

#include "app/client.h"
#include "app/indicators_command.h"

namespace kpr {

Status ShowFeedback(const ClientOptions& client, const std::string& sender, const std::string& cursor,
                    bool follow, const std::atomic<bool>& stop);
Status ShowQuality(const ClientOptions& client, const std::string& sender, Output output);

}  // namespace kpr
