#include "indicators/definition/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "indicators/evaluation/fact_field.h"
#include "indicators/measures/measure.h"
#include "indicators/measures/service_types.h"
#include "indicators/measures/words.h"
#include "kpr/v1/event.pb.h"
#include "registry/codelists/edition.h"

namespace kpr {
namespace {

std::string FactText(const v1::FactWithin& f) {
  std::string text = f.latest() ? "latest " : "";
  text += Words(v1::FactType_Name(f.fact()), "FACT_TYPE_");
  if (!f.diagnoses().empty())
    text += " of " + Listed(f.diagnoses(), [](const v1::DiagnosisCode& d) {
              return (d.system() == v1::Diagnosis::SYSTEM_ICPC2 ? "ICPC-2 " : "ICD-10 ") + d.begins();
            });
  if (f.months() != 0) text += fmt::format(" within {} months", f.months());
  return f.has_value() ? text + " with " + ValueTestText(f.value()) : text;
}

std::string PredicateText(const v1::Predicate& p) {
  const auto text = [](const v1::Predicate& q) { return PredicateText(q); };
  switch (p.test_case()) {
    case v1::Predicate::kAll:
      return Listed(p.all().of(), text, "; ");
    case v1::Predicate::kAny:
      return "any of (" + Listed(p.any().of(), text, "; ") + ")";
    case v1::Predicate::kNot:
      return "not (" + PredicateText(p.not_()) + ")";
    case v1::Predicate::kServiceActive:
      return fmt::format("service {}{}", TypesText(p.service_active().types()),
                         p.service_active().pauses() == v1::PAUSES_INTERRUPT ? " (not while paused)" : "");
    case v1::Predicate::kFactWithin:
      return FactText(p.fact_within());
    case v1::Predicate::kAge:
      return p.age().to() == 0 ? fmt::format("aged {} or more", p.age().from())
                               : fmt::format("aged {} to {}", p.age().from(), p.age().to());
    case v1::Predicate::kWaitingForPlace:
      return "waits for a place of " + TypesText(p.waiting_for_place().types());
    case v1::Predicate::kGrantedHours:
      return p.granted_hours().to() == 0
                 ? fmt::format("{} hours a week or more in {}", p.granted_hours().from(),
                               TypesText(p.granted_hours().types()))
                 : fmt::format("{} to {} hours a week in {}", p.granted_hours().from(),
                               p.granted_hours().to(), TypesText(p.granted_hours().types()));
    case v1::Predicate::kDeathAt:
      return "died at " + Listed(p.death_at().places(), [](uint32_t place) {
               return Words(v1::DeathPlace_Name(static_cast<v1::DeathPlace>(place)), "DEATH_PLACE_");
             });
    case v1::Predicate::TEST_NOT_SET:
      return "everyone";
  }
  return "";
}

// The facts that the predicate reads.
void AddFacts(const v1::Predicate& p, std::set<FactKind>* facts) {
  const auto services = ServiceFactKinds();
  switch (p.test_case()) {
    case v1::Predicate::kAll:
      for (const v1::Predicate& q : p.all().of()) AddFacts(q, facts);
      return;
    case v1::Predicate::kAny:
      for (const v1::Predicate& q : p.any().of()) AddFacts(q, facts);
      return;
    case v1::Predicate::kNot:
      return AddFacts(p.not_(), facts);
    case v1::Predicate::kServiceActive:
    case v1::Predicate::kGrantedHours:
      facts->insert(services.begin(), services.end());
      return;
    case v1::Predicate::kFactWithin:
      facts->insert(FindFact(p.fact_within().fact())->kind);
      return;
    case v1::Predicate::kWaitingForPlace:
      facts->insert({FactKind::kPlaceApplied, FactKind::kPlaceDeclined});
      facts->insert(services.begin(), services.end());
      return;
    case v1::Predicate::kAge:
    case v1::Predicate::kDeathAt:
    case v1::Predicate::TEST_NOT_SET:
      return;  // a person's details are always read
  }
}

// The events that a sender sends for the indicator, as fields of kpr.v1.Event.
std::string EventsText(const v1::Definition& d) {
  std::set<FactKind> facts;
  for (const v1::Component& c : d.components()) {
    if (c.subject() == v1::SUBJECT_TYPE_PERSON) facts.insert(FactKind::kPersonDetails);
    const auto of_measure = MeasureOf(c.measure_case())->facts(c);
    facts.insert(of_measure.begin(), of_measure.end());
    if (c.has_where()) AddFacts(c.where(), &facts);
    for (const v1::Class& k : c.classes()) AddFacts(k.where(), &facts);
    if (!c.provider_industries().empty()) facts.insert(FactKind::kCapacity);
  }
  return Listed(facts, [](FactKind kind) {
    return "`" + v1::Event::descriptor()->FindFieldByNumber(static_cast<int>(kind))->name() + "`";
  });
}

// Service types that have to be told; not those that must not.
void AddTypes(const google::protobuf::Message& message, std::set<uint32_t>* types) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    if (field->name() == "types") {
      for (int i = 0; i < count; ++i) types->insert(reflection.GetRepeatedUInt32(message, field, i));
    } else if (field->message_type() != nullptr && field->name() != "not" && field->name() != "classes") {
      for (int i = 0; i < count; ++i) AddTypes(reflection.GetRepeatedMessage(message, field, i), types);
      if (!field->is_repeated()) AddTypes(reflection.GetMessage(message, field), types);
    }
  }
}

