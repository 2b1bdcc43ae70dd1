// The log that the configuration names.
#pragma once

#include <memory>

#include "app/config.h"
#include "registry/event_log/event_log.h"
#include "registry/event_log/space_guard.h"

namespace kpr {

// Makes what is missing of it. `key_id`: of the pseudonym key, where this node makes pseudonyms; `begin`: on
// Kafka, to take events.
Result<std::unique_ptr<EventLog>> OpenLog(const Config& config, const SpaceGuard* guard,
                                          const std::string& key_id = {}, bool begin = false);
// kNotFound where there is no log yet.
Result<std::unique_ptr<EventLog>> OpenExistingLog(const Config& config);

// Of the configuration's pseudonym key; empty where there is no such file.
std::string KeyIdOf(const Config& config);

}  // namespace kpr
