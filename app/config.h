// The one configuration file. Every option is described in deploy/kpr.toml; an unknown one is refused.
#pragma once

#include <string>

#include "base/status.h"
#include "extracts/rows/places.h"
#include "registry/event_log/kafka/kafka_options.h"

namespace kpr {

enum class NodeRole { kAll, kIngest, kRegistry, kQuery };

struct Config {
  NodeRole role = NodeRole::kAll;
  std::string directory = "kpr-data";
  uint32_t partitions = 4;
  uint64_t reserve_mb = 256;
  std::string catalogue;   // folder; empty: the built-in one
  std::string code_lists;  // folder; empty: the built-in ones
  std::string attributes;  // folder, of municipalities; empty: none

  std::string listen = "127.0.0.1:7443";
  bool plaintext_loopback = false;
  std::string certificate, private_key, client_ca, client_crl, policy, front_socket;
  std::string publications;   // folder of drafts and releases; empty: <directory>/publications
  std::string signing_key;    // of releases; empty: <directory>.signing-key, made at the first release
  std::string pseudonym_key;  // empty: <directory>.pseudonym-key, beside the data and made at first start
  uint64_t events_per_second_per_sender = 0;
  uint32_t first_batch_seconds = 30, idle_seconds = 600;  // of a submit stream
  uint32_t scrub_minutes = 1440;                          // 0: none
  uint32_t drain_seconds = 10;

  KafkaOptions kafka;  // without bootstrap: the local log
  std::string backups, worker;
  uint32_t backup_seconds = 600;
  bool query_timelines = true;

  std::string audit_origin = "kpr.local/audit";
  std::string audit_directory;              // empty: <directory>.audit
  std::string extracts_directory;           // empty: <directory>.extracts
  uint32_t extracts_k = 5, extracts_l = 2;  // smallest class, and fewest values of what is sensitive
  extract::ReleasedBy extracts_beside_releases = extract::ReleasedBy::kMunicipality;
  std::string http_listen;   // the public's; empty: none
  std::string http_roles;    // that of callers whom the policy knows; empty: none
  std::string http_borders;  // TopoJSON; empty: none
  // Of the record for catalogues of health data; without an address there is none.
  std::string catalogue_address, catalogue_publisher, catalogue_publisher_email;
  std::string catalogue_access_body, catalogue_access_body_email, catalogue_health_category;
  std::string metrics_listen = "127.0.0.1:9464";  // empty: none
  std::string log_level = "info";

  bool takes_events() const { return role == NodeRole::kAll || role == NodeRole::kIngest; }
  std::string log_directory() const { return directory + "/log"; }
  std::string registry_directory() const {
    return directory + (role == NodeRole::kQuery ? "/replica" : "/registry");
  }
  // Beside the data, not in it: each tells something that a copy or a loss of the data must not.
  std::string mark_file() const { return directory + ".log-mark"; }
  // Not in the data, which a node may lose and make again.
  std::string audit_folder() const {
    return audit_directory.empty() ? directory + ".audit" : audit_directory;
  }
  std::string extracts_folder() const {
    return extracts_directory.empty() ? directory + ".extracts" : extracts_directory;
  }
  bool on_kafka() const { return !kafka.bootstrap.empty(); }
  std::string publications_directory() const {
    return publications.empty() ? directory + "/publications" : publications;
  }
  std::string signing_key_file() const {
    return signing_key.empty() ? directory + ".signing-key" : signing_key;
  }
  std::string key_file() const {
    return pseudonym_key.empty() ? directory + ".pseudonym-key" : pseudonym_key;
  }
};

// kInvalid names file, line and option. An empty path gives the defaults.
Result<Config> ReadConfig(const std::string& path);
// What only shows when the parts are seen together: TLS files, loopback, ranges.
Status CheckConfig(const Config& config);

}  // namespace kpr
