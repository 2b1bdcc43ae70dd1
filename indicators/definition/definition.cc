#include "indicators/definition/definition.h"

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ids.h"
#include "base/limits.h"
#include "indicators/definition/first_error.h"
#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"

namespace kpr {
namespace {

using google::protobuf::TextFormat;

// Semantic checks. Each failure names the place by file, line and field.
class Checker {
 public:
  Checker(const v1::Definition& d, const TextFormat::ParseInfoTree& tree, const std::string& file)
      : d_(d), tree_(tree), file_(file) {}

  Status Check() {
    KPR_RETURN_IF_ERROR(CheckHead());
    for (int i = 0; i < d_.components_size(); ++i) KPR_RETURN_IF_ERROR(CheckComponent(i));
    return CheckKind();
  }

 private:
  Status Fail(const std::string& field, const std::string& expected, int index = -1) const {
    const auto* descriptor = v1::Definition::descriptor()->FindFieldByName(field);
    if (descriptor->is_repeated() && index < 0) index = 0;
    const bool present = !descriptor->is_repeated() || d_.GetReflection()->FieldSize(d_, descriptor) > index;
    if (!present) return Invalid(fmt::format("{}:1:1: {}: expected {}", file_, field, expected));
    const auto at = tree_.GetLocation(descriptor, index);
    return Invalid(fmt::format("{}:{}:{}: {}: expected {}", file_, std::max(at.line, 0) + 1,
                               std::max(at.column, 0) + 1, field, expected));
  }

  Status CheckHead() const {
    const bool id_ok = !d_.id().empty() && d_.id().size() <= limits::kTextBytes &&
                       std::all_of(d_.id().begin(), d_.id().end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                       });
    if (!id_ok) return Fail("id", "lower_snake_case, at most 100 characters");
    if (d_.version() == 0) return Fail("version", "a number from 1");
    if (d_.title().nb().empty() || d_.title().en().empty()) return Fail("title", "texts nb and en");
    if (d_.kind() == v1::KIND_UNSPECIFIED || !v1::Kind_IsValid(d_.kind()))
      return Fail("kind", "COUNT, PROPORTION, RATIO, RATE, MEAN or MEDIAN_DAYS");
    if (d_.periods().empty()) return Fail("periods", "at least one of MONTH, TERTIAL, YEAR");
    std::set<int> periods(d_.periods().begin(), d_.periods().end());
    if (static_cast<int>(periods.size()) != d_.periods_size() ||
        periods.contains(v1::PERIOD_UNIT_UNSPECIFIED)) {
      return Fail("periods", "each of MONTH, TERTIAL, YEAR at most once");
    }
    if (d_.source().nb().empty() || d_.source().en().empty())
      return Fail("source", "who defines the indicator");
    if (d_.theme() == v1::THEME_UNSPECIFIED) return Fail("theme", "an area of quality, such as CAPACITY");
    if (d_.direction() == v1::DIRECTION_UNSPECIFIED)
      return Fail("direction", "HIGHER_IS_BETTER, LOWER_IS_BETTER or NEITHER");
    if (d_.decimals() > limits::kShownDecimals) return Fail("decimals", "at most 6");
    if (d_.components().empty()) return Fail("components", "at least one component");
    return {};
  }

  Status CheckComponent(int i) const {
    const v1::Component& c = d_.components(i);
    const auto fail = [&](const std::string& expected) { return Fail("components", expected, i); };
    if (c.subject() == v1::SUBJECT_TYPE_UNSPECIFIED)
      return fail("subject PERSON, PROVIDER, RESPONDENT or MUNICIPALITY");
    if (c.role() == v1::ROLE_UNSPECIFIED) return fail("role DENOMINATOR or NUMERATOR");
    if (c.has_where()) KPR_RETURN_IF_ERROR(CheckPredicate(c.where(), i, 0));
    for (const std::string& code : c.provider_industries()) {
      if (!IsIndustry(code)) return fail("provider_industries as \"87.101\"");
    }
    KPR_RETURN_IF_ERROR(CheckClasses(c, i));
    return CheckMeasure(c, i);
  }

  Status CheckClasses(const v1::Component& c, int i) const {
    const auto fail = [&](const std::string& expected) { return Fail("components", expected, i); };
    if (c.classes_size() > 32) return fail("at most 32 classes");
    if (c.classes_size() > 0 && i > 0) return fail("classes in the first component only");
    for (const v1::Class& k : c.classes()) {
      if (k.id().empty()) return fail("an id for each class");
      if (k.has_where()) KPR_RETURN_IF_ERROR(CheckPredicate(k.where(), i, 0));
      if (k.to() < k.from()) return fail("from <= to in each class");
      if (k.has_value() && !c.has_fact_count()) return fail("a value in classes of fact_count only");
    }
    return {};
  }

