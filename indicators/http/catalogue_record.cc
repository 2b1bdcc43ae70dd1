#include "indicators/http/catalogue_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "indicators/http/json_stat.h"

namespace kpr::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPath = "/api/open/v1/kpr/catalogue";
constexpr const char* kAuthority = "http://publications.europa.eu/resource/authority/";
constexpr const char* kEhds = "http://data.europa.eu/eli/reg/2025/327/oj";
constexpr const char* kGdpr = "http://data.europa.eu/eli/reg/2016/679/oj";
// Whose published figure for the country is how many different persons have had a service in a year.
constexpr const char* kIndividuals = "recipients_during_period";

Json Iri(const std::string& address) {
  return {{"@id", address}};
}

Json Authority(const std::string& name) {
  return Iri(kAuthority + name);
}

Json Texts(const char* nb, const char* en) {
  return Json::array({Json{{"@language", "nb"}, {"@value", nb}}, Json{{"@language", "en"}, {"@value", en}}});
}

Json Texts(const v1::Text& text) {
  return Texts(text.nb().c_str(), text.en().c_str());
}

Json Whole(int64_t number) {
  return {{"@type", "xsd:nonNegativeInteger"}, {"@value", std::to_string(number)}};
}

Json Context() {
  return {{"adms", "http://www.w3.org/ns/adms#"},
          {"dcat", "http://www.w3.org/ns/dcat#"},
          {"dcatap", "http://data.europa.eu/r5r/"},
          {"dct", "http://purl.org/dc/terms/"},
          {"dpv", "https://w3id.org/dpv#"},
          {"foaf", "http://xmlns.com/foaf/0.1/"},
          {"healthdcatap", "http://healthdataportal.eu/ns/health#"},
          {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
          {"vcard", "http://www.w3.org/2006/vcard/ns#"},
          {"xsd", "http://www.w3.org/2001/XMLSchema#"}};
}

// Named, so that one that is there in several places is one.
Json Contact(const std::string& agent, const std::string& name, const std::string& email) {
  return {{"@id", agent + "-contact"},
          {"@type", "vcard:Kind"},
          {"vcard:fn", name},
          {"vcard:hasEmail", Iri("mailto:" + email)}};
}

Json Agent(const std::string& id, const std::string& name, const std::string& email) {
  return {{"@id", id},
          {"@type", "foaf:Agent"},
          {"foaf:name", name},
          {"dcat:contactPoint", Contact(id, name, email)}};
}

Json Laws() {
  return Json::array({Iri(kEhds), Iri(kGdpr)});
}

// Of the newest year that any series has for the country, in the newest release: as it is shown, or nothing.
Result<std::optional<int64_t>> Individuals(const Call& call) {
  std::pair<std::string, std::string> newest;  // period, and when it was released
  std::optional<int64_t> persons;
  for (const TableEntry& entry : call.published->tables) {
    if (entry.indicator != kIndividuals) continue;
    KPR_ASSIGN_OR_RETURN(const auto cube, call.library->ReadCube(entry.last(), entry.indicator));
    for (const v1::ReleaseRow& row : cube->table().rows()) {
      const std::pair told(row.period(), TimeText(entry.last()));
      const bool whole =
          row.area() == "0" && row.sex() == "all" && row.age() == "all" && row.amounts_size() > 0;
      // Years are four digits.
      if (!whole || row.period().size() != 4 || told <= newest) continue;
      const bool shown = row.states(0) == v1::FIGURE_STATE_SHOWN || row.states(0) == v1::FIGURE_STATE_FORMER;
      newest = told;
      persons = shown ? std::optional(row.amounts(0)) : std::nullopt;
    }
  }
  return persons;
}

class Record {
 public:
  Record(const RegisterHolder& holder, const Call& call, std::optional<int64_t> persons)
      : holder_(holder), call_(call), persons_(persons) {}

  Json Catalogue() const {
    Json datasets = Json::array({Register()});
    for (const TableEntry& entry : call_.published->tables) datasets.push_back(PublicTable(entry));
    return {{"@context", Context()},
            {"@id", holder_.address + kPath},
            {"@type", "dcat:Catalog"},
            {"dct:title", Texts("Kommunalt pasient- og brukerregister: data og statistikk",
                                "Register of municipal care services: data and statistics")},
            {"dct:description",
             Texts("Registeret selv, som det kan søkes om uttrekk av, og alle publiserte tabeller.",
                   "The register itself, of which extracts can be requested, and all published tables.")},
            {"dct:publisher", HolderAgent()},
            {"dcatap:applicableLegislation", Laws()},
            {"dcat:dataset", std::move(datasets)},
            {"dcat:service", Service()}};
  }

 private:
  std::string Address(const std::string& path) const { return holder_.address + path; }
  Json HolderAgent() const {
    return Agent(Address("/#publisher"), holder_.publisher, holder_.publisher_email);
  }
  Json HolderContact() const {
    return Contact(Address("/#publisher"), holder_.publisher, holder_.publisher_email);
  }
  Json AccessBody() const {
    return Agent(Address("/#access-body"), holder_.access_body, holder_.access_body_email);
  }

  // Personal data: not public, for research by request.
  Json Register() const {
    Json record{
        {"@id", Address("/#register")},
        {"@type", "dcat:Dataset"},
        {"dct:identifier", Address("/#register")},
        {"dct:title", Texts("Kommunalt pasient- og brukerregister", "Register of municipal care services")},
        {"dct:description",
         Texts("Tjenester, vedtak, vurderinger og hendelser i kommunale helse- og omsorgstjenester, per "
               "person, slik "
               "kommunene melder dem. Uttrekk gis med prosjekteget pseudonym etter to godkjenninger.",
               "Services, decisions, assessments and events in municipal health and care services, by "
               "person, as the "
               "municipalities report them. Extracts are given under pseudonyms of the project after two "
               "approvals.")},
        {"dct:accessRights", Authority("access-right/NON_PUBLIC")},
        {"dct:publisher", HolderAgent()},
        {"dcat:contactPoint", HolderContact()},
        {"dct:provenance",
         Json{{"@type", "dct:ProvenanceStatement"},
              {"rdfs:label",
               Texts("Meldt løpende av kommunenes journalsystemer, kontrollert ved mottak og rettet av "
                     "avsender.",
                     "Reported continuously by the record systems of municipalities, checked when received "
                     "and corrected by the sender.")}}},
        {"dct:type", Authority("dataset-type/PERSONAL_DATA")},
        {"dcat:theme", Authority("data-theme/HEAL")},
        {"dct:spatial", Authority("country/NOR")},
        {"dct:accrualPeriodicity", Authority("frequency/CONT")},
        {"dcat:keyword", Texts("omsorgstjenester", "care services")},
        {"dcatap:applicableLegislation", Laws()},
        {"healthdcatap:hdab", AccessBody()},
        {"healthdcatap:healthCategory", Iri(holder_.health_category)},
        {"healthdcatap:populationCoverage",
         Texts("Alle som mottar eller har søkt om kommunale helse- og omsorgstjenester i Norge.",
               "Everybody who receives or has applied for municipal health and care services in Norway.")},
        {"healthdcatap:minTypicalAge", Whole(0)},
        {"healthdcatap:maxTypicalAge", Whole(110)},
        {"healthdcatap:hasCodingSystem", Json::array({Iri("https://www.wikidata.org/entity/P494"),
                                                      Iri("https://www.wikidata.org/entity/P667")})},
        {"dpv:hasLegalBasis",
         Texts("KPR-forskriften 25.8.2017 nr. 1292; helseregisterloven § 11",
               "KPR regulation 25.8.2017 no. 1292; Norwegian Health Register Act section 11")},
        {"dpv:hasPurpose", Iri("https://w3id.org/dpv#ResearchAndDevelopment")},
        {"dpv:hasPersonalData", Iri("https://w3id.org/dpv/pd#HealthRecord")},
        {"dcat:distribution", Json{{"@type", "dcat:Distribution"},
                                   {"dct:title", Texts("Pseudonymiserte uttrekk", "Pseudonymised extracts")},
                                   {"dcat:accessURL", Iri(Address("/"))},
                                   {"dcatap:applicableLegislation", Laws()}}}};
    if (persons_) record["healthdcatap:numberOfUniqueIndividuals"] = Whole(*persons_);
    return record;
  }

  Json PublicTable(const TableEntry& entry) const {
    const std::string address = Address("/api/open/v1/kpr/table/" + std::to_string(entry.id));
    Json distributions = Json::array();
    for (const auto& [format, type] :
         {std::pair("csv2", "file-type/CSV"), std::pair("json-stat2", "file-type/JSON")}) {
      distributions.push_back(Json{{"@type", "dcat:Distribution"},
                                   {"dcat:accessURL", Iri(address + "/data?format=" + format)},
                                   {"dct:format", Authority(type)},
                                   {"dcatap:applicableLegislation", Laws()}});
    }
    return {{"@id", address},
            {"@type", "dcat:Dataset"},
            {"dct:identifier", address},
            {"dct:title", Texts(entry.title)},
            {"dct:description", Texts(entry.title)},
            {"dct:issued", Json{{"@type", "xsd:dateTime"}, {"@value", TimeText(*entry.releases.front())}}},
            {"dct:modified", Json{{"@type", "xsd:dateTime"}, {"@value", TimeText(entry.last())}}},
            {"dct:accessRights", Authority("access-right/PUBLIC")},
            {"dct:publisher", HolderAgent()},
            {"dcat:contactPoint", HolderContact()},
            {"dcat:theme", Authority("data-theme/HEAL")},
            {"dcatap:applicableLegislation", Laws()},
            {"healthdcatap:hdab", AccessBody()},
            {"healthdcatap:healthCategory", Iri(holder_.health_category)},
            {"dcat:distribution", std::move(distributions)}};
  }

  Json Service() const {
    return {{"@id", Address("/#api")},
            {"@type", "dcat:DataService"},
            {"dct:title", Texts("Statistikk-API", "Statistics API")},
            {"dcat:endpointURL", Iri(Address("/api/open/v1"))},
            {"dcat:endpointDescription", Iri(Address("/openapi.json"))},
            {"dcatap:applicableLegislation", Laws()}};
  }

  const RegisterHolder& holder_;
  const Call& call_;
  const std::optional<int64_t> persons_;
};

}  // namespace

