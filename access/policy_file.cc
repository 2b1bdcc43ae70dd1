#include "access/policy_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "access/method_table.h"
#include "base/crypto/hash.h"
#include "base/files.h"

namespace kpr {
namespace {

constexpr char kRoleNames[] =
    "a role: sender, municipal_reader, national_reader, operator, publisher, approver, auditor, researcher, "
    "case_officer, data_protection_officer, citizen_desk or linker";

// Reads one table of the file. Keeps the first thing that is wrong, with its line.
class TableReader {
 public:
  TableReader(const std::string& path, const toml::table& table) : path_(path), table_(table) {}

  const Status& status() const { return status_; }

  void Fail(const toml::node& node, const std::string& what) {
    if (status_.ok()) status_ = Invalid(fmt::format("{}:{}: {}", path_, node.source().begin.line, what));
  }
  Status Failed(const std::string& what) {
    Fail(table_, what);
    return status_;
  }

  std::optional<std::string> Text(const char* key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<std::string>();
    if (!value) Fail(*node, fmt::format("{}: expected a text in quotes", key));
    return value;
  }

  std::optional<bool> Flag(const char* key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<bool>();
    if (!value) Fail(*node, fmt::format("{}: expected true or false", key));
    return value;
  }

  // Calls f(element) for each element of a list, if the list is there; f returns whether it is in order.
  template <typename T>
  void List(const char* key, const char* expected, const std::function<bool(const T&)>& f) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return Fail(*node, fmt::format("{}: expected a list [...]", key));
    for (const toml::node& element : *list) {
      const auto value = element.value_exact<T>();
      if (!value || !f(*value)) Fail(element, fmt::format("{}: expected {}", key, expected));
    }
  }

  void OnlyKeys(const std::set<std::string>& known) {
    for (const auto& [key, node] : table_) {
      if (!known.contains(std::string(key.str())))
        Fail(node, fmt::format("{}: expected one of {}", key.str(), fmt::join(known, ", ")));
    }
  }

 private:
  const std::string& path_;
  const toml::table& table_;
  Status status_;
};

Status ReadPrincipal(const std::string& path, const toml::table& table, const MunicipalityCover& cover,
                     Policy* policy) {
  TableReader reader(path, table);
  reader.OnlyKeys(
      {"name", "roles", "municipalities", "service_types", "providers", "person_authority", "continues"});
  const std::string name = reader.Text("name").value_or("");
  if (!IsPrincipalName(name) || name == kLoopback)
    return reader.Failed(
        "a principal needs name = \"URI\" of 1 to 200 printable ASCII characters without blanks");
  Grant grant;
  reader.List<std::string>("roles", kRoleNames, [&](const std::string& text) {
    const auto role = ParseRole(text);
    if (role) grant.roles.insert(*role);
    return role.has_value();
  });
  const auto add_municipality = [&](const std::string& text) {
    const auto code = Municipality::Parse(text);
    const std::vector<Municipality> covered = code ? cover(*code) : std::vector<Municipality>();
    grant.municipalities.insert(covered.begin(), covered.end());
    return !covered.empty();
  };
  reader.List<std::string>("municipalities", "a municipality of four digits, in quotes", add_municipality);
  reader.List<int64_t>("service_types", "a number of kodeverk 9151", [&](int64_t type) {
    const bool possible = type > 0 && type < 1000;
    if (possible) grant.service_types.insert(static_cast<uint32_t>(type));
    return possible;
  });
  reader.List<std::string>("providers", "an organisation number, in quotes", [&](const std::string& number) {
    const bool possible = Provider::Parse(number).has_value();
    if (possible) grant.providers.insert(number);
    return possible;
  });
  grant.person_authority = reader.Flag("person_authority").value_or(false);
  grant.continues = reader.Text("continues").value_or("");
  KPR_RETURN_IF_ERROR(reader.status());
  if (!grant.continues.empty() && (!IsPrincipalName(grant.continues) || grant.continues == name))
    return reader.Failed(fmt::format("principal {}: continues: expected the name of another sender", name));
  if (grant.roles.empty()) return reader.Failed(fmt::format("principal {} has no roles", name));
  const bool municipal = grant.Has(Role::kSender) || grant.Has(Role::kMunicipalReader);
  if (municipal && grant.municipalities.empty())
    return reader.Failed(fmt::format("principal {}: sender and municipal_reader need municipalities", name));
  if (!policy->grants.emplace(name, std::move(grant)).second)
    return reader.Failed(fmt::format("principal {} is named twice", name));
  return {};
}

Status ReadForbid(const std::string& path, const toml::table& table, const MunicipalityCover& cover,
                  Policy* policy) {
  TableReader reader(path, table);
  reader.OnlyKeys({"principal", "role", "method", "municipality"});
  Forbid forbid;
  forbid.principal = reader.Text("principal");
  forbid.method = reader.Text("method");
  if (forbid.method && FindMethod(*forbid.method) == nullptr)
    return reader.Failed(
        fmt::format("method: no method '{}'; write it as kpr.v1.Ingest/SubmitEvents", *forbid.method));
  if (const auto role = reader.Text("role")) {
    forbid.role = ParseRole(*role);
    if (!forbid.role) return reader.Failed(fmt::format("role: expected {}", kRoleNames));
  }
  if (const auto code = reader.Text("municipality")) {
    const auto municipality = Municipality::Parse(*code);
    const std::vector<Municipality> covered =
        municipality ? cover(*municipality) : std::vector<Municipality>();
    if (covered.empty())
      return reader.Failed("municipality: expected a municipality of four digits, in quotes");
    forbid.municipalities.insert(covered.begin(), covered.end());
  }
  KPR_RETURN_IF_ERROR(reader.status());
  if (table.empty()) return reader.Failed("a forbid that states nothing would forbid everything");
  policy->forbids.push_back(std::move(forbid));
  return {};
}

Status ForEachTable(const std::string& path, const toml::table& file, const char* key,
                    const std::function<Status(const toml::table&)>& f) {
  const toml::node* node = file.get(key);
  if (node == nullptr) return {};
  const auto wrong = [&](const toml::node& at) {
    return Invalid(fmt::format("{}:{}: {}: expected [[{}]], in double brackets", path, at.source().begin.line,
                               key, key));
  };
  if (!node->is_array()) return wrong(*node);
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_table()) return wrong(element);
    KPR_RETURN_IF_ERROR(f(*element.as_table()));
  }
  return {};
}

