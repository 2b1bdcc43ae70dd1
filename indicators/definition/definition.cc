#include "indicators/definition/definition.h"

#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/ids.h"
#include "base/limits.h"
#include "registry/codelists/codelists.h"

namespace kpr {
namespace {

using google::protobuf::TextFormat;

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string file) : file_(std::move(file)) {}
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = fmt::format("{}:{}:{}: {}", file_, line + 1, column + 1, message);
  }
  void AddWarning(int, int, const std::string&) override {}
  const std::string& text() const { return text_; }

 private:
  std::string file_, text_;
};

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
    if (d_.kind() == v1::KIND_UNSPECIFIED)
      return Fail("kind", "COUNT, PROPORTION, RATIO, MEAN or MEDIAN_DAYS");
    if (d_.periods().empty()) return Fail("periods", "at least one of MONTH, TERTIAL, YEAR");
    std::set<int> periods(d_.periods().begin(), d_.periods().end());
    if (static_cast<int>(periods.size()) != d_.periods_size() ||
        periods.contains(v1::PERIOD_UNIT_UNSPECIFIED)) {
      return Fail("periods", "each of MONTH, TERTIAL, YEAR at most once");
    }
    if (d_.source().empty()) return Fail("source", "who defines the indicator");
    if (d_.components().empty()) return Fail("components", "at least one component");
    return {};
  }

  Status CheckComponent(int i) const {
    const v1::Component& c = d_.components(i);
    const auto fail = [&](const std::string& expected) { return Fail("components", expected, i); };
    if (c.subject() == v1::SUBJECT_TYPE_UNSPECIFIED) return fail("subject PERSON, PROVIDER or RESPONDENT");
    if (c.role() == v1::ROLE_UNSPECIFIED) return fail("role DENOMINATOR or NUMERATOR");
    if (c.has_capacity() != (c.subject() == v1::PROVIDER))
      return fail("capacity for subject PROVIDER, and only there");
    if (c.has_survey_index() != (c.subject() == v1::RESPONDENT)) {
      return fail("survey_index for subject RESPONDENT, and only there");
    }
    if (c.has_where() && c.subject() != v1::PERSON) return fail("no where: predicates are about persons");
    if (c.classes_size() > 32) return fail("at most 32 classes");
    if (c.has_where()) KPR_RETURN_IF_ERROR(CheckPredicate(c.where(), i, 0));
    for (const v1::Class& k : c.classes()) {
      if (k.id().empty()) return fail("an id for each class");
      if (k.has_where()) KPR_RETURN_IF_ERROR(CheckPredicate(k.where(), i, 0));
    }
    const bool counts_persons =
        c.subject() == v1::PERSON && c.measure_case() == v1::Component::MEASURE_NOT_SET;
    if (counts_persons && !(c.has_where() && PlacesPerson(c.where()))) {
      return fail(
          "a service_active or waiting_for_place that is not under a not: it decides the municipality");
    }
    if (c.has_stay_days()) KPR_RETURN_IF_ERROR(CheckTypes(c.stay_days().types(), i));
    if (c.has_waiting_time()) KPR_RETURN_IF_ERROR(CheckTypes(c.waiting_time().types(), i));
    if (c.has_capacity()) {
      if (c.capacity().terms().empty()) return fail("at least one term of capacity");
      for (const auto& term : c.capacity().terms()) {
        if (term.field() == v1::CAPACITY_FIELD_UNSPECIFIED) return fail("a field in each term of capacity");
      }
    }
    if (c.has_survey_index()) {
      const auto& s = c.survey_index();
      if (s.instrument().empty() || s.respondent() == v1::SURVEY_RESPONDENT_UNSPECIFIED) {
        return fail("instrument and respondent of the survey_index");
      }
      if (s.items() == 0 || s.items() > limits::kFactValues) return fail("items from 1 to 24");
      if (s.scale_min() == 0 || s.scale_max() <= s.scale_min()) return fail("0 < scale_min < scale_max");
      for (uint32_t item : s.reversed_items()) {
        if (item == 0 || item > s.items()) return fail("reversed_items among the items");
      }
    }
    return {};
  }

  template <typename Types>
  Status CheckTypes(const Types& types, int i) const {
    if (types.empty()) return Fail("components", "at least one service type", i);
    for (uint32_t type : types) {
      if (ServiceTypeName(type).empty()) {
        return Fail("components", fmt::format("service types of kodeverk 9151, which has no {}", type), i);
      }
    }
    return {};
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
        return CheckTypes(p.service_active().types(), i);
      case v1::Predicate::kWaitingForPlace:
        return CheckTypes(p.waiting_for_place().types(), i);
      case v1::Predicate::kFactWithin:
        if (p.fact_within().fact() == v1::FACT_TYPE_UNSPECIFIED)
          return Fail("components", "a fact in fact_within", i);
        if (p.fact_within().months() > 1200) return Fail("components", "months up to 1200", i);
        return {};
      case v1::Predicate::kAge:
        if (p.age().to() != 0 && p.age().to() < p.age().from())
          return Fail("components", "age from <= to", i);
        return {};
      case v1::Predicate::TEST_NOT_SET:
        return Fail("components", "a test in each predicate", i);
    }
    return {};
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
      default:
        return false;
    }
  }

  Status CheckKind() const {
    bool numerator = false, denominator = false, waiting = false;
    for (const auto& c : d_.components()) {
      (c.role() == v1::NUMERATOR ? numerator : denominator) = true;
      waiting = waiting || c.has_waiting_time();
    }
    switch (d_.kind()) {
      case v1::COUNT:
        if (!numerator || denominator) return Fail("kind", "a COUNT to have NUMERATOR components only");
        return {};
      case v1::RATIO:
        if (!numerator || !denominator)
          return Fail("kind", "a RATIO to have NUMERATOR and DENOMINATOR components");
        return {};
      case v1::PROPORTION: {
        if (d_.components_size() != 1 || numerator)
          return Fail("kind", "a PROPORTION to have one DENOMINATOR component");
        const auto& c = d_.components(0);
        const bool named = std::any_of(c.classes().begin(), c.classes().end(),
                                       [&](const v1::Class& k) { return k.id() == c.numerator_class(); });
        if (!named) return Fail("components", "numerator_class to name one of the classes", 0);
        return {};
      }
      case v1::MEAN:
        if (d_.components_size() != 1 || !d_.components(0).has_survey_index() || numerator) {
          return Fail("kind", "a MEAN to have one DENOMINATOR component with survey_index");
        }
        return {};
      case v1::MEDIAN_DAYS:
        if (d_.components_size() != 1 || !waiting || numerator) {
          return Fail("kind", "MEDIAN_DAYS to have one DENOMINATOR component with waiting_time");
        }
        return {};
      default:
        return Fail("kind", "a kind");
    }
  }

  const v1::Definition& d_;
  const TextFormat::ParseInfoTree& tree_;
  const std::string& file_;
};

}  // namespace