  // What a subject of its type, and the component's other words, allow the measure.
  Status CheckMeasure(const v1::Component& c, int i) const {
    const auto fail = [&](const std::string& expected) { return Fail("components", expected, i); };
    const Measure* measure = MeasureOf(c.measure_case());
    if (measure == nullptr) return fail("a measure of this version");
    const auto& subjects = measure->subjects;
    if (std::find(subjects.begin(), subjects.end(), c.subject()) == subjects.end())
      return fail(MeasuresOf(c.subject()));
    if (c.has_where() && c.subject() != v1::SUBJECT_TYPE_PERSON)
      return fail("no where: predicates are about persons");
    if (c.has_where() && !measure->where) return fail("no where with this measure");
    if (c.classes_size() > 0 && !measure->classes) return fail("no classes for this measure");
    const bool needs_place = measure->placed_by_where != nullptr && measure->placed_by_where(c);
    if (needs_place && !(c.has_where() && PlacesPerson(c.where()))) {
      return fail(
          "a service_active or waiting_for_place that is not under a not: it decides the municipality");
    }
    const std::string problem = measure->check == nullptr ? "" : measure->check(c);
    return problem.empty() ? Status() : fail(problem);
  }

  // "reported or inhabitants for subject MUNICIPALITY".
  static std::string MeasuresOf(v1::SubjectType subject) {
    std::string names;
    const auto* fields = v1::Component::descriptor()->FindOneofByName("measure");
    for (int f = 0; f < fields->field_count(); ++f) {
      const Measure* measure = MeasureOf(static_cast<v1::Component::MeasureCase>(fields->field(f)->number()));
      const auto& subjects = measure->subjects;
      if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) continue;
      names += (names.empty() ? "" : " or ") + fields->field(f)->name();
    }
    return names + " for subject " + v1::SubjectType_Name(subject).substr(sizeof "SUBJECT_TYPE_" - 1);
  }

