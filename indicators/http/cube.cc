#include "indicators/http/cube.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "indicators/geography/structure.h"
#include "indicators/http/message.h"
#include "indicators/query/area.h"

namespace kpr::http {
namespace {

constexpr const char* kHidden = ":";
constexpr const char* kNotInTable = "not_in_table";
constexpr const char* kNoInterval = "no_interval";

v1::Text Both(const std::string& nb, const std::string& en) {
  v1::Text text;
  text.set_nb(nb);
  text.set_en(en);
  return text;
}

const char* FlagOf(v1::MissingReason reason) {
  switch (reason) {
    case v1::MISSING_REASON_NOT_REPORTED:
      return "..";
    case v1::MISSING_REASON_NOT_DECLARED:
      return "not_declared";
    case v1::MISSING_REASON_BELOW_MINIMUM:
      return "below_minimum";
    case v1::MISSING_REASON_NOT_COMPARABLE:
      return "not_comparable";
    case v1::MISSING_REASON_NOT_APPROVED:
      return "not_approved";
    case v1::MISSING_REASON_POOLED:
      return "pooled";
    case v1::MISSING_REASON_UNSPECIFIED:
    case v1::MISSING_REASON_EMPTY_DENOMINATOR:
    case v1::MissingReason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::MissingReason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return ".";
}

// The measures that every table has, before and after its amounts.
constexpr int kValue = 0, kLower = 1, kFirstAmount = 3;  // 2 is the upper limit

// Units of definitions are English words.
v1::Text UnitText(const std::string& unit) {
  static const std::map<std::string, std::string> norwegian{
      {"persons", "personer"}, {"residents", "beboere"},     {"days", "dager"},
      {"stays", "opphold"},    {"hours", "timer"},           {"places", "plasser"},
      {"points", "poeng"},     {"applications", "søknader"}, {"index 0-100", "indeks 0–100"}};
  const auto found = norwegian.find(unit);
  return Both(found == norwegian.end() ? unit : found->second, unit);
}

Category MeasureOf(const char* code, v1::Text label, uint32_t decimals, v1::Text unit) {
  Category category;
  category.code = code;
  category.label = std::move(label);
  category.decimals = decimals;
  category.unit = std::move(unit);
  return category;
}

// A county that is called as a municipality is (Oslo) says that it is the county.
void NameCounties(std::vector<Category>* areas) {
  std::set<std::string> municipalities;
  for (const Category& area : *areas) {
    if (area.code.size() == 4) municipalities.insert(area.label.nb());
  }
  for (Category& area : *areas) {
    if (area.code.size() != 2 || !municipalities.contains(area.label.nb())) continue;
    area.label = Both(area.label.nb() + " (fylke)", area.label.en() + " (county)");
  }
}

const std::vector<std::string> kSexes{"all", "female", "male", "unknown"};

}  // namespace

const std::string& In(const v1::Text& text, Language language) {
  const std::string& wanted = language == Language::kNorwegian ? text.nb() : text.en();
  return wanted.empty() ? text.nb() : wanted;
}

int CubeDimension::Find(const std::string& code_of) const {
  const auto found = by_code.find(LowerCase(code_of));
  return found == by_code.end() ? -1 : found->second;
}

const std::vector<Flag>& Flags() {
  static const std::vector<Flag> flags{
      {"..", "Manglende data: ikke rapportert", "Missing: not reported"},
      {".", "Lar seg ikke beregne: ingen i nevneren", "Cannot be computed: nobody in the denominator"},
      {":", "Skjult av hensyn til personvernet", "Hidden to protect persons"},
      {kNoInterval, "Det beregnes ikke intervall for dette tallet",
       "No interval is computed for this figure"},
      {"not_declared", "Kommunen har ikke meldt perioden komplett",
       "The municipality has not declared the period complete"},
      {"below_minimum", "Færre i nevneren enn definisjonen krever",
       "Fewer in the denominator than the definition asks for"},
      {"not_comparable", "Ikke sammenlignbar: kommunegrensene er endret",
       "Not comparable: municipal borders have changed"},
      {"not_approved", "Kommunen har ikke godkjent tallene", "The municipality has not approved its figures"},
      {"pooled", "Vises samlet med andre små kommuner i fylket",
       "Shown together with other small municipalities of the county"},
      {"as_last_release", "Som i forrige utgivelse", "As in the last release"},
      {"not_approved_last_release", "Ikke godkjent; tallet er fra forrige utgivelse",
       "Not approved; the figure is of the last release"},
      {kNotInTable, "Ikke publisert for dette stedet, denne perioden eller denne gruppen",
       "Not published for this place, period or group"},
  };
  return flags;
}

v1::Text SexLabel(const std::string& sex) {
  if (sex == "all") return Both("Begge kjønn", "Both sexes");
  if (sex == "female") return Both("Kvinner", "Women");
  if (sex == "male") return Both("Menn", "Men");
  return Both("Ukjent", "Unknown");
}

v1::Text AgeLabel(const std::string& age) {
  if (age == "all") return Both("Alle aldre", "All ages");
  if (age == "unknown") return Both("Ukjent", "Unknown");
  if (age.ends_with("+")) {
    const std::string from = age.substr(0, age.size() - 1);
    return Both(from + " år og over", from + " years or more");
  }
  return Both(age + " år", age + " years");
}

Cube::Cube(v1::ReleaseTable table, int structure_year) : table_(std::move(table)) {
  AddAreas(structure_year);
  AddPeriods();
  AddStrata();
  AddMeasures();
  size_t rows = 1;
  for (size_t d = 0; d + 1 < dimensions_.size(); ++d) rows *= dimensions_[d].categories.size();
  row_of_.assign(rows, -1);
  for (CubeDimension& dimension : dimensions_) {
    for (size_t i = 0; i < dimension.categories.size(); ++i)
      dimension.by_code[LowerCase(dimension.categories[i].code)] = static_cast<int>(i);
  }
  std::vector<std::map<std::string, size_t>> places(dimensions_.size());
  for (size_t d = 0; d < dimensions_.size(); ++d) {
    for (size_t i = 0; i < dimensions_[d].categories.size(); ++i)
      places[d][dimensions_[d].categories[i].code] = i;
  }
  for (int i = 0; i < table_.rows_size(); ++i) {
    const v1::ReleaseRow& row = table_.rows(i);
    size_t at = places[0].at(row.area()) * dimensions_[1].categories.size() + places[1].at(row.period());
    for (const int d : {sex_, age_}) {
      if (d < 0) continue;
      const auto& of = places[static_cast<size_t>(d)];
      at = at * of.size() + of.at(d == sex_ ? row.sex() : row.age());
    }
    row_of_[at] = i;
  }
}

void Cube::AddAreas(int structure_year) {
  const Date day = Structure::Of(structure_year).day();
  CubeDimension areas{"GEO", Both("Geografi", "Area"), CubeDimension::Role::kGeo, {}};
  std::set<std::string> codes;
  for (const v1::ReleaseRow& row : table_.rows()) codes.insert(row.area());
  std::map<std::string, int> counties;
  int country = -1;
  // "0" first, then "03" before "0301": as text they are in the order of the tree.
  for (const std::string& code : codes) {
    Category category;
    category.code = code;
    category.label = AreaName(LevelOfArea(code), AreaOfCode(code), day);
    const auto place = static_cast<int>(areas.categories.size());
    if (code == "0") country = place;
    if (code != "0") category.parent = country;
    if (code.size() == 2) counties[code] = place;
    if (LevelOfArea(code) == v1::LEVEL_MUNICIPALITY) {
      const auto county = counties.find(code.substr(0, 2));
      if (county != counties.end()) category.parent = county->second;
    }
    areas.categories.push_back(std::move(category));
  }
  NameCounties(&areas.categories);
  dimensions_.push_back(std::move(areas));
}

void Cube::AddPeriods() {
  CubeDimension periods{"AAR", Both("Periode", "Period"), CubeDimension::Role::kTime, {}};
  std::set<std::string> codes;
  for (const v1::ReleaseRow& row : table_.rows()) codes.insert(row.period());
  for (const std::string& code : codes) {
    Category category;
    category.code = code;
    category.label = Both(code, code);
    periods.categories.push_back(std::move(category));
  }
  dimensions_.push_back(std::move(periods));
}

void Cube::AddStrata() {
  std::set<std::string> sexes, ages;
  for (const v1::ReleaseRow& row : table_.rows()) {
    sexes.insert(row.sex());
    ages.insert(row.age());
  }
  if (sexes.size() > 1) {
    CubeDimension dimension{"KJONN", Both("Kjønn", "Sex"), CubeDimension::Role::kClassification, {}};
    for (const std::string& code : kSexes) {
      if (!sexes.contains(code)) continue;
      Category category;
      category.code = code;
      category.label = SexLabel(code);
      category.parent = dimension.categories.empty() ? -1 : 0;
      dimension.categories.push_back(std::move(category));
    }
    sex_ = static_cast<int>(dimensions_.size());
    dimensions_.push_back(std::move(dimension));
  }
  if (ages.size() > 1) {
    CubeDimension dimension{"ALDER", Both("Alder", "Age"), CubeDimension::Role::kClassification, {}};
    std::vector<std::string> order(ages.begin(), ages.end());
    std::stable_partition(order.begin(), order.end(), [](const std::string& age) { return age == "all"; });
    for (const std::string& code : order) {
      Category category;
      category.code = code;
      category.label = AgeLabel(code);
      category.parent = code == "all" || order.front() != "all" ? -1 : 0;
      dimension.categories.push_back(std::move(category));
    }
    age_ = static_cast<int>(dimensions_.size());
    dimensions_.push_back(std::move(dimension));
  }
}

void Cube::AddMeasures() {
  CubeDimension measures{"MEASURE_TYPE", Both("Måltall", "Measure"), CubeDimension::Role::kMetric, {}};
  const v1::Text unit = UnitText(table_.unit());
  auto& list = measures.categories;
  list.push_back(MeasureOf("value", table_.title(), table_.decimals(), unit));
  list.push_back(MeasureOf("lower", Both("95 % intervall, nedre grense", "95 % interval, lower"),
                           table_.decimals(), unit));
  list.push_back(MeasureOf("upper", Both("95 % intervall, øvre grense", "95 % interval, upper"),
                           table_.decimals(), unit));
  for (const v1::ReleaseAmount& amount : table_.amounts()) {
    const uint32_t decimals = amount.divisor() > 1 ? 1 : 0;
    v1::Text label = amount.title();
    if (amount.id() == "denominator") label = Both("Nevner", "Denominator");
    if (amount.id() == "numerator") label = Both("Teller", "Numerator");
    list.push_back(MeasureOf(amount.id().c_str(), label, decimals,
                             amount.persons() ? Both("personer", "persons") : Both("antall", "number")));
  }
  const v1::Text municipalities = Both("kommuner", "municipalities");
  list.push_back(MeasureOf("municipalities", Both("Kommuner i området", "Municipalities of the area"), 0,
                           municipalities));
  list.push_back(MeasureOf("declared",
                           Both("Kommuner som har meldt perioden komplett",
                                "Municipalities that have declared the period complete"),
                           0, municipalities));
  list.push_back(MeasureOf("approved",
                           Both("Kommuner som har godkjent tallene", "Municipalities that have approved"), 0,
                           municipalities));
  dimensions_.push_back(std::move(measures));
}

CubeCell Cube::At(const std::vector<int>& places) const {
  size_t at = 0;
  for (size_t d = 0; d + 1 < dimensions_.size(); ++d)
    at = at * dimensions_[d].categories.size() + static_cast<size_t>(places[d]);
  const int row = row_of_[at];
  if (row < 0) return {std::nullopt, kNotInTable};
  return Measure(table_.rows(row), places.back());
}

CubeCell Cube::Amount(const v1::ReleaseRow& row, int amount) const {
  switch (row.states(amount)) {
    case v1::FIGURE_STATE_HIDDEN:
      return {std::nullopt, kHidden};
    case v1::FIGURE_STATE_SHOWN:
    case v1::FIGURE_STATE_FORMER: {
      const auto divisor = std::max<uint32_t>(1, table_.amounts(amount).divisor());
      const double value = static_cast<double>(row.amounts(amount)) / divisor;
      if (row.carried_forward()) return {value, "not_approved_last_release"};
      return {value, row.states(amount) == v1::FIGURE_STATE_FORMER ? "as_last_release" : ""};
    }
    case v1::FIGURE_STATE_UNSPECIFIED:
    case v1::FIGURE_STATE_MISSING:
    case v1::FigureState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::FigureState_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return {std::nullopt, FlagOf(row.missing_reason())};
}

CubeCell Cube::Measure(const v1::ReleaseRow& row, int measure) const {
  const int after = measure - kFirstAmount - table_.amounts_size();
  if (after == 0) return {row.municipalities(), ""};
  if (after == 1) return {row.declared(), ""};
  if (after == 2) return {row.approved(), ""};
  if (measure >= kFirstAmount) return Amount(row, measure - kFirstAmount);
  std::string_view status = row.carried_forward() ? "not_approved_last_release" : "";
  for (const uint32_t amount : table_.value_amounts()) {
    const CubeCell of = Amount(row, static_cast<int>(amount));
    if (status.empty() || of.status == kHidden) status = of.status;
  }
  const bool has = measure == kValue   ? row.has_value()
                   : measure == kLower ? row.has_lower()
                                       : row.has_upper();
  const double value = measure == kValue ? row.value() : measure == kLower ? row.lower() : row.upper();
  // What a hidden amount goes into is hidden, whatever the file says.
  if (status == kHidden) return {std::nullopt, kHidden};
  if (has) return {value, status};
  if (measure != kValue && row.has_value()) return {std::nullopt, kNoInterval};
  if (row.missing_reason() != v1::MISSING_REASON_UNSPECIFIED)
    return {std::nullopt, FlagOf(row.missing_reason())};
  return {std::nullopt, status.empty() ? "." : status};
}

}  // namespace kpr::http
