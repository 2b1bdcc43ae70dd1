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

uint64_t HashOf(std::vector<Value> values) {
  std::erase(values, kMissing);
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return Fnv1a({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)});
}

}  // namespace

RiskTable::RiskTable(const std::vector<TablePlan>* tables) {
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

void RiskTable::Add(const std::vector<Rows>& tables) {
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
  add(sensitive_, &secret_);
  ++persons_;
}

uint64_t RiskTable::ClassOf(size_t person, size_t without) const {
  const size_t width = identifying_.size();
  uint64_t hash = Fnv1a("class");
  for (size_t c = 0; c < width; ++c) {
    if (c == without) continue;
    const uint64_t part = identity_[person * width + c];
    hash = Fnv1a({reinterpret_cast<const char*>(&part), sizeof part}, hash);
  }
  return hash;
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
  const size_t width = sensitive_.size();
  std::unordered_map<uint64_t, std::vector<size_t>> classes;
  for (size_t i = 0; i < persons_; ++i) classes[ClassOf(i, kNone)].push_back(i);
  for (size_t c = 0; c < width; ++c) {
    std::unordered_map<uint64_t, uint64_t> common;
    for (size_t i = 0; i < persons_; ++i) ++common[secret_[i * width + c]];
    for (const auto& [hash, persons] : classes) {
      std::set<uint64_t> values;
      bool telling = false;
      for (const size_t person : persons) {
        const uint64_t value = secret_[person * width + c];
        if (values.size() < policy.l) values.insert(value);
        telling |= value != kNothing && 2 * common[value] < persons_;
      }
      if (!telling || values.size() >= policy.l) continue;
      for (const size_t person : persons) (*below)[person] = true;
    }
  }
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
  const auto count = [](const std::vector<bool>& below) {
    return static_cast<uint64_t>(std::count(below.begin(), below.end(), true));
  };
  risk.set_below(count(assessment.below));
  for (size_t c = 0; c < identifying_.size(); ++c) {
    risk.add_identifying(identifying_[c].variable->described.name());
    uint64_t ignored = 0;
    v1::VariableRisk* without = risk.add_without();
    without->set_variable(identifying_[c].variable->described.name());
    without->set_below(count(Small(policy.k, c, &ignored)));
  }
  return assessment;
}

}  // namespace kpr::extract
