// Where the cluster is and what is asked of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace kpr {

struct KafkaOptions {
  std::string bootstrap;       // host:port,...
  std::string prefix = "kpr";  // of topics, groups and transactional ids
  uint32_t partitions = 4;     // of events; fixed when the log is created
  uint32_t replication = 3;
  uint32_t min_insync = 2;
  // Which pseudonym key the log's subjects are made with; empty: this node makes none.
  std::string key_id;
  bool begin = false;  // write the first record of a new log, which says what it was begun with
  // librdkafka's own settings, for TLS and SASL.
  std::map<std::string, std::string> client;

  std::string events() const { return prefix + ".events"; }
  std::string senders() const { return prefix + ".senders"; }
  std::string cells() const { return prefix + ".cells"; }
};

}  // namespace kpr
