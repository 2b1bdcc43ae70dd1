#include "app/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>

namespace kpr {
namespace {

std::string Place(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}", path, node.source().begin.line);
}

Status Mistyped(const std::string& path, const toml::node& node, const std::string& option,
                const char* expected) {
  return Invalid(fmt::format("{}: {}: expected {}", Place(path, node), option, expected));
}

// Where each option goes. The node is of the option's type or the reader says what it expected.
class Options {
 public:
  void Text(const std::string& name, std::string* target) {
    readers_[name] = [target](const toml::node& node) -> const char* {
      const auto value = node.value_exact<std::string>();
      if (value) *target = *value;
      return value ? nullptr : "a text in quotes";
    };
  }
  template <typename Number>
  void Whole(const std::string& name, Number* target, int64_t least, int64_t most) {
    readers_[name] = [=](const toml::node& node) -> const char* {
      const auto value = node.value_exact<int64_t>();
      if (!value || *value < least || *value > most)
        return "a whole number in its range (see deploy/kpr.toml)";
      *target = static_cast<Number>(*value);
      return nullptr;
    };
  }
  void Flag(const std::string& name, bool* target) {
    readers_[name] = [target](const toml::node& node) -> const char* {
      const auto value = node.value_exact<bool>();
      if (value) *target = *value;
      return value ? nullptr : "true or false";
    };
  }
  // One of a few words.
  template <typename Choice>
  void Word(const std::string& name, const std::map<std::string, Choice>& words, const char* expected,
            Choice* target) {
    readers_[name] = [=](const toml::node& node) -> const char* {
      const auto value = node.value_exact<std::string>();
      if (!value || !words.contains(*value)) return expected;
      *target = words.at(*value);
      return nullptr;
    };
  }
  void Texts(const std::string& name, std::map<std::string, std::string>* target) {
    readers_[name] = [target](const toml::node& node) -> const char* {
      if (!node.is_table()) return "a table of texts in quotes";
      for (const auto& [key, each] : *node.as_table()) {
        const auto value = each.value_exact<std::string>();
        if (!value) return "a table of texts in quotes";
        (*target)[std::string(key.str())] = *value;
      }
      return nullptr;
    };
  }
  Status Read(const std::string& path, const toml::table& table) const {
    for (const auto& [section, content] : table) {
      const toml::table* options = content.as_table();
      if (options == nullptr)
        return Mistyped(path, content, std::string(section.str()), "a section in brackets");
      for (const auto& [key, node] : *options) {
        const std::string name = fmt::format("{}.{}", section.str(), key.str());
        const auto it = readers_.find(name);
        if (it == readers_.end()) {
          return Invalid(
              fmt::format("{}: no option {}: deploy/kpr.toml shows them all", Place(path, node), name));
        }
        if (const char* expected = it->second(node)) return Mistyped(path, node, name, expected);
      }
    }
    return {};
  }