Status CheckHolder(const RegisterHolder& holder) {
  if (holder.address.empty()) return {};
  const bool site = holder.address.starts_with("https://") || holder.address.starts_with("http://");
  if (!site || holder.address.ends_with('/'))
    return Invalid("catalogue.address: expected http(s)://HOST without a / at its end");
  const std::pair<const char*, const std::string&> needed[] = {
      {"publisher", holder.publisher},
      {"publisher_email", holder.publisher_email},
      {"access_body", holder.access_body},
      {"access_body_email", holder.access_body_email},
      {"health_category", holder.health_category}};
  for (const auto& [option, value] : needed) {
    if (value.empty())
      return Invalid(fmt::format("catalogue.{}: missing; beside catalogue.address all are needed", option));
  }
  return {};
}

std::vector<Route> CatalogueApi(const RegisterHolder& holder) {
  const auto handle = [holder](const Call& call) {
    if (holder.address.empty())
      return NotFoundProblem(
          "this installation has no record for catalogues: its configuration has no [catalogue]");
    const auto persons = Individuals(call);
    if (!persons.ok()) return ToResponse(persons.status());
    Response response = JsonResponse(Record(holder, call, *persons).Catalogue().dump());
    response.content_type = "application/ld+json";
    return response;
  };
  return {{"GET",
           kPath,
           "getCatalogue",
           "The register and all tables as a catalogue (DCAT-AP, HealthDCAT-AP)",
           {},
           "",
           {"application/ld+json"},
           handle}};
}

}  // namespace kpr::http