Result<v1::Definition> ParseDefinition(std::string_view text, const std::string& file) {
  FirstError error(file);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(32);
  v1::Definition definition;
  if (!parser.ParseFromString(std::string(text), &definition)) return Invalid(error.text());
  if (Status status = Checker(definition, tree, file).Check(); !status.ok()) return status;
  return definition;
}

Result<Catalogue> LoadCatalogue(const std::vector<embedded::File>& files) {
  Catalogue catalogue;
  std::map<std::string, std::string> seen;
  uint64_t hash = Fnv1a("catalogue");
  std::vector<embedded::File> sorted = files;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const embedded::File& file : sorted) {
    KPR_ASSIGN_OR_RETURN(v1::Definition definition, ParseDefinition(file.content, file.name));
    const std::string key = fmt::format("{} version {}", definition.id(), definition.version());
    if (const auto [it, fresh] = seen.emplace(key, file.name); !fresh) {
      return Invalid(fmt::format("{}: {} stands in {} already", file.name, key, it->second));
    }
    hash = Fnv1a(file.content, hash);
    catalogue.definitions.push_back(std::move(definition));
  }
  if (catalogue.definitions.empty()) return Invalid("the catalogue holds no *.textproto");
  catalogue.hash = fmt::format("{:016x}", hash);
  return catalogue;
}

Result<std::vector<embedded::File>> ReadCatalogueFolder(const std::string& folder) {
  std::vector<embedded::File> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".textproto") continue;
    std::ifstream in(entry.path());
    std::stringstream content;
    content << in.rdbuf();
    files.push_back({entry.path().filename().string(), content.str()});
  }
  if (error) return NotFound(fmt::format("catalogue folder {}: {}", folder, error.message()));
  return files;
}

}  // namespace kpr
