#include "indicators/definition/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ids.h"
#include "indicators/measures/measure.h"

namespace kpr {
namespace {

std::vector<embedded::File> Sorted(std::vector<embedded::File> files) {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

Status CheckInstruments(const Catalogue& catalogue) {
  for (const v1::Definition& d : catalogue.definitions) {
    for (const v1::Component& c : d.components()) {
      const Measure& measure = *MeasureOf(c.measure_case());
      if (measure.check_instrument == nullptr) continue;
      const std::string problem = measure.check_instrument(c, catalogue.instruments);
      if (!problem.empty()) return Invalid(fmt::format("{}: {}", d.id(), problem));
    }
  }
  return {};
}

}  // namespace

const v1::Instrument* Catalogue::FindInstrument(const std::string& id) const {
  return kpr::FindInstrument(instruments, id);
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
  KPR_RETURN_IF_ERROR(CheckInstruments(catalogue));
  catalogue.hash = fmt::format("{:016x}", hash);
  return catalogue;
}

}  // namespace kpr