 private:
  std::map<std::string, std::function<const char*(const toml::node&)>> readers_;
};

Result<toml::table> ParseFile(const std::string& path) {
  if (!std::filesystem::exists(path)) return NotFound(fmt::format("{}: no such file", path));
  // Debian's library reports by exceptions; they end here.
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return Invalid(fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

// An address, not a name that only begins like one.
bool IsLoopback(const std::string& listen) {
  const std::string host = listen.substr(0, listen.rfind(':'));
  const bool dotted = host.find_first_not_of("0123456789.") == std::string::npos;
  return (host.starts_with("127.") && dotted) || host == "localhost" || host == "[::1]" ||
         listen.starts_with("unix:");
}

Status CheckReadable(const std::string& option, const std::string& path) {
  if (path.empty()) return Invalid(fmt::format("{} is missing: TLS needs it", option));
  if (!std::filesystem::is_regular_file(path)) return NotFound(fmt::format("{}: no file {}", option, path));
  return {};
}

Status CheckRole(const Config& config) {
  if (config.role != NodeRole::kAll && !config.on_kafka())
    return Invalid("kafka.bootstrap is missing: roles other than 'all' share a log on Kafka");
  if (config.role == NodeRole::kIngest && config.pseudonym_key.empty()) {
    return Invalid(
        "ingest.pseudonym_key is missing: all ingest nodes need copies of one key, so none is made here (64 "
        "hexadecimal digits, e.g. of 'openssl rand -hex 32')");
  }
  if (config.kafka.min_insync > config.kafka.replication)
    return Invalid("kafka.min_insync_replicas is more than kafka.replication: nothing could be acknowledged");
  if (config.kafka.prefix.empty() ||
      config.kafka.prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    return Invalid("kafka.prefix: expected a-z, 0-9, - and _");
  return {};
}

Status CheckRolesDoor(const Config& config) {
  if (config.http_roles.empty()) return {};
  if (config.plaintext_loopback) {
    if (IsLoopback(config.http_roles)) return {};
    return Invalid(fmt::format("http.roles {}: beside server.plaintext_loopback it is for loopback only",
                               config.http_roles));
  }
  if (!config.http_roles.starts_with("unix:"))
    return Invalid(fmt::format("http.roles {}: expected unix:PATH, a socket that only nginx can open",
                               config.http_roles));
  if (config.front_socket.empty())
    return Invalid("http.roles: server.front_socket is missing: calls are guarded there");
  return {};
}

}  // namespace

Result<Config> ReadConfig(const std::string& path) {
  Config config;
  if (path.empty()) return config;
  KPR_ASSIGN_OR_RETURN(const toml::table table, ParseFile(path));
  Options options;
  options.Text("data.directory", &config.directory);
  options.Whole("data.partitions", &config.partitions, 1, 1024);
  options.Whole("data.reserve_mb", &config.reserve_mb, 64, 1'000'000);
  options.Text("indicators.catalogue", &config.catalogue);
  options.Word("server.role",
               {{"all", NodeRole::kAll},
                {"ingest", NodeRole::kIngest},
                {"registry", NodeRole::kRegistry},
                {"query", NodeRole::kQuery}},
               "all, ingest, registry or query", &config.role);
  options.Text("server.listen", &config.listen);
  options.Flag("server.plaintext_loopback", &config.plaintext_loopback);
  options.Text("server.certificate", &config.certificate);
  options.Text("server.private_key", &config.private_key);
  options.Text("server.client_ca", &config.client_ca);
  options.Text("server.client_crl", &config.client_crl);
  options.Text("server.policy", &config.policy);
  options.Text("server.front_socket", &config.front_socket);
  options.Whole("server.drain_seconds", &config.drain_seconds, 0, 3600);
  options.Text("ingest.pseudonym_key", &config.pseudonym_key);
  options.Whole("ingest.events_per_second_per_sender", &config.events_per_second_per_sender, 0,
                1'000'000'000);
  options.Whole("ingest.first_batch_seconds", &config.first_batch_seconds, 1, 3600);
  options.Whole("ingest.idle_seconds", &config.idle_seconds, 1, 86'400);
  options.Text("audit.origin", &config.audit_origin);
  options.Text("audit.directory", &config.audit_directory);
  options.Text("http.listen", &config.http_listen);
  options.Text("http.roles", &config.http_roles);
  options.Text("http.borders", &config.http_borders);
  options.Text("catalogue.address", &config.catalogue_address);
  options.Text("catalogue.publisher", &config.catalogue_publisher);
  options.Text("catalogue.publisher_email", &config.catalogue_publisher_email);
  options.Text("catalogue.access_body", &config.catalogue_access_body);
  options.Text("catalogue.access_body_email", &config.catalogue_access_body_email);
  options.Text("catalogue.health_category", &config.catalogue_health_category);
  options.Text("extracts.directory", &config.extracts_directory);
  options.Whole("extracts.k", &config.extracts_k, 2, 1000);
  options.Whole("extracts.l", &config.extracts_l, 1, 100);
  options.Word("extracts.beside_releases",
               {{"nothing", extract::ReleasedBy::kNothing},
                {"municipality", extract::ReleasedBy::kMunicipality},
                {"municipality_and_sex", extract::ReleasedBy::kMunicipalityAndSex},
                {"municipality_sex_and_age", extract::ReleasedBy::kMunicipalitySexAndAge}},
               "nothing, municipality, municipality_and_sex or municipality_sex_and_age",
               &config.extracts_beside_releases);
  options.Text("publications.directory", &config.publications);
  options.Text("publications.signing_key", &config.signing_key);
  options.Text("kafka.bootstrap", &config.kafka.bootstrap);
  options.Text("kafka.prefix", &config.kafka.prefix);
  options.Whole("kafka.replication", &config.kafka.replication, 1, 9);
  options.Whole("kafka.min_insync_replicas", &config.kafka.min_insync, 1, 9);
  options.Texts("kafka.client", &config.kafka.client);
  options.Text("registry.backups", &config.backups);
  options.Whole("registry.backup_seconds", &config.backup_seconds, 1, 86'400);
  options.Whole("registry.scrub_minutes", &config.scrub_minutes, 0, 525'600);
  options.Text("registry.code_lists", &config.code_lists);
  options.Text("registry.attributes", &config.attributes);
  options.Text("registry.worker", &config.worker);
  options.Flag("query.timelines", &config.query_timelines);
  options.Text("operation.metrics_listen", &config.metrics_listen);
  options.Text("operation.log_level", &config.log_level);
  KPR_RETURN_IF_ERROR(options.Read(path, table));
  config.kafka.partitions = config.partitions;
  return config;
}

Status CheckConfig(const Config& config) {
  static const std::set<std::string> kLevels = {"debug", "info", "warn", "error"};
  if (!kLevels.contains(config.log_level))
    return Invalid("operation.log_level: expected debug, info, warn or error");
  if (config.audit_origin.empty() || config.audit_origin.find_first_of(" +\n\t") != std::string::npos)
    return Invalid("audit.origin: expected a name without blanks and '+', such as kpr.example/audit");
  KPR_RETURN_IF_ERROR(CheckRole(config));
  KPR_RETURN_IF_ERROR(CheckRolesDoor(config));
  if (config.plaintext_loopback) {
    if (!config.front_socket.empty())
      return Invalid("server.front_socket: a front needs certificates, not server.plaintext_loopback");
    if (IsLoopback(config.listen)) return {};
    return Invalid(
        fmt::format("server.listen {}: plaintext is for loopback only; give certificate, private_key, "
                    "client_ca and policy instead",
                    config.listen));
  }
  KPR_RETURN_IF_ERROR(CheckReadable("server.certificate", config.certificate));
  KPR_RETURN_IF_ERROR(CheckReadable("server.private_key", config.private_key));
  KPR_RETURN_IF_ERROR(CheckReadable("server.client_ca", config.client_ca));
  if (!config.client_crl.empty() && !std::filesystem::is_directory(config.client_crl))
    return NotFound(fmt::format("{}: no folder server.client_crl", config.client_crl));
  return CheckReadable("server.policy", config.policy);
}

}  // namespace kpr