// The day from which senders can tell all that it needs, by the service types; else there is none.
std::string SinceText(const v1::Definition& d) {
  const auto& known = EditionInUse().service_types;
  Date since = kFirstDate;
  for (const v1::Component& c : d.components()) {
    std::set<uint32_t> types;
    AddTypes(c, &types);
    Date first = types.empty() ? kFirstDate : kNoEnd;
    for (const uint32_t type : types) first = std::min(first, known.at(type).from);
    since = std::max(since, first);
  }
  return since == kFirstDate ? "first report" : since.ToString();
}

void DocumentComponent(const v1::Component& c, std::ostream* out) {
  *out << fmt::format(
      "- {}: {}, {}", c.role() == v1::ROLE_NUMERATOR ? "Numerator" : "Denominator",
      MeasureOf(c.measure_case())->describe(c),
      c.reference_period() == v1::REFERENCE_PERIOD_WHOLE_PERIOD ? "over the period" : "on the last day");
  if (c.has_where()) *out << "; " << PredicateText(c.where());
  if (!c.provider_industries().empty())
    *out << "; at providers of industries "
         << Listed(c.provider_industries(), [](const std::string& code) { return code; });
  if (c.attribution() == v1::ATTRIBUTION_EVERY) *out << "; counts once in each area that serves";
  *out << "\n";
  for (const v1::Class& k : c.classes()) {
    std::string test = k.has_where()         ? PredicateText(k.where())
                       : k.up_to_days() != 0 ? fmt::format("up to {} days", k.up_to_days())
                       : k.to() != 0         ? fmt::format("answer {} to {}", k.from(), k.to())
                                             : "everyone else";
    *out << fmt::format("  - class `{}`{} ({}): {}\n", k.id(),
                        k.id() == c.numerator_class() ? ", the numerator" : "", k.title().en(), test);
  }
}

std::string SourceText(const v1::Definition& d) {
  return d.project_definition() ? "project definition: " + d.source().en() : d.source().en();
}

std::string ThemeText(const v1::Definition& d) {
  return Words(v1::Theme_Name(d.theme()), "THEME_");
}

// As headings become anchors in rendered Markdown.
std::string AnchorOf(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') anchor += '-';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-')
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return anchor;
}

