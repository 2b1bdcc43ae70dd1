#include "extracts/files/codebook.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "base/text.h"

namespace kpr::extract {
namespace {

constexpr int kCodesInFull = 12;  // longer lists are folded

const char* TypeName(v1::VariableType type) {
  if (type == v1::VARIABLE_TYPE_CODE) return "kode / code";
  if (type == v1::VARIABLE_TYPE_INTEGER) return "heltall / integer";
  if (type == v1::VARIABLE_TYPE_DECIMAL) return "desimaltall / decimal";
  if (type == v1::VARIABLE_TYPE_DATE) return "dato / date";
  if (type == v1::VARIABLE_TYPE_TEXT) return "tekst / text";
  return "merke / token";
}

std::string Codes(const Variable& variable) {
  const v1::Variable& d = variable.described;
  if (d.codes().empty()) return EscapeHtml(d.code_list());
  std::string list;
  for (const v1::CodeLabel& code : d.codes()) {
    const std::string& nb = code.label().nb();
    const std::string& en = code.label().en();
    list += fmt::format("<li><b>{}</b> {}</li>", CodeText(variable, code.code()),
                        EscapeHtml(nb == en ? nb : nb + " / " + en));
  }
  list = "<ul>" + list + "</ul>";
  if (d.codes_size() <= kCodesInFull) return list;
  return fmt::format("<details><summary>{} koder / codes{}</summary>{}</details>", d.codes_size(),
                     d.code_list().empty() ? "" : ", " + EscapeHtml(d.code_list()), list);
}

std::string RowOf(const Variable& variable) {
  const v1::Variable& d = variable.described;
  return fmt::format(
      "<tr><td><code>{}</code></td><td>{}<br><i lang=\"en\">{}</i></td><td>{}</td><td>{}</td></tr>\n",
      EscapeHtml(variable.column), EscapeHtml(d.meaning().nb()), EscapeHtml(d.meaning().en()),
      TypeName(d.type()), Codes(variable));
}

constexpr char kStyle[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1e2b3c}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2rem}th,td{border-bottom:1px solid "
    "#c8d0da;padding:.4rem .6rem;"
    "text-align:left;vertical-align:top}th{background:#eef2f6}ul{margin:0;padding-left:1.1rem}code{font-size:"
    ".95em}"
    "@media print{details>ul{display:block}}";

}  // namespace

int AreaDigits(const Variable& variable) {
  if (variable.origin == Origin::kMunicipality || variable.origin == Origin::kLatestMunicipality) return 4;
  return variable.origin == Origin::kLatestCounty ? 2 : 0;
}

std::string CodeText(const Variable& variable, int64_t code) {
  return code < 0 ? std::to_string(code) : fmt::format("{:0{}}", code, std::max(1, AreaDigits(variable)));
}

std::string CodebookJson(const std::vector<TablePlan>& tables) {
  v1::VariableCatalogue catalogue;
  for (const TablePlan& plan : tables) {
    v1::VariableTable* table = catalogue.add_tables();
    table->set_name(plan.table->name);
    *table->mutable_title() = plan.table->title;
    table->set_source(plan.table->source);
    for (const Variable* variable : plan.columns) *table->add_variables() = variable->described;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(catalogue, &json, options);
  return json;
}

std::string CodebookHtml(const std::string& title, const v1::ExtractRequest& request,
                         const std::vector<TablePlan>& tables) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"nb\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n"
      "<title>{0}</title><style>{1}</style>\n<h1>{0}</h1>\n<p>{2}</p>\n<p>{3} – {4}. Kolonnen "
      "<code>person</code> er et "
      "prosjekteget merke for personen og er den samme i alle tabellene. / <i lang=\"en\">The column "
      "<code>person</code> is a "
      "token of the project for the person, and the same in all tables.</i></p>\n",
      EscapeHtml(title), kStyle, EscapeHtml(request.purpose()), EscapeHtml(request.first_month()),
      EscapeHtml(request.last_month()));
  for (const TablePlan& plan : tables) {
    html += fmt::format("<h2><code>{}</code> {}</h2>\n<p><i lang=\"en\">{}</i>. Kilde / source: {}</p>\n",
                        EscapeHtml(plan.table->name), EscapeHtml(plan.table->title.nb()),
                        EscapeHtml(plan.table->title.en()), EscapeHtml(plan.table->source));
    if (plan.columns.empty()) continue;
    html += "<table><tr><th>Kolonne</th><th>Betydning</th><th>Type</th><th>Koder</th></tr>\n";
    for (const Variable* variable : plan.columns) html += RowOf(*variable);
    html += "</table>\n";
  }
  return html + "</html>\n";
}

}  // namespace kpr::extract
