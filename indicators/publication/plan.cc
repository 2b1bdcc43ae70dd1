#include "indicators/publication/plan.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>

#include "base/calendar.h"
#include "indicators/definition/first_error.h"
#include "indicators/geography/structure.h"

namespace kpr::publication {
namespace {

using google::protobuf::TextFormat;

// Fails at a field of a message of the plan.
class Place {
 public:
  Place(const std::string& file, const google::protobuf::Descriptor* message,
        const TextFormat::ParseInfoTree* tree)
      : file_(file), message_(message), tree_(tree) {}

  Status Fail(const std::string& field, const std::string& expected, int index = 0) const {
    const auto* descriptor = message_->FindFieldByName(field);
    const auto at = tree_ == nullptr ? TextFormat::ParseLocation{0, 0}
                                     : tree_->GetLocation(descriptor, descriptor->is_repeated() ? index : -1);
    return Invalid(fmt::format("{}:{}:{}: {}: expected {}", file_, std::max(at.line, 0) + 1,
                               std::max(at.column, 0) + 1, field, expected));
  }
  Place Inside(const std::string& field, int index) const {
    const auto* descriptor = message_->FindFieldByName(field);
    return {file_, descriptor->message_type(),
            tree_ == nullptr ? nullptr
                             : tree_->GetTreeForNested(descriptor, descriptor->is_repeated() ? index : -1)};
  }

