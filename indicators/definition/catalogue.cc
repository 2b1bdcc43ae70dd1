#include "indicators/definition/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ids.h"

namespace kpr {
namespace {

std::vector<embedded::File> Sorted(std::vector<embedded::File> files) {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

Status CheckSurvey(const Catalogue& catalogue, const v1::Definition& d, const std::string& id,
                   const std::string& dimension, uint32_t item) {
  const v1::Instrument* instrument = catalogue.FindInstrument(id);
  if (instrument == nullptr)
    return Invalid(fmt::format("{}: no instrument '{}' in the catalogue", d.id(), id));
  if (item > static_cast<uint32_t>(instrument->items_size()))
    return Invalid(fmt::format("{}: instrument '{}' has {} items", d.id(), id, instrument->items_size()));
  const auto& items = instrument->items();
  const bool known = dimension.empty() || std::any_of(items.begin(), items.end(), [&](const auto& i) {
                       return i.dimension() == dimension;
                     });
  if (!known) return Invalid(fmt::format("{}: instrument '{}' has no dimension '{}'", d.id(), id, dimension));
  return {};
}

Status CheckSurveys(const Catalogue& catalogue) {
  for (const v1::Definition& d : catalogue.definitions) {
    for (const v1::Component& c : d.components()) {
      if (c.has_survey_index()) {
        KPR_RETURN_IF_ERROR(
            CheckSurvey(catalogue, d, c.survey_index().instrument(), c.survey_index().dimension(), 0));
      }
      if (c.has_survey_item()) {
        KPR_RETURN_IF_ERROR(
            CheckSurvey(catalogue, d, c.survey_item().instrument(), "", c.survey_item().item()));
      }
    }
  }
  return {};
}

}  // namespace

const v1::Instrument* Catalogue::FindInstrument(const std::string& id) const {
  for (const v1::Instrument& instrument : instruments) {
    if (instrument.id() == id) return &instrument;
  }
  return nullptr;
}

Result<Catalogue> LoadCatalogue(const std::vector<embedded::File>& definitions,
                                const std::vector<embedded::File>& instruments) {
  Catalogue catalogue;
  std::map<std::string, std::string> seen;
  uint64_t hash = Fnv1a("catalogue");
  const auto once = [&](const std::string& name, const std::string& file) -> Status {
    const auto [it, fresh] = seen.emplace(name, file);
    return fresh ? Status() : Invalid(fmt::format("{}: {} is already in {}", file, name, it->second));
  };
  for (const embedded::File& file : Sorted(definitions)) {
    KPR_ASSIGN_OR_RETURN(v1::Definition definition, ParseDefinition(file.content, file.name));
    KPR_RETURN_IF_ERROR(once(fmt::format("{} version {}", definition.id(), definition.version()), file.name));
    hash = Fnv1a(file.content, hash);
    catalogue.definitions.push_back(std::move(definition));
  }
  for (const embedded::File& file : Sorted(instruments)) {
    KPR_ASSIGN_OR_RETURN(v1::Instrument instrument, ParseInstrument(file.content, file.name));
    KPR_RETURN_IF_ERROR(once("instrument " + instrument.id(), file.name));
    hash = Fnv1a(file.content, hash);
    catalogue.instruments.push_back(std::move(instrument));
  }
  if (catalogue.definitions.empty()) return Invalid("the catalogue holds no *.textproto");
  KPR_RETURN_IF_ERROR(CheckSurveys(catalogue));
  catalogue.hash = fmt::format("{:016x}", hash);
  return catalogue;
}

}  // namespace kpr