Result<toml::table> Parse(const std::string& text, const std::string& path) {
  // Debian's library reports by exceptions; they end here.
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return Invalid(fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

// A sender that is carried on for is named as its work began. The register tells senders apart by a number
// made from the name (SenderNumber in registry/facts/subject.h).
Status CheckSenders(const std::string& path, const Policy& policy) {
  std::map<uint64_t, std::string> names;
  std::map<std::string, std::string> successors;
  for (const auto& [name, grant] : policy.grants) {
    if (const auto [it, fresh] = successors.emplace(grant.continues, name);
        !grant.continues.empty() && !fresh)
      return Invalid(fmt::format("{}: principals {} and {} continue {}: a sender has one successor", path,
                                 it->second, name, grant.continues));
    const auto before = policy.grants.find(grant.continues);
    if (before != policy.grants.end() && !before->second.continues.empty())
      return Invalid(fmt::format("{}: principal {} continues {}, which continues {}: name that one", path,
                                 name, before->first, before->second.continues));
    for (const std::string& sender : {name, grant.continues.empty() ? name : grant.continues}) {
      const auto [it, fresh] = names.emplace(Fnv1a(sender), sender);
      if (!fresh && it->second != sender)
        return Invalid(
            fmt::format("{}: the register cannot tell {} and {} apart: give one of them another name", path,
                        it->second, sender));
    }
  }
  return {};
}

}  // namespace

Result<Policy> ReadPolicy(const std::string& path, const MunicipalityCover& cover) {
  KPR_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  KPR_ASSIGN_OR_RETURN(const toml::table file, Parse(text, path));
  TableReader top(path, file);
  top.OnlyKeys({"principal", "forbid"});
  KPR_RETURN_IF_ERROR(top.status());
  Policy policy;
  policy.sha256 = crypto::Sha256(text);
  const auto principal = [&](const toml::table& table) { return ReadPrincipal(path, table, cover, &policy); };
  const auto forbid = [&](const toml::table& table) { return ReadForbid(path, table, cover, &policy); };
  KPR_RETURN_IF_ERROR(ForEachTable(path, file, "principal", principal));
  KPR_RETURN_IF_ERROR(ForEachTable(path, file, "forbid", forbid));
  KPR_RETURN_IF_ERROR(CheckSenders(path, policy));
  return policy;
}

}  // namespace kpr