 private:
  const std::string& file_;
  const google::protobuf::Descriptor* message_;
  const TextFormat::ParseInfoTree* tree_;
};

bool IsName(const std::string& id) {
  return !id.empty() && id.size() <= 60 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Status CheckPeriods(const v1::TablePlan& table, const v1::Definition& definition, const Place& place) {
  if (table.periods().empty()) return place.Fail("periods", "at least one, such as \"2024\" or \"2024-T1\"");
  std::optional<PeriodKind> kind;
  for (int i = 0; i < table.periods_size(); ++i) {
    const auto period = Period::Parse(table.periods(i));
    if (!period) return place.Fail("periods", "2024, 2024-T1 or 2024-02", i);
    if (kind && *kind != period->kind) return place.Fail("periods", "periods of one kind", i);
    kind = period->kind;
    if (std::count(table.periods().begin(), table.periods().end(), table.periods(i)) > 1) {
      return place.Fail("periods", "each period once", i);
    }
    const auto unit = *kind == PeriodKind::kMonth     ? v1::PERIOD_UNIT_MONTH
                      : *kind == PeriodKind::kTertial ? v1::PERIOD_UNIT_TERTIAL
                                                      : v1::PERIOD_UNIT_YEAR;
    if (std::count(definition.periods().begin(), definition.periods().end(), unit) == 0) {
      return place.Fail("periods", "a period of a kind that " + definition.id() + " is computed for", i);
    }
  }
  return {};
}

// Completes the table; a municipality's figures need those of the county and the country to be protected with
// them.
Status CheckTable(v1::TablePlan& table, const std::vector<v1::Definition>& definitions, const Place& place) {
  const v1::Definition* found = nullptr;
  for (const v1::Definition& d : definitions) {
    if (d.id() != table.indicator() || (table.version() != 0 && d.version() != table.version())) continue;
    if (found == nullptr || d.version() > found->version()) found = &d;
  }
  if (found == nullptr) {
    return place.Fail("indicator",
                      fmt::format("an indicator that is complete, and '{}' is not: 'kpr indicators list' "
                                  "shows them",
                                  table.indicator()));
  }
  table.set_version(found->version());
  if (table.levels().empty()) {
    for (const auto level : {v1::LEVEL_COUNTRY, v1::LEVEL_COUNTY, v1::LEVEL_MUNICIPALITY})
      table.add_levels(level);
  }
  for (int i = 0; i < table.levels_size(); ++i) {
    if (table.levels(i) < v1::LEVEL_COUNTRY || table.levels(i) > v1::LEVEL_MUNICIPALITY) {
      return place.Fail("levels", "LEVEL_COUNTRY, LEVEL_COUNTY or LEVEL_MUNICIPALITY", i);
    }
  }
  return CheckPeriods(table, *found, place);
}

Status CheckPolicy(v1::PublicationPlan& plan, const Place& place) {
  if (plan.named_policy().empty() == !plan.has_policy()) {
    return place.Fail(plan.has_policy() ? "policy" : "named_policy", "either named_policy or policy");
  }
  if (!plan.named_policy().empty()) {
    const auto& all = NamedPolicies();
    const auto named = std::find_if(all.begin(), all.end(),
                                    [&](const NamedPolicy& p) { return p.name == plan.named_policy(); });
    if (named == all.end()) return place.Fail("named_policy", "a name that 'kpr release policies' shows");
    *plan.mutable_policy() = named->policy;
  }
  v1::DisclosurePolicy& policy = *plan.mutable_policy();
  const Place inside = place.Inside("policy", 0);
  if (policy.hide_up_to() < 1 || policy.hide_up_to() > 1000)
    return inside.Fail("hide_up_to", "1 to 1000 persons");
  if (policy.width() < 0 || policy.width() > 10'000) return inside.Fail("width", "0 to 10000 persons");
  if (policy.series_share() < 0 || policy.series_share() > 1) return inside.Fail("series_share", "0 to 1");
  const bool more = policy.complement() || policy.denominator_up_to() > 0 ||
                    policy.providers_at_least() > 0 || policy.inhabitants_at_least() > 0 ||
                    policy.series_share() > 0 || policy.pool_below() > 0;
  if (policy.method() == v1::METHOD_ROUND && more)
    return inside.Fail("method", "METHOD_HIDE, as rounding knows hide_up_to alone");
  if (policy.pool_below() > 0 && policy.inhabitants_at_least() > 0)
    return inside.Fail("pool_below", "small municipalities either hidden or shown together, not both");
  if (policy.method() == v1::METHOD_UNSPECIFIED) policy.set_method(v1::METHOD_HIDE);
  if (policy.zeros() == v1::ZEROS_UNSPECIFIED) policy.set_zeros(v1::ZEROS_SHOWN);
  if (policy.width() == 0) policy.set_width(policy.hide_up_to() + 1);
  if (policy.change_up_to() == 0) policy.set_change_up_to(policy.hide_up_to());
  return {};
}

Status CheckNextRelease(const v1::PublicationPlan& plan, const Place& place) {
  if (plan.next_release().empty() || Date::Parse(plan.next_release())) return {};
  return place.Fail("next_release", "a day YYYY-MM-DD");
}

Status CheckSignOff(const v1::PublicationPlan& plan, const Place& place) {
  const Place inside = place.Inside("sign_off", 0);
  const v1::SignOffRule& rule = plan.sign_off();
  if (rule.required() != !rule.deadline().empty())
    return inside.Fail("deadline", "the last day where sign-off is required");
  if (rule.required() && !Date::Parse(rule.deadline())) return inside.Fail("deadline", "a day YYYY-MM-DD");
  return {};
}

v1::DisclosurePolicy PolicyOf(uint32_t hide_up_to) {
  v1::DisclosurePolicy policy;
  policy.set_hide_up_to(hide_up_to);
  return policy;
}

std::vector<NamedPolicy> MakeNamedPolicies() {
  std::vector<NamedPolicy> policies;
  policies.push_back({"statistics_norway",
                      "Fewer than 5 persons are hidden, with what protects them; zeros are shown.",
                      PolicyOf(4)});
  v1::DisclosurePolicy institute = PolicyOf(4);
  institute.set_complement(true);
  institute.set_denominator_up_to(9);
  institute.set_series_share(0.5);
  policies.push_back({"public_health_institute",
                      "At most 4 persons counted, or not counted, or fewer than 10 in all are hidden; a "
                      "series that is hidden "
                      "for the most part is hidden whole.",
                      institute});
  v1::DisclosurePolicy directorate = PolicyOf(9);
  directorate.set_inhabitants_at_least(2000);
  policies.push_back({"health_directorate",
                      "Fewer than 10 persons, and municipalities of fewer than 2,000 inhabitants, are "
                      "hidden.",
                      directorate});
  v1::DisclosurePolicy strict = PolicyOf(9);
  strict.set_zeros(v1::ZEROS_PROTECTED);
  strict.set_complement(true);
  strict.set_denominator_up_to(9);
  strict.set_providers_at_least(3);
  v1::DisclosurePolicy pooled = PolicyOf(4);
  pooled.set_pool_below(2000);
  policies.push_back({"pooled",
                      "Fewer than 5 persons are hidden; municipalities of fewer than 2,000 inhabitants are "
                      "shown together in their county.",
                      pooled});
  policies.push_back({"strict",
                      "At most 9 persons, none included, counted or not counted, or fewer than 3 providers.",
                      strict});
  v1::DisclosurePolicy rounded = PolicyOf(2);
  rounded.set_method(v1::METHOD_ROUND);
  policies.push_back({"rounded", "Small counts are rounded to 0 or 3; sums stay sums.", rounded});
  return policies;
}

}  // namespace

const std::vector<NamedPolicy>& NamedPolicies() {
  static const std::vector<NamedPolicy> policies = MakeNamedPolicies();
  return policies;
}

Result<v1::PublicationPlan> ParsePlan(std::string_view text, const std::string& file,
                                      const std::vector<v1::Definition>& definitions) {
  v1::PublicationPlan plan;
  TextFormat::Parser parser;
  TextFormat::ParseInfoTree tree;
  FirstError error(file);
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(std::string(text), &plan)) return Invalid(error.text());
  const Place place(file, v1::PublicationPlan::descriptor(), &tree);
  if (!IsName(plan.id())) return place.Fail("id", "lower_snake_case, at most 60 characters");
  if (plan.title().nb().empty() || plan.title().en().empty()) return place.Fail("title", "nb and en");
  if (plan.structure_year() < Structure::kFirstYear || plan.structure_year() > Structure::kLastYear) {
    return place.Fail("structure_year", fmt::format("{} to {}", Structure::kFirstYear, Structure::kLastYear));
  }
  if (plan.tables().empty()) return place.Fail("tables", "at least one table");
  if (plan.incomplete_policy() == v1::INCOMPLETE_POLICY_CARRY_FORWARD) {
    return place.Fail("incomplete_policy",
                      "INCLUDE or EXCLUDE: a release shows no figures of another period");
  }
  std::set<std::string> seen;
  for (int i = 0; i < plan.tables_size(); ++i) {
    const Place inside = place.Inside("tables", i);
    KPR_RETURN_IF_ERROR(CheckTable(*plan.mutable_tables(i), definitions, inside));
    if (!seen.insert(plan.tables(i).indicator()).second)
      return inside.Fail("indicator", "each indicator once");
  }
  if (!plan.pools().empty()) return place.Fail("pools", "policy.pool_below, by which a draft finds them", 0);
  KPR_RETURN_IF_ERROR(CheckPolicy(plan, place));
  KPR_RETURN_IF_ERROR(CheckNextRelease(plan, place));
  KPR_RETURN_IF_ERROR(CheckSignOff(plan, place));
  return plan;
}

}  // namespace kpr::publication
