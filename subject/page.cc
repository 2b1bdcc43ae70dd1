#include "subject/page.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include "base/text.h"

namespace kpr {
namespace {

constexpr char kStyle[] =
    "body{font:16px/1.55 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1e2b3c}"
    "h1{margin-bottom:.2rem}h2{margin-top:2.2rem;border-bottom:2px solid #c8d0da;padding-bottom:.2rem}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #dde3ea;padding:.35rem "
    ".6rem;text-align:left;"
    "vertical-align:top}th{background:#eef2f6}.former td{color:#5f6b7a}.small{font-size:.85em;color:#53606f;"
    "overflow-wrap:break-word}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem "
    "1.2rem}dt{font-weight:600}"
    "dd{margin:0}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.75em}"
    "@media "
    "print{body{max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}details{display:"
    "none}}";

// "2024-03-01" as it is written in Norwegian.
std::string Day(const std::string& iso) {
  if (iso.size() != 10) return EscapeHtml(iso);
  return iso.substr(8, 2) + "." + iso.substr(5, 2) + "." + iso.substr(0, 4);
}

std::string Place(const std::string& name, const std::string& number) {
  return name.empty() ? EscapeHtml(number) : fmt::format("{} ({})", EscapeHtml(name), EscapeHtml(number));
}

std::string TimeText(const google::protobuf::Timestamp& at) {
  return Day(google::protobuf::util::TimeUtil::ToString(at).substr(0, 10));
}

std::string Sex(v1::Sex sex) {
  if (sex == v1::SEX_MALE) return "Mann";
  if (sex == v1::SEX_FEMALE) return "Kvinne";
  return sex == v1::SEX_NOT_APPLICABLE ? "Ikke spesifisert" : "";
}

std::string DeathPlace(v1::DeathPlace place) {
  if (place == v1::DEATH_PLACE_HOSPITAL) return "sykehus";
  if (place == v1::DEATH_PLACE_NURSING_HOME) return "sykehjem";
  if (place == v1::DEATH_PLACE_HOME) return "hjemme";
  if (place == v1::DEATH_PLACE_ELSEWHERE) return "annet sted";
  return place == v1::DEATH_PLACE_ABROAD ? "i utlandet" : "";
}

std::string Purpose(v1::Reservation::Purpose purpose) {
  if (purpose == v1::Reservation::PURPOSE_RESEARCH) return "Forskning";
  if (purpose == v1::Reservation::PURPOSE_REGISTRATION) return "Registrering";
  return purpose == v1::Reservation::PURPOSE_DISCLOSURE_WITH_IDENTITY ? "Utlevering med identitet" : "";
}

std::string Proof(const v1::AuditProof& proof) {
  if (proof.proof().empty()) return "";
  return fmt::format(
      "<details><summary>Bevis fra innsynsloggen</summary><pre>{}</pre><pre>{}</pre></details>",
      EscapeHtml(proof.proof()), EscapeHtml(proof.verifier_key()));
}

std::string Details(const v1::SubjectAccess& access) {
  std::string list;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) list += fmt::format("<dt>{}</dt><dd>{}</dd>", name, value);
  };
  add("Født", Day(access.birth_date()));
  add("Kjønn", Sex(access.sex()));
  add("Død", Day(access.death_date()));
  add("Sted for dødsfallet", DeathPlace(access.death_place()));
  std::string pseudonyms;
  for (const std::string& pseudonym : access.pseudonyms())
    pseudonyms += (pseudonyms.empty() ? "" : "<br>") + EscapeHtml(pseudonym);
  add("Pseudonym i registeret", "<span class=\"small\">" + pseudonyms + "</span>");
  return "<dl>" + list + "</dl>\n";
}

std::string Spells(const v1::SubjectAccess& access) {
  if (access.spells().empty()) return "<p>Ingen.</p>\n";
  std::string rows;
  for (const v1::HeldSpell& spell : access.spells()) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        EscapeHtml(spell.service_type_name()), Day(spell.start()),
                        spell.end().empty() ? "pågår" : Day(spell.end()),
                        Place(spell.municipality_name(), spell.municipality()), EscapeHtml(spell.provider()));
  }
  return "<table><tr><th>Tjeneste</th><th>Fra</th><th>Til</th><th>Kommune</th><th>Utfører "
         "(org.nr.)</th></tr>\n" +
         rows + "</table>\n";
}

