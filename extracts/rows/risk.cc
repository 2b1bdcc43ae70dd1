#include "extracts/rows/risk.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/ids.h"

namespace kpr::extract {
namespace {

constexpr uint64_t kNothing = 0;  // of no values at all
constexpr size_t kNone = ~size_t{0};

uint64_t Mix(uint64_t part, uint64_t hash) {
  return Fnv1a({reinterpret_cast<const char*>(&part), sizeof part}, hash);
}

uint64_t HashOf(std::vector<Value> values) {
  std::erase(values, kMissing);
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return Fnv1a({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

}  // namespace

RiskTable::RiskTable(const std::vector<TablePlan>* tables, std::vector<std::string> earlier, bool places)
    : earlier_(std::move(earlier)), places_(places) {
  for (size_t t = 0; t < tables->size(); ++t) {
    const auto& columns = (*tables)[t].columns;
    for (size_t c = 0; c < columns.size(); ++c) {
      const Column column{t, c + 1, columns[c]};
      const v1::Sensitivity sensitivity = columns[c]->described.sensitivity();
      if (sensitivity == v1::SENSITIVITY_POINTS_TO_PERSON) identifying_.push_back(column);
      if (sensitivity == v1::SENSITIVITY_SENSITIVE) sensitive_.push_back(column);
    }
  }
}

void RiskTable::Add(const std::vector<Rows>& tables, const std::vector<uint64_t>& earlier,
                    const std::vector<Value>& places) {
  const auto add = [&](const std::vector<Column>& columns, std::vector<uint64_t>* hashes) {
    std::vector<Value> values;
    for (const Column& column : columns) {
      values.clear();
      const Rows& rows = tables[column.table];
      for (size_t i = 0; i < rows.size(); ++i) values.push_back(rows[i][column.column]);
      hashes->push_back(HashOf(values));
    }
  };
  add(identifying_, &identity_);
  identity_.insert(identity_.end(), earlier.begin(), earlier.end());
  if (places_) identity_.push_back(HashOf(places));
  add(sensitive_, &secret_);
  ++persons_;
}

uint64_t RiskTable::IdentityOf(const std::vector<TablePlan>& tables, const std::vector<Rows>& rows,
                               const std::vector<Value>& places) {
  RiskTable one(&tables, {}, true);
  one.Add(rows, {}, places);
  return std::max<uint64_t>(one.ClassOf(0, kNone), kNotInIt + 1);
}

uint64_t RiskTable::ClassOf(size_t person, size_t without) const {
  uint64_t hash = Fnv1a("class");
  for (size_t c = 0; c < width(); ++c) {
    if (c != without) hash = Mix(identity_[person * width() + c], hash);
  }
  return hash;
}

uint64_t RiskTable::ToldOf(size_t person) const {
  uint64_t hash = kNotInIt;
  bool told = false;
  for (size_t c = identifying_.size(); c < identifying_.size() + earlier_.size(); ++c) {
    const uint64_t part = identity_[person * width() + c];
    told |= part != kNotInIt;
    hash = Mix(part, hash);
  }
  return told ? hash : kNotInIt;
}

// Whole classes, the smallest first, until those who are left out are not few.
void RiskTable::HideAmongOthers(uint32_t k, std::vector<bool>* below) const {
  std::map<uint64_t, std::map<uint64_t, std::vector<size_t>>> told;  // classes in what was told
  for (size_t i = 0; i < persons_; ++i) {
    told[ToldOf(i)][ClassOf(i, kNone)].push_back(i);
  }
  for (const auto& [before, classes] : told) {
    size_t left_out = 0;
    std::vector<const std::vector<size_t>*> given;
    for (const auto& [hash, persons] : classes) {
      if (!(*below)[persons.front()]) {
        given.push_back(&persons);
      } else {
        left_out += persons.size();
      }
    }
    std::sort(given.begin(), given.end(), [](const auto* a, const auto* b) { return a->size() < b->size(); });
    for (const auto* persons : given) {
      if (left_out == 0 || left_out >= k) break;
      for (const size_t person : *persons) (*below)[person] = true;
      left_out += persons->size();
    }
  }
}

std::vector<bool> RiskTable::Small(uint32_t k, size_t without, uint64_t* smallest) const {
  std::unordered_map<uint64_t, uint64_t> sizes;
  for (size_t i = 0; i < persons_; ++i) ++sizes[ClassOf(i, without)];
  std::vector<bool> small(persons_);
  *smallest = 0;
  for (size_t i = 0; i < persons_; ++i) {
    const uint64_t size = sizes[ClassOf(i, without)];
    small[i] = size < k;
    if (!small[i]) *smallest = *smallest == 0 ? size : std::min(*smallest, size);
  }
  return small;
}

void RiskTable::FindUniform(const RiskPolicy& policy, std::vector<bool>* below) const {
  const size_t columns = sensitive_.size();
  std::unordered_map<uint64_t, std::vector<size_t>> classes;
  for (size_t i = 0; i < persons_; ++i) classes[ClassOf(i, kNone)].push_back(i);
  for (size_t c = 0; c < columns; ++c) {
    std::unordered_map<uint64_t, uint64_t> common;
    for (size_t i = 0; i < persons_; ++i) ++common[secret_[i * columns + c]];
    for (const auto& [hash, persons] : classes) {
      std::set<uint64_t> values;
      bool telling = false;
      for (const size_t person : persons) {
        const uint64_t value = secret_[person * columns + c];
        if (values.size() < policy.l) values.insert(value);
        telling |= value != kNothing && 2 * common[value] < persons_;
      }
      if (!telling || values.size() >= policy.l) continue;
      for (const size_t person : persons) (*below)[person] = true;
    }
  }
}

std::string RiskTable::NameOf(size_t column) const {
  if (column < identifying_.size()) return identifying_[column].variable->described.name();
  const size_t extract = column - identifying_.size();
  return extract < earlier_.size() ? "what " + earlier_[extract] + " told" : kReleases;
}

RiskTable::Assessment RiskTable::Assess(const RiskPolicy& policy) const {
  Assessment assessment;
  v1::ExtractRisk& risk = assessment.risk;
  risk.set_k(policy.k);
  risk.set_l(policy.l);
  risk.set_persons(persons_);
  uint64_t smallest = 0;
  assessment.below = Small(policy.k, kNone, &smallest);
  risk.set_smallest_class(smallest);
  FindUniform(policy, &assessment.below);
  HideAmongOthers(policy.k, &assessment.below);
  const auto count = [](const std::vector<bool>& below) {
    return static_cast<uint64_t>(std::count(below.begin(), below.end(), true));
  };
  risk.set_below(count(assessment.below));
  for (size_t c = 0; c < width(); ++c) {
    risk.add_identifying(NameOf(c));
    uint64_t ignored = 0;
    v1::VariableRisk* without = risk.add_without();
    without->set_variable(NameOf(c));
    without->set_below(count(Small(policy.k, c, &ignored)));
  }
  return assessment;
}

}  // namespace kpr::extract
