#include "extracts/request/request.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/crypto/age.h"
#include "base/crypto/hash.h"
#include "base/limits.h"
#include "extracts/request/population.h"
#include "extracts/variables/indicator_tables.h"
#include "extracts/variables/variables.h"
#include "indicators/definition/first_error.h"
#include "registry/codelists/codelists.h"

namespace kpr::extract {
namespace {

bool IsName(const std::string& text) {
  return !text.empty() && text.size() <= limits::kProjectBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// Whether the amount is of days, from which first and last ones follow.
bool CountsDays(const Variable& variable, const Table& table) {
  const v1::Role role = variable.origin == Origin::kDenominator ? v1::ROLE_DENOMINATOR : v1::ROLE_NUMERATOR;
  if (variable.origin == Origin::kNumerator && table.definition->kind() == v1::KIND_MEDIAN_DAYS) return true;
  if (variable.origin != Origin::kNumerator && variable.origin != Origin::kDenominator) return false;
  const auto& components = table.definition->components();
  return std::any_of(components.begin(), components.end(), [&](const v1::Component& component) {
    return component.role() == role && component.has_stay_days();
  });
}

class Judge {
 public:
  Judge(const v1::ExtractRequest& request, std::span<const v1::FileFormat> formats)
      : r_(request), formats_(formats) {}

  std::vector<std::string> Run() {
    JudgeHead();
    JudgeAims();
    if (r_.has_anonymous()) {
      JudgeAnonymous();
    } else {
      JudgeVariables();
      JudgeFrame();
    }
    JudgeLinkage();
    JudgeFormats();
    return std::move(found_);
  }

 private:
  template <typename... Args>
  void Find(fmt::format_string<Args...> format, Args&&... args) {
    found_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void JudgeHead() {
    if (!IsName(r_.project()))
      Find("project: expected 1 to {} lower-case letters, digits and hyphens, such as \"falls-2026\"",
           limits::kProjectBytes);
    const std::pair<const char*, const std::string&> texts[] = {{"title", r_.title()},
                                                                {"institution", r_.institution()},
                                                                {"legal_basis", r_.legal_basis()},
                                                                {"purpose", r_.purpose()}};
    for (const auto& [field, text] : texts) {
      if (text.empty()) Find("{}: missing", field);
      if (text.size() > limits::kRequestTextBytes)
        Find("{}: longer than {} bytes", field, limits::kRequestTextBytes);
    }
  }

  void JudgeAims() {
    if (r_.aims().empty()) Find("aims: expected at least one question that the data are to answer");
    std::map<std::string, int> needs;
    for (const v1::ExtractAim& aim : r_.aims()) {
      if (!IsName(aim.id()) || aim.text().empty())
        Find("aims: expected an id in lower case and a text for each");
      if (!needs.emplace(aim.id(), 0).second) Find("aims: '{}' is there twice", aim.id());
    }
    for (const v1::RequestedVariable& variable : r_.variables())
      JudgeNeed("variables", variable.name(), variable.aims(), &needs);
    for (const v1::AnonymousTable& table : r_.anonymous().tables())
      JudgeNeed("anonymous.tables", table.table().indicator(), table.aims(), &needs);
    for (const auto& [id, count] : needs) {
      if (count == 0)
        Find("aims: no {} is for '{}'; name them, or leave the aim out",
             r_.has_anonymous() ? "table" : "variable", id);
    }
  }

  void JudgeNeed(const char* field, const std::string& name,
                 const google::protobuf::RepeatedPtrField<std::string>& aims,
                 std::map<std::string, int>* needs) {
    if (aims.empty())
      Find("{}: '{}' is more than is needed: no aim names it; say which, or leave it out", field, name);
    for (const std::string& id : aims) {
      const auto aim = needs->find(id);
      if (aim == needs->end()) {
        Find("{}: '{}' is for the aim '{}', which is not among the aims", field, name, id);
      } else {
        ++aim->second;
      }
    }
  }

  // The tables themselves are judged where the definitions are known.
  void JudgeAnonymous() {
    if (r_.anonymous().tables().empty()) Find("anonymous.tables: expected at least one");
    std::set<std::string> indicators;
    for (const v1::AnonymousTable& asked : r_.anonymous().tables()) {
      const v1::TablePlan& table = asked.table();
      if (!indicators.insert(table.indicator()).second)
        Find("anonymous.tables: '{}' is there twice", table.indicator());
      if (table.periods_size() > limits::kExtractMonths)
        Find("anonymous.tables: '{}': at most {} periods", table.indicator(), limits::kExtractMonths);
      if (std::set<int>(table.levels().begin(), table.levels().end()).size() !=
          static_cast<size_t>(table.levels_size()))
        Find("anonymous.tables: '{}': each level once", table.indicator());
    }
    v1::ExtractRequest rows = r_;
    rows.clear_anonymous();
    for (const char* allowed : {"project", "title", "institution", "legal_basis", "purpose", "aims",
                                "formats", "recipients", "expires_on"})
      rows.GetReflection()->ClearField(&rows, v1::ExtractRequest::descriptor()->FindFieldByName(allowed));
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    rows.GetReflection()->ListFields(rows, &fields);
    for (const auto* field : fields)
      Find("{}: is of rows on persons, and anonymous tables have none; leave it out", field->name());
    if (r_.formats_size() != 1 || r_.formats(0) != v1::FILE_FORMAT_CSV)
      Find("formats: expected CSV, which anonymous tables are written in");
  }

  void JudgeVariables() {
    if (r_.variables().empty())
      Find("variables: expected at least one of those that 'kpr extract variables' shows");
    std::set<std::string> names;
    for (const v1::RequestedVariable& variable : r_.variables()) {
      const Table* table = nullptr;
      if (FindVariable(variable.name(), &table) == nullptr)
        Find("variables: there is no '{}'; 'kpr extract variables' shows those that there are",
             variable.name());
      if (!names.insert(variable.name()).second) Find("variables: '{}' is there twice", variable.name());
    }
    if (names.contains("persons.birth_date") && names.contains("persons.birth_year"))
      Find("variables: 'persons.birth_date' tells 'persons.birth_year' as well; one of them is enough");
    if (names.contains("persons.birth_date") && r_.birth_years() > 1)
      Find("variables: 'persons.birth_date' undoes birth_years: {}; ask for 'persons.birth_year'",
           r_.birth_years());
    if (names.contains("service_spells.days") && r_.dates() != v1::DATE_PRECISION_EXACT)
      Find(
          "variables: 'service_spells.days' tells the days that dates hides; count the months between start "
          "and end, or ask for EXACT");
    if (names.contains("persons.municipality") && names.contains("persons.county"))
      Find("variables: 'persons.municipality' tells 'persons.county' as well; one of them is enough");
  }

  void JudgeFrame() {
    const Status population = CheckPopulation(r_);
    if (!population.ok()) found_.push_back(population.message());
    const auto first = Period::Parse(r_.first_month()), last = Period::Parse(r_.last_month());
    const bool months =
        first && last && first->kind == PeriodKind::kMonth && last->kind == PeriodKind::kMonth;
    if (!months) {
      Find("first_month, last_month: expected months such as \"2023-01\"");
    } else if (last->ordinal < first->ordinal || last->ordinal - first->ordinal >= limits::kExtractMonths) {
      Find("last_month: expected first_month or later, at most {} months in all", limits::kExtractMonths);
    }
    if (months) JudgeIndicators(first->first(), last->last());
    for (const std::string& area : r_.areas()) {
      const auto municipality = Municipality::Parse(area);
      const bool known = area.size() == 2
                             ? !CountyName(static_cast<uint16_t>(std::atoi(area.c_str()))).empty()
                             : municipality && !MunicipalityName(*municipality, kNoEnd).empty();
      if (!known) Find("areas: '{}' is no municipality (4 digits) or county (2 digits)", area);
    }
    if (!v1::DatePrecision_IsValid(r_.dates())) Find("dates: expected EXACT, MONTH or SHIFTED");
    if (r_.birth_years() != 0 && r_.birth_years() != 1 && r_.birth_years() != 5 && r_.birth_years() != 10)
      Find("birth_years: expected 1, 5 or 10");
  }

  // Indicators are by true and whole periods.
  void JudgeIndicators(Date first, Date last) {
    for (const v1::RequestedVariable& variable : r_.variables()) {
      const Table* table = nullptr;
      if (FindVariable(variable.name(), &table) == nullptr || table->kind != TableKind::kIndicator) continue;
      if (r_.dates() == v1::DATE_PRECISION_SHIFTED)
        Find("variables: '{}' tells the periods that SHIFTED dates hide; ask for MONTH or EXACT",
             variable.name());
      if (r_.dates() != v1::DATE_PRECISION_EXACT &&
          CountsDays(*FindVariable(variable.name(), &table), *table))
        Find("variables: '{}' tells the days that dates hides; ask for EXACT", variable.name());
      Period period = Period::Containing(ShortestPeriod(*table->definition), first);
      if (period.first() < first) ++period.ordinal;
      if (period.last() > last)
        Find("variables: '{}' is by {}, and none lies whole within the time frame; widen it", variable.name(),
             NameOf(period.kind));
    }
  }

  void JudgeLinkage() {
    if (!r_.has_linkage()) return;
    if (r_.linkage().most_persons() == 0)
      Find("linkage.most_persons: expected how many persons the linker may ask for in all");
    const std::pair<const char*, const std::string&> texts[] = {{"linker", r_.linkage().linker()},
                                                                {"purpose", r_.linkage().purpose()}};
    for (const auto& [field, text] : texts) {
      if (text.empty() || text.size() > limits::kPurposeBytes)
        Find("linkage.{}: expected 1 to {} bytes", field, limits::kPurposeBytes);
    }
  }

  void JudgeFormats() {
    if (r_.formats().empty()) Find("formats: expected at least one of CSV, STATA, SPSS, PARQUET");
    std::set<int> formats;
    for (const int format : r_.formats()) {
      if (std::find(formats_.begin(), formats_.end(), format) == formats_.end())
        Find("formats: {} cannot be written here",
             v1::FileFormat_IsValid(format)
                 ? v1::FileFormat_Name(static_cast<v1::FileFormat>(format)).substr(sizeof "FILE_FORMAT_" - 1)
                 : std::to_string(format));
      if (!formats.insert(format).second) Find("formats: each once");
    }
  }

  const v1::ExtractRequest& r_;
  const std::span<const v1::FileFormat> formats_;
  std::vector<std::string> found_;
};

}  // namespace

Result<v1::ExtractRequest> ParseRequest(std::string_view text, const std::string& file) {
  v1::ExtractRequest request;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (text.size() > limits::kRequestBytes)
    return Invalid(fmt::format("{}: longer than {} bytes", file, limits::kRequestBytes));
  if (begin != std::string_view::npos && text[begin] == '{') {
    const auto read = google::protobuf::util::JsonStringToMessage(std::string(text), &request);
    if (!read.ok()) return Invalid(fmt::format("{}: {}", file, std::string(read.message())));
    return request;
  }
  google::protobuf::TextFormat::Parser parser;
  FirstError error(file);
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &request)) return Invalid(error.text());
  // An escape can hold any byte; what is not UTF-8 could be written and never be read again.
  v1::ExtractRequest again;
  if (!again.ParseFromString(request.SerializeAsString()))
    return Invalid(file + ": a text is not UTF-8; write letters as they are, without escapes");
  return request;
}

std::vector<std::string> Findings(const v1::ExtractRequest& request,
                                  std::span<const v1::FileFormat> formats) {
  return Judge(request, formats).Run();
}

std::vector<std::string> DeliveryFindings(const v1::ExtractRequest& request, Date today) {
  std::vector<std::string> found;
  if (request.recipients().empty() ||
      static_cast<size_t>(request.recipients_size()) > limits::kExtractRecipients) {
    found.push_back(
        fmt::format("recipients: expected 1 to {} age public keys; 'age-keygen -o key.txt' makes a pair",
                    limits::kExtractRecipients));
  }
  for (const std::string& recipient : request.recipients()) {
    const auto parsed = crypto::AgeRecipient::Parse(recipient);
    if (!parsed.ok()) found.push_back("recipients: " + parsed.status().message());
  }
  const auto end = Date::Parse(request.expires_on());
  if (!end || *end < today || *end - today > limits::kExtractDays)
    found.push_back(fmt::format("expires_on: expected a day YYYY-MM-DD from today, at most {} days ahead",
                                limits::kExtractDays));
  return found;
}

std::string HashOf(const v1::ExtractRequest& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return crypto::Sha256(bytes);
}

}  // namespace kpr::extract
