#include "app/commands/release_output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "app/commands/indicator_output.h"

namespace kpr {
namespace {

std::string TimeText(const google::protobuf::Timestamp& at) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(at.seconds())));
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string Share(uint64_t part, uint64_t of) {
  return of == 0 ? ".."
                 : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(of));
}

std::string PolicyText(const v1::DisclosurePolicy& policy) {
  std::string text = policy.method() == v1::METHOD_ROUND
                         ? fmt::format("counts of 1 to {0} are rounded to 0 or {1}", policy.hide_up_to(),
                                       policy.hide_up_to() + 1)
                         : fmt::format("1 to {} persons are hidden", policy.hide_up_to());
  if (policy.zeros() == v1::ZEROS_PROTECTED) text += ", none too";
  if (policy.complement()) text += ", and those not counted";
  if (policy.denominator_up_to() > 0) text += fmt::format("; shares of up to {}", policy.denominator_up_to());
  if (policy.providers_at_least() > 0)
    text += fmt::format("; fewer than {} providers", policy.providers_at_least());
  if (policy.inhabitants_at_least() > 0)
    text += fmt::format("; fewer than {} inhabitants", policy.inhabitants_at_least());
  return text;
}

void PrintSignOffs(const v1::Draft& draft) {
  if (!draft.plan().sign_off().required()) return;
  size_t approved = 0, objected = 0;
  for (const v1::SignOff& sign_off : draft.sign_offs()) {
    (sign_off.answer() == v1::SignOff::ANSWER_APPROVED ? approved : objected) += 1;
  }
  std::cout << fmt::format("sign-off until {}: {} approved, {} objected, {} have not answered\n",
                           draft.plan().sign_off().deadline(), approved, objected,
                           draft.not_signed_off_size());
  for (const v1::SignOff& sign_off : draft.sign_offs()) {
    if (sign_off.answer() != v1::SignOff::ANSWER_OBJECTED) continue;
    std::cout << fmt::format("  {} objects: {}\n", sign_off.municipality(), sign_off.text());
  }
}

// The pairs of most figures.
void PrintSmallDifferences(const v1::Draft& draft) {
  constexpr int kPairs = 10;
  if (draft.small_differences().empty()) return;
  std::cout << fmt::format(
      "{} pairs of figures differ by 1 to {} persons where both are shown:\n"
      "if one counts everyone that the other counts, readers see how few more it counts\n",
      draft.small_differences_size(), draft.plan().policy().hide_up_to());
  TextTable table{{"one", "the other", "figures"}, {}};
  for (const v1::SmallDifference& pair : draft.small_differences()) {
    if (table.rows.size() == kPairs) break;
    table.rows.push_back({pair.larger(), pair.smaller(), std::to_string(pair.figures())});
  }
  Print(table, Output::kTable);
  if (draft.small_differences_size() > kPairs) std::cout << "--json shows all\n";
}

}  // namespace

void PrintPlan(const v1::PublicationPlan& plan, Output output) {
  if (output == Output::kJson) return PrintJson(plan);
  TextTable table{{"indicator", "version", "periods", "strata"}, {}};
  for (const v1::TablePlan& t : plan.tables()) {
    table.rows.push_back({t.indicator(), std::to_string(t.version()),
                          fmt::format("{}", fmt::join(t.periods(), " ")),
                          std::string(t.by_sex() ? "sex " : "") + (t.by_age() ? "age" : "")});
  }
  Print(table, output);
  if (output != Output::kTable) return;
  std::cout << fmt::format("series {}, structure of {}; {}\n", plan.id(), plan.structure_year(),
                           PolicyText(plan.policy()));
}

void PrintPolicies(Output output) {
  TextTable table{{"policy", "rules", "practice"}, {}};
  for (const auto& named : publication::NamedPolicies()) {
    table.rows.push_back({named.name, PolicyText(named.policy), named.practice});
  }
  Print(table, output == Output::kJson ? Output::kCsv : output);
}

