#include "app/commands/extract_output.h"

#include <fmt/format.h>

#include <iostream>

namespace kpr {
namespace {

std::string StateName(v1::Extract::State state) {
  return WithoutPrefix(v1::Extract::State_Name(state), "STATE_");
}

std::string Words(const std::string& name) {
  std::string words;
  for (const char c : name)
    words += c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return words;
}

}  // namespace

void PrintVariables(const v1::VariableCatalogue& catalogue, const std::string& table, Output output) {
  if (output == Output::kJson) return PrintJson(catalogue);
  TextTable text{{"variable", "meaning", "type", "codes", "sensitivity"}, {}};
  for (const v1::VariableTable& t : catalogue.tables()) {
    if (!table.empty() && t.name() != table) continue;
    for (const v1::Variable& v : t.variables()) {
      const std::string codes = v.codes().empty() ? v.code_list()
                                : v.code_list().empty()
                                    ? Plural(static_cast<uint64_t>(v.codes_size()), "code")
                                    : v.code_list();
      text.rows.push_back({v.name(), v.meaning().en(),
                           Words(WithoutPrefix(v1::VariableType_Name(v.type()), "VARIABLE_TYPE_")), codes,
                           Words(WithoutPrefix(v1::Sensitivity_Name(v.sensitivity()), "SENSITIVITY_"))});
    }
  }
  Print(text, output);
}

void PrintCheck(const v1::ExtractCheck& check, Output output) {
  if (output == Output::kJson) return PrintJson(check);
  for (const std::string& finding : check.findings()) std::cout << finding << '\n';
  if (!check.findings().empty()) return;
  std::cout << fmt::format("request {}\ncomplete; ", check.request_sha256());
  if (check.anonymous()) {
    std::cout << "how much of the tables is hidden is known when they are built\n";
    return;
  }
  if (check.persons() == 0) {
    std::cout << "fewer persons than an estimate is given of\n";
    return;
  }
  std::cout << fmt::format(
      "about {} persons and {} rows; about {:.0f} % of the persons would be in too small a class\n",
      check.persons(), check.rows(), 100 * check.at_risk());
}

void PrintRisk(const v1::ExtractRisk& risk) {
  if (risk.k() == 0) return;
  std::cout << fmt::format(
      "risk: {} of {} persons share {} with fewer than {}, or differ in too little; {} left out",
      risk.below(), risk.persons(),
      risk.identifying().empty()
          ? "nothing"
          : fmt::format("{}", fmt::join(risk.identifying().begin(), risk.identifying().end(), ", ")),
      risk.k(), risk.withheld());
  if (risk.smallest_class() > 0)
    std::cout << fmt::format("; the smallest class has {}", risk.smallest_class());
  std::cout << '\n';
  for (const v1::VariableRisk& without : risk.without()) {
    if (without.below() < risk.below())
      std::cout << fmt::format("  without {}: {}\n", without.variable(), without.below());
  }
}

void PrintExtract(const v1::Extract& extract, Output output) {
  if (output == Output::kJson) return PrintJson(extract);
  std::cout << fmt::format("{}: {}", extract.id(), StateName(extract.state()));
  if (extract.state() == v1::Extract::STATE_BUILDING)
    std::cout << fmt::format(", {:.0f} %", 100 * extract.progress());
  const bool anonymous = extract.request().has_anonymous();
  const std::string what =
      anonymous ? "anonymous tables"
                : fmt::format("{} to {}", extract.request().first_month(), extract.request().last_month());
  std::cout << fmt::format("\n{}, {}\nrequest {}\nproposed by {}, {}, until {}\n", extract.request().title(),
                           extract.request().institution(), extract.request_sha256(), extract.proposed_by(),
                           what, extract.request().expires_on());
  if (extract.request().has_linkage())
    std::cout << fmt::format("to be linked by {}, {} of {} persons asked for: {}\n",
                             extract.request().linkage().linker(), extract.linkage_asked(),
                             extract.request().linkage().most_persons(),
                             extract.request().linkage().purpose());
  for (const v1::ExtractDecision& decision : extract.decisions()) {
    std::cout << fmt::format(
        "{} by {} as {}{}\n", Words(WithoutPrefix(v1::ExtractDecision::Kind_Name(decision.kind()), "KIND_")),
        decision.principal(), decision.role(), decision.text().empty() ? "" : ": " + decision.text());
  }
  for (const v1::GroupedCodes& grouped : extract.grouped())
    std::cout << fmt::format("{}: {} rare codes given as other\n", grouped.variable(), grouped.values_size());
  if (!extract.failure().empty()) std::cout << extract.failure() << '\n';
  PrintRisk(extract.risk());
  if (extract.has_delta()) {
    const v1::ExtractDelta& delta = extract.delta();
    std::cout << fmt::format(
        "changes to {}: {} persons new, {} withdrawn (delete all on them), {} changed; {} rows new, {} "
        "withdrawn\n",
        extract.delta_to(), delta.new_persons(), delta.withdrawn_persons(), delta.changed_persons(),
        delta.new_rows(), delta.withdrawn_rows());
  }
  if (extract.files().empty()) return;
  const std::string on = anonymous ? "" : fmt::format(" on {} persons", extract.persons());
  std::cout << fmt::format("{} rows{}, data up to {}\n", extract.rows(), on, extract.data_day());
  TextTable table{{"file", "bytes", "rows", "SHA-256"}, {}};
  for (const v1::ExtractFile& file : extract.files())
    table.rows.push_back({file.name(), std::to_string(file.bytes()),
                          file.rows() == 0 ? "" : std::to_string(file.rows()), file.sha256().substr(0, 16)});
  Print(table, output);
}

void PrintExtracts(const v1::ListExtractsResponse& extracts, Output output) {
  if (output == Output::kJson) return PrintJson(extracts);
  TextTable table{{"id", "state", "title", "proposed by", "persons", "rows", "until"}, {}};
  for (const v1::Extract& e : extracts.extracts()) {
    table.rows.push_back({e.id(), StateName(e.state()), e.request().title(), e.proposed_by(),
                          e.files().empty() ? "" : std::to_string(e.persons()),
                          e.files().empty() ? "" : std::to_string(e.rows()), e.request().expires_on()});
  }
  Print(table, output);
}

}  // namespace kpr
