#include "app/open_log.h"

#include <fmt/format.h>

#include <filesystem>

#include "registry/event_log/kafka/kafka_log.h"
#include "registry/event_log/kafka/topics.h"
#include "registry/event_log/local/local_log.h"
#include "registry/pseudonym/pseudonymizer.h"

namespace kpr {

Result<std::unique_ptr<EventLog>> OpenLog(const Config& config, const SpaceGuard* guard,
                                          const std::string& key_id, bool begin) {
  if (!config.on_kafka()) {
    std::error_code error;
    std::filesystem::create_directories(config.directory, error);
    if (error) return Unavailable(fmt::format("data.directory {}: {}", config.directory, error.message()));
    return OpenLocalLog({config.log_directory(), config.partitions, guard, key_id, config.mark_file()});
  }
  KafkaOptions options = config.kafka;
  options.partitions = config.partitions;
  options.key_id = key_id;
  options.begin = begin;
  KPR_RETURN_IF_ERROR(CheckTopics(options).WithContext("kafka"));
  return OpenKafkaLog(options);
}

Result<std::unique_ptr<EventLog>> OpenExistingLog(const Config& config) {
  if (!config.on_kafka() && !std::filesystem::exists(config.log_directory()))
    return NotFound(fmt::format("{}: no log there; is data.directory right?", config.log_directory()));
  return OpenLog(config, nullptr);
}

std::string KeyIdOf(const Config& config) {
  const auto pseudonymizer = Pseudonymizer::FromFile(config.key_file());
  return pseudonymizer.ok() ? pseudonymizer->KeyId() : std::string();
}

}  // namespace kpr