  static bool IsIndustry(const std::string& code) {
    return code.size() == 6 && code[2] == '.' &&
           std::count_if(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; }) == 5;
  }

  template <typename Types>
  Status CheckServiceTypes(const Types& types, int i) const {
    const std::string problem = CheckTypes(types);
    return problem.empty() ? Status() : Fail("components", problem, i);
  }

  Status CheckPredicate(const v1::Predicate& p, int i, int depth) const {
    if (depth > 8) return Fail("components", "predicates at most 8 deep", i);
    switch (p.test_case()) {
      case v1::Predicate::kAll:
      case v1::Predicate::kAny: {
        const auto& of = p.has_all() ? p.all().of() : p.any().of();
        if (of.empty()) return Fail("components", "something in each all and any", i);
        for (const auto& q : of) KPR_RETURN_IF_ERROR(CheckPredicate(q, i, depth + 1));
        return {};
      }
      case v1::Predicate::kNot:
        return CheckPredicate(p.not_(), i, depth + 1);
      case v1::Predicate::kServiceActive:
        return CheckServiceTypes(p.service_active().types(), i);
      case v1::Predicate::kWaitingForPlace:
        return CheckServiceTypes(p.waiting_for_place().types(), i);
      case v1::Predicate::kFactWithin:
        if (FindFact(p.fact_within().fact()) == nullptr)
          return Fail("components", "a fact in fact_within", i);
        return CheckFactWithin(p.fact_within(), i);
      case v1::Predicate::kGrantedHours:
        if (p.granted_hours().to() != 0 && p.granted_hours().to() < p.granted_hours().from())
          return Fail("components", "hours from <= to", i);
        return CheckServiceTypes(p.granted_hours().types(), i);
      case v1::Predicate::kDeathAt:
        for (uint32_t place : p.death_at().places()) {
          if (place > 5) return Fail("components", "places of death 0 to 5", i);
        }
        return p.death_at().places().empty() ? Fail("components", "at least one place of death", i)
                                             : Status();
      case v1::Predicate::kAge:
        if (p.age().to() != 0 && p.age().to() < p.age().from())
          return Fail("components", "age from <= to", i);
        return {};
      case v1::Predicate::TEST_NOT_SET:
        return Fail("components", "a test in each predicate", i);
    }
    return {};
  }

  Status CheckFactWithin(const v1::FactWithin& f, int i) const {
    if (f.fact() == v1::FACT_TYPE_DEATH)
      return Fail("components", "death_at, not fact_within, for deaths", i);
    if (f.months() > 1200) return Fail("components", "months up to 1200", i);
    if (!f.diagnoses().empty() && f.fact() != v1::FACT_TYPE_DIAGNOSIS)
      return Fail("components", "diagnoses for DIAGNOSIS only", i);
    for (const auto& d : f.diagnoses()) {
      if (d.system() == v1::Diagnosis::SYSTEM_UNSPECIFIED || d.begins().empty())
        return Fail("components", "a system and what the code begins with", i);
    }
    if (!f.has_value()) return {};
    const std::string problem = CheckValueTest(f.value(), f.fact());
    return problem.empty() ? Status() : Fail("components", problem, i);
  }

  static bool PlacesPerson(const v1::Predicate& p) {
    const auto any_of = [](const auto& of) { return std::any_of(of.begin(), of.end(), PlacesPerson); };
    switch (p.test_case()) {
      case v1::Predicate::kServiceActive:
      case v1::Predicate::kWaitingForPlace:
        return true;
      case v1::Predicate::kAll:
        return any_of(p.all().of());
      case v1::Predicate::kAny:
        return std::all_of(p.any().of().begin(), p.any().of().end(), PlacesPerson);
      case v1::Predicate::kNot:
      case v1::Predicate::kFactWithin:
      case v1::Predicate::kAge:
      case v1::Predicate::kGrantedHours:
      case v1::Predicate::kDeathAt:
      case v1::Predicate::TEST_NOT_SET:
        return false;
    }
    return false;
  }

  Status CheckKind() const {
    bool numerator = false, denominator = false;
    for (const auto& c : d_.components()) (c.role() == v1::ROLE_NUMERATOR ? numerator : denominator) = true;
    const v1::Component& c = d_.components(0);
    const bool alone = d_.components_size() == 1 && !numerator;
    if (const Status status = CheckRoles(); !status.ok()) return status;
    const v1::Kind kind = d_.kind();
    if (kind == v1::KIND_COUNT && (!numerator || denominator))
      return Fail("kind", "a COUNT to have NUMERATOR components only");
    if ((kind == v1::KIND_RATIO || kind == v1::KIND_RATE) && (!numerator || !denominator))
      return Fail("kind", "a RATIO or RATE to have NUMERATOR and DENOMINATOR components");
    if (kind == v1::KIND_PROPORTION) {
      if (!alone) return Fail("kind", "a PROPORTION to have one DENOMINATOR component");
      const bool named = std::any_of(c.classes().begin(), c.classes().end(),
                                     [&](const v1::Class& k) { return k.id() == c.numerator_class(); });
      if (!named) return Fail("components", "numerator_class to name one of the classes", 0);
    }
    if (kind == v1::KIND_MEAN && (!alone || !MeasureOf(c.measure_case())->mean))
      return Fail("kind", "a MEAN to have one DENOMINATOR component whose measure has a mean");
    if (kind == v1::KIND_MEDIAN_DAYS && (!alone || !MeasureOf(c.measure_case())->days))
      return Fail("kind", "MEDIAN_DAYS to have one DENOMINATOR component that measures days");
    return {};
  }

  // Amounts of one role add up, so they must be of one sort.
  Status CheckRoles() const {
    std::map<v1::Role, MeasuringType> sorts;
    std::set<std::pair<int, int>> alone;  // role and subject of amounts that do not tell how many are behind
    for (int i = 0; i < d_.components_size(); ++i) {
      const v1::Component& c = d_.components(i);
      const Measure& measure = *MeasureOf(c.measure_case());
      if (measure.repeats && !alone.emplace(c.role(), c.subject()).second)
        return Fail("components", "amounts of one role and subject in one component", i);
      if (measure.repeats && !c.provider_industries().empty())
        return Fail("components", "provider_industries where persons are counted only", i);
      const MeasuringType sort = measure.sort(c);
      if (sorts.emplace(c.role(), sort).first->second != sort)
        return Fail("components", "components of one role that all count days, events or a level", i);
    }
    return {};
  }

  const v1::Definition& d_;
  const TextFormat::ParseInfoTree& tree_;
  const std::string& file_;
};

template <typename Message>
Status Parse(std::string_view text, const std::string& file, TextFormat::ParseInfoTree* tree,
             Message* message) {
  FirstError error(file);
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(tree);
  parser.SetRecursionLimit(32);
  return parser.ParseFromString(std::string(text), message) ? Status() : Invalid(error.text());
}

}  // namespace

Result<v1::Definition> ParseDefinition(std::string_view text, const std::string& file) {
  TextFormat::ParseInfoTree tree;
  v1::Definition definition;
  KPR_RETURN_IF_ERROR(Parse(text, file, &tree, &definition));
  KPR_RETURN_IF_ERROR(Checker(definition, tree, file).Check());
  return definition;
}

Result<v1::Instrument> ParseInstrument(std::string_view text, const std::string& file) {
  TextFormat::ParseInfoTree tree;
  v1::Instrument instrument;
  KPR_RETURN_IF_ERROR(Parse(text, file, &tree, &instrument));
  const auto fail = [&](const char* expected) {
    return Invalid(fmt::format("{}:1:1: expected {}", file, expected));
  };
  if (instrument.id().empty() || instrument.id().size() > limits::kTextBytes)
    return fail("an id of at most 100 characters");
  if (instrument.title().nb().empty() || instrument.title().en().empty()) return fail("title nb and en");
  if (instrument.scale_min() == 0 || instrument.scale_max() <= instrument.scale_min())
    return fail("0 < scale_min < scale_max");
  if (instrument.items().empty() || instrument.items_size() > static_cast<int>(limits::kFactValues))
    return fail("1 to 24 items");
  return instrument;
}

}  // namespace kpr