void PrintDraft(const v1::Draft& draft, Output output) {
  if (output == Output::kJson) return PrintJson(draft);
  TextTable table{{"indicator", "figures", "hidden", "share", "by rule", "revision held", "changed",
                   "municipalities", "without a value", "declared"},
                  {}};
  for (const v1::TableReview& r : draft.reviews()) {
    table.rows.push_back({r.indicator(), std::to_string(r.figures()), std::to_string(r.hidden()),
                          Share(r.hidden(), r.figures()), std::to_string(r.by_rule()),
                          std::to_string(r.former()), std::to_string(r.changed()),
                          std::to_string(r.municipalities()),
                          std::to_string(r.municipalities_without_value()), std::to_string(r.declared())});
  }
  if (!table.rows.empty()) Print(table, output);
  if (output != Output::kTable) return;
  std::cout << fmt::format("draft of {} by {}: {}, {} of {} tables, data up to {}\n", draft.series(),
                           draft.drafted_by(),
                           Lower(WithoutPrefix(v1::Draft::State_Name(draft.state()), "STATE_")),
                           draft.tables_done(), draft.tables(), draft.horizon());
  if (!draft.failure().empty()) std::cout << draft.failure() << '\n';
  PrintSmallDifferences(draft);
  if (!draft.approved_by().empty()) std::cout << "approved by " << draft.approved_by() << '\n';
  PrintSignOffs(draft);
  if (!draft.content_hash().empty()) std::cout << "content " << draft.content_hash() << '\n';
}

void PrintPreview(const v1::DraftPreview& preview, Output output) {
  if (output == Output::kJson) return PrintJson(preview);
  TextTable table{{"indicator", "period", "value", "last release", "unit", "amounts"}, {}};
  for (const v1::PreviewRow& row : preview.rows()) {
    table.rows.push_back(
        {row.indicator(), row.period(),
         row.has_value() ? Number(row.value(), row.decimals()) : ReasonText(row.missing_reason()),
         row.has_last_release() ? Number(row.last_release(), row.decimals()) : "..", row.unit(),
         fmt::format("{}", fmt::join(row.amounts(), ", "))});
  }
  Print(table, output);
}

void PrintReleases(const v1::ListReleasesResponse& releases, Output output) {
  if (output == Output::kJson) return PrintJson(releases);
  TextTable table{{"series", "number", "released", "data up to", "files", "title"}, {}};
  for (const v1::Release& r : releases.releases()) {
    table.rows.push_back({r.series(), std::to_string(r.number()), TimeText(r.released_at()), r.horizon(),
                          std::to_string(r.files_size()), r.title().en()});
  }
  Print(table, output);
}

void PrintRelease(const v1::Release& release, Output output) {
  if (output == Output::kJson) return PrintJson(release);
  TextTable table{{"file", "bytes", "sha256"}, {}};
  for (const v1::ReleaseFile& file : release.files()) {
    table.rows.push_back({file.name(), std::to_string(file.bytes()), file.sha256()});
  }
  Print(table, output);
  if (output != Output::kTable) return;
  std::cout << fmt::format("release {} of {}, {}; data up to {}; {}\n", release.number(), release.series(),
                           TimeText(release.released_at()), release.horizon(), PolicyText(release.policy()));
  std::cout << fmt::format("drafted by {}, approved by {}, published by {}\nsigned with the key {}\n",
                           release.drafted_by(), release.approved_by(), release.published_by(),
                           release.public_key());
}

void PrintRevisions(const v1::RevisionRecord& record, Output output) {
  if (output == Output::kJson) return PrintJson(record);
  TextTable table{{"indicator", "period", "area", "sex", "age", "old", "new", "cause"}, {}};
  for (const v1::FigureRevision& r : record.revisions()) {
    table.rows.push_back({r.indicator(), r.period(), r.area(), r.sex(), r.age(),
                          r.has_old_value() ? Number(r.old_value()) : "..",
                          r.has_new_value() ? Number(r.new_value()) : "..",
                          Lower(WithoutPrefix(v1::FigureRevision::Cause_Name(r.cause()), "CAUSE_"))});
  }
  Print(table, output);
  if (output == Output::kTable) {
    std::cout << fmt::format("{} from release {} to {} of {}\n",
                             Plural(static_cast<uint64_t>(record.revisions_size()), "revision"),
                             record.from_release(), record.to_release(), record.series());
  }
}

}  // namespace kpr
