#include "indicators/reference/naive_follow_up.h"

#include <map>
#include <set>

#include "indicators/reference/naive_predicate.h"

namespace kpr::naive {
namespace {

class FollowUps {
 public:
  FollowUps(const Subject& subject, const v1::FollowUp& definition)
      : s_(subject), f_(definition), types_(definition.types().begin(), definition.types().end()) {}

  std::vector<FollowUp> All() const {
    return f_.after_fact() != v1::FACT_TYPE_UNSPECIFIED ? AfterFacts() : AfterServices();
  }

 private:
  std::vector<FollowUp> AfterFacts() const {
    std::map<Date, std::string> municipalities;  // the last told of each day
    for (const EffectiveEvent& t : s_.events) {
      if (Matches(*t.e, f_.after_fact())) municipalities[t.on] = t.e->municipality();
    }
    std::vector<FollowUp> all;
    for (const auto& [from, municipality] : municipalities) {
      const Date up = from + static_cast<int>(f_.days());
      const auto next = municipalities.upper_bound(from);
      if (s_.death < up || (next != municipalities.end() && next->first <= up)) continue;
      all.push_back({from, up, {{municipality}, ""}, FirstFact(from, up)});
    }
    return all;
  }

  std::vector<FollowUp> AfterServices() const {
    std::set<Date> turns;
    for (const Stay& stay : s_.stays) turns.insert(f_.after_end() ? stay.last : stay.first);
    turns.erase(kNoEnd);
    std::vector<FollowUp> all;
    for (const Date from : turns) {
      const Date up = from + static_cast<int>(f_.days());
      if (s_.death < up || !Follows(from, up)) continue;
      const Date at = f_.after_end() ? from : up;
      const Stay& stay = *In(at);
      all.push_back({from,
                     up,
                     {{stay.municipality}, Subject::ProviderOn(stay, at)},
                     f_.comes_again() ? Again(from, up) : FirstFact(from, up)});
    }
    return all;
  }

  // The latest begun service that the person is in; null: none.
  const Stay* In(Date on) const {
    const Stay* latest = nullptr;
    for (const Stay& stay : s_.stays) {
      if (!types_.contains(stay.start->service_type()) || on < stay.first || stay.last < on) continue;
      if (latest == nullptr || std::tie(latest->first, latest->event) < std::tie(stay.first, stay.event))
        latest = &stay;
    }
    return latest;
  }

  bool Follows(Date from, Date up) const {
    bool all = true, none = true;
    for (Date on = from + 1; on <= up; on = on + 1) (In(on) != nullptr ? none : all) = false;
    if (In(from) == nullptr) return false;
    if (f_.comes_again()) return In(from + 1) == nullptr;
    return f_.after_end() ? none : all && In(from - 1) == nullptr;
  }

  std::optional<int> Again(Date from, Date up) const {
    for (Date on = from + 2; on <= up; on = on + 1) {
      if (In(on) != nullptr) return on - from;
    }
    return std::nullopt;
  }

  std::optional<int> FirstFact(Date from, Date up) const {
    std::optional<int> first;
    for (const EffectiveEvent& t : s_.events) {
      if (!Matches(*t.e, f_.fact()) || t.on < from || up < t.on) continue;
      first = std::min(first.value_or(t.on - from), t.on - from);
    }
    return first;
  }

  const Subject& s_;
  const v1::FollowUp& f_;
  std::set<uint32_t> types_;
};

}  // namespace

std::vector<FollowUp> FollowUpsOf(const Subject& subject, const v1::FollowUp& definition) {
  return FollowUps(subject, definition).All();
}

}  // namespace kpr::naive