std::string Facts(const v1::SubjectAccess& access) {
  std::string rows;
  for (const v1::HeldFact& fact : access.facts()) {
    std::string values;
    for (const v1::HeldValue& value : fact.values())
      values += fmt::format("{}: {}<br>", EscapeHtml(value.meaning().nb()), EscapeHtml(value.value().nb()));
    const bool in_force = fact.validity() == v1::HeldFact::VALIDITY_IN_FORCE;
    const char* validity = in_force ? "Gjelder"
                           : fact.validity() == v1::HeldFact::VALIDITY_ANNULS
                               ? "Annullerer en tidligere melding"
                               : "Rettet eller annullert";
    rows += fmt::format(
        "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}<div "
        "class=\"small\">{}{}</div></td></tr>\n",
        in_force ? "" : " class=\"former\"", Day(fact.occurred_on()), EscapeHtml(fact.title().nb()), values,
        validity, Place(fact.municipality_name(), fact.municipality()), EscapeHtml(fact.sender()),
        EscapeHtml(fact.event_id()),
        fact.refers_to().empty() ? "" : " retter " + EscapeHtml(fact.refers_to()));
  }
  return "<table><tr><th>Dato</th><th>Hva</th><th>Innhold</th><th>Status</th><th>Kommune</th><th>Kilde</th></"
         "tr>\n" +
         rows + "</table>\n";
}

std::string Findings(const v1::SubjectAccess& access) {
  if (access.findings().empty()) return "<p>Ingen feil er funnet.</p>\n";
  std::string list;
  for (const v1::HeldFinding& finding : access.findings())
    list += fmt::format("<li>{} <span class=\"small\">{}</span></li>\n", EscapeHtml(finding.text().nb()),
                        EscapeHtml(finding.event_id()));
  return "<ul>" + list + "</ul>\n";
}

std::string Reservations(const v1::SubjectAccess& access) {
  if (access.reservations().empty()) return "<p>Ingen.</p>\n";
  std::string list;
  for (const v1::HeldReservation& reservation : access.reservations())
    list += fmt::format("<li>{}, {} {}</li>\n", Purpose(reservation.purpose()),
                        reservation.withdrawn() ? "trukket tilbake" : "gjelder fra", Day(reservation.from()));
  return "<ul>" + list + "</ul>\n";
}

std::string Recipients(const v1::SubjectAccess& access) {
  std::string rows;
  for (const v1::Disclosure& d : access.disclosures()) {
    rows += fmt::format(
        "<tr><td>{}</td><td>{}<div class=\"small\">{}{}</div></td><td>{}<div "
        "class=\"small\">{}</div>{}</td></tr>\n",
        TimeText(d.built_at()), EscapeHtml(d.institution()), EscapeHtml(d.extract()),
        d.over() ? ", avsluttet" : "", EscapeHtml(d.title() + ". " + d.purpose()),
        EscapeHtml(d.legal_basis()), Proof(d.proof()));
  }
  for (const v1::Reading& r : access.readings()) {
    rows += fmt::format(
        "<tr><td>{}</td><td>{}<div class=\"small\">oppslag</div></td><td>{}<div "
        "class=\"small\">{}</div>{}</td></tr>\n",
        TimeText(r.at()), EscapeHtml(r.principal()),
        r.purpose().empty() ? "ikke oppgitt" : EscapeHtml(r.purpose()), EscapeHtml(r.method()),
        Proof(r.proof()));
  }
  if (rows.empty()) return "<p>Ingen.</p>\n";
  const std::string older = access.readings_left_off() == 0
                                ? ""
                                : fmt::format("<p>Og {} eldre oppslag.</p>\n", access.readings_left_off());
  return older + "<table><tr><th>Dato</th><th>Hvem</th><th>Formål og grunnlag</th></tr>\n" + rows +
         "</table>\n";
}

}  // namespace

std::string SubjectPage(const v1::SubjectAccess& access) {
  const std::string head = fmt::format(
      "<!doctype html>\n<html lang=\"nb\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">\n"
      "<title>Innsyn</title><style>{}</style>\n<h1>Opplysninger om deg</h1>\n<p>Laget {}. Registeret har "
      "data til og med {}.</p>\n",
      kStyle, TimeText(access.made_at()), Day(access.data_day()));
  if (access.pseudonyms().empty())
    return head + "<p>Registeret har ingen opplysninger om denne personen.</p>\n</html>\n";
  return head + Details(access) + "<h2>Tjenester</h2>\n" + Spells(access) +
         "<h2>Alt som er meldt</h2>\n<p>Hver linje er én melding fra en kommune eller et folkeregister. Det "
         "som er rettet, står i grått.</p>\n" +
         Facts(access) + "<h2>Feil som er funnet i opplysningene</h2>\n" + Findings(access) +
         "<h2>Reservasjoner</h2>\n<p>En reservasjon mot forskning virker fra neste uttrekk. Statistikken "
         "teller alle.</p>\n" +
         Reservations(access) + "<h2>Hvem som har fått eller sett opplysningene</h2>\n" + Recipients(access) +
         "</html>\n";
}

}  // namespace kpr
