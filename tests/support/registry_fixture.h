// A registry for tests, in short words: each call makes one event; Settle applies them all.
#pragma once

#include <string>
#include <vector>

#include "indicators/query/query.h"
#include "tests/support/harness.h"

namespace kpr::test {

inline constexpr const char* kHomeA = "974760673";
inline constexpr const char* kHomeB = "938801363";

class RegistryFixture {
 public:
  explicit RegistryFixture(const PlanHolder* plan = &DefaultPlan(), uint32_t partitions = 2)
      : harness_(partitions, 2u << 20, plan), query_(plan, &harness_.registry()) {}

  // An event of the person, from 1, to be filled with a fact. Returns it with its id.
  v1::Event& Person(uint64_t person, const std::string& on, const std::string& municipality = "0301");
  v1::Event& Respondent(uint64_t respondent, const std::string& on, const std::string& municipality = "0301");
  v1::Event& Provider(const std::string& provider, const std::string& on,
                      const std::string& municipality = "0301");
  v1::Event& OfMunicipality(const std::string& municipality, const std::string& on);

  void Born(uint64_t person, const std::string& birth, v1::Sex sex = v1::SEX_FEMALE);
  void Died(uint64_t person, const std::string& birth, const std::string& on, v1::DeathPlace place);
  void Start(uint64_t person, uint32_t type, const std::string& on, const std::string& municipality = "0301",
             const std::string& provider = kHomeA);
  void End(uint64_t person, uint32_t type, const std::string& on, const std::string& municipality = "0301");
  // The person is `other` from then on.
  void Change(uint64_t person, uint64_t other, const std::string& on);
  void Pause(uint64_t person, uint32_t type, const std::string& from, const std::string& until);
  // The last event, again in another version.
  v1::Event& Replace(const v1::Event& original);
  void Annul(const v1::Event& original);

  // Applies all events so far; then the horizon is `horizon`.
  void Settle(const std::string& horizon);

  // The only value; of the country where no area is named.
  ResultRow Value(const std::string& indicator, const std::string& period, const std::string& area = "");
  ResultTable Get(const v1::GetIndicatorValuesRequest& request);
  const Query& query() const { return query_; }
  Harness& harness() { return harness_; }

 private:
  v1::Event& New(const std::string& on, const std::string& municipality);

  Harness harness_;
  Query query_;
  std::vector<v1::Event> waiting_;
  v1::Event current_;
  bool has_current_ = false;
  uint64_t sequence_ = 0;
};

inline std::vector<std::string> ClassIds(const ResultTable& table) {
  std::vector<std::string> ids;
  for (const v1::Class& k : table.definition->components(0).classes()) ids.push_back(k.id());
  return ids;
}

}  // namespace kpr::test