// Who or what is counted or below the line.
std::string PopulationText(const v1::Definition& d) {
  const v1::Component* of = &d.components(0);
  for (const v1::Component& c : d.components()) {
    if (c.role() == v1::ROLE_DENOMINATOR) of = &c;
  }
  const std::string measure = MeasureOf(of->measure_case())->describe(*of);
  return of->has_where() ? measure + "; " + PredicateText(of->where()) : measure;
}

void DocumentOverview(const Catalogue& catalogue, std::ostream* out) {
  *out << "\n| theme | indicator | population | source | events | since |\n|---|---|---|---|---|---|\n";
  std::vector<const v1::Definition*> by_theme;
  for (const v1::Definition& d : catalogue.definitions) by_theme.push_back(&d);
  std::stable_sort(by_theme.begin(), by_theme.end(),
                   [](const auto* a, const auto* b) { return a->theme() < b->theme(); });
  for (const v1::Definition* d : by_theme) {
    *out << fmt::format("| {} | [{}](#{}) | {} | {} | {} | {} |\n", ThemeText(*d), d->title().en(),
                        AnchorOf(d->title().en()), PopulationText(*d), SourceText(*d), EventsText(*d),
                        SinceText(*d));
  }
}

void DocumentDefinition(const v1::Definition& d, std::ostream* out) {
  *out << fmt::format("\n## {}\n\n`{}` version {}. {} ({}).\n\n{}\n\n", d.title().en(), d.id(), d.version(),
                      d.title().nb(), SourceText(d), d.description().en());
  *out << fmt::format("- {}, {}; by {}\n", Words(v1::Kind_Name(d.kind()), "KIND_"), d.unit(),
                      Listed(d.periods(), [](int unit) {
                        return Words(v1::PeriodUnit_Name(static_cast<v1::PeriodUnit>(unit)), "PERIOD_UNIT_");
                      }));
  *out << fmt::format("- Theme: {}; {}\n", ThemeText(d),
                      Words(v1::Direction_Name(d.direction()), "DIRECTION_"));
  if (d.has_target()) *out << fmt::format("- Target: {} {}\n", d.target(), d.unit());
  if (d.minimum() != 0) *out << fmt::format("- No value under {} in the denominator\n", d.minimum());
  for (const v1::Component& c : d.components()) DocumentComponent(c, out);
  *out << fmt::format("- Events: {}; since {}\n", EventsText(d), SinceText(d));
  for (const v1::Note& note : d.notes())
    *out << fmt::format("- Note{}{}: {}\n", note.period().empty() ? "" : ", " + note.period(),
                        note.area().empty() ? "" : ", area " + note.area(), note.text().en());
}

}  // namespace

void DocumentCatalogue(const Catalogue& catalogue, std::ostream* out) {
  *out << "# Indicators\n\nMade from `indicators/catalogue` and `indicators/instruments` by `kpr indicators "
          "document`; a test holds it to them. Service types are those of kodeverk 9151. \"Project "
          "definition\": no "
          "public definition covers it. Whose report of a municipality holds, how long, and from when a "
          "municipality is "
          "counted, is in [counting.md](counting.md). What the national plan asks for and which of these "
          "answers it is in "
          "[plan.md](plan.md). Since: the day from which kodeverk 9151 has the service types that senders "
          "must tell for it; else it is counted from the first report on, or from the first such fact where "
          "[counting.md](counting.md) says so.\n";
  DocumentOverview(catalogue, out);
  for (const v1::Definition& d : catalogue.definitions) DocumentDefinition(d, out);
  *out << "\n# Instruments\n";
  for (const v1::Instrument& i : catalogue.instruments) {
    *out << fmt::format("\n## {}\n\n`{}`, answers {} to {} ({}).\n\n", i.title().en(), i.id(), i.scale_min(),
                        i.scale_max(), i.source());
    for (int k = 0; k < i.items_size(); ++k)
      *out << fmt::format("{}. {} ({}{})\n", k + 1, i.items(k).text().en(), i.items(k).dimension(),
                          i.items(k).reversed() ? ", reversed" : "");
  }
}

}  // namespace kpr
