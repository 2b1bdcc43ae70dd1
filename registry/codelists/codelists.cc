#include "registry/codelists/codelists.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/embedded.h"

namespace kpr {
namespace {

struct ServiceTypeRow {
  uint32_t code;
  const char* name;
  int first_year, last_year;  // in force, both included
  bool provider_required;
};

// Kodeverk 9151. Names shortened to what a table can show.
constexpr ServiceTypeRow kServiceTypes[] = {
    {1, "Praktisk bistand, daglige gjøremål", 1900, 9999, true},
    {2, "Praktisk bistand, opplæring", 1900, 9999, true},
    {3, "Brukerstyrt personlig assistanse", 1900, 9999, true},
    {4, "Dagaktivitetstilbud", 1900, 9999, true},
    {5, "Matombringing", 1900, 9999, false},
    {6, "Trygghetsalarm", 1900, 9999, false},
    {7, "Avlastning utenfor institusjon", 1900, 9999, false},
    {8, "Avlastning i institusjon", 1900, 9999, true},
    {9, "Støttekontakt", 1900, 9999, false},
    {11, "Omsorgsstønad", 1900, 9999, false},
    {12, "Omsorgsbolig", 1900, 2018, false},
    {13, "Annen bolig", 1900, 2018, false},
    {14, "Tvang, planlagte tiltak", 1900, 2020, false},
    {15, "Helsetjenester i hjemmet", 1900, 9999, true},
    {16, "Rehabilitering utenfor institusjon", 1900, 2018, false},
    {17, "Dagopphold i institusjon", 1900, 9999, true},
    {18, "Tidsbegrenset opphold, utredning/behandling", 1900, 9999, true},
    {19, "Tidsbegrenset opphold, rehabilitering", 1900, 9999, true},
    {20, "Tidsbegrenset opphold, annet", 1900, 9999, true},
    {21, "Langtidsopphold i institusjon", 1900, 9999, true},
    {22, "Nattopphold i institusjon", 1900, 9999, true},
    {23, "Tvang, nødsituasjoner", 1900, 2020, false},
    {24, "Helsehjelp med tvang", 1900, 2020, false},
    {25, "Kommunal øyeblikkelig hjelp, døgn", 2012, 9999, true},
    {26, "Lokaliseringsteknologi", 2016, 9999, false},
    {27, "Elektronisk medisineringsstøtte", 2016, 9999, false},
    {28, "Digitalt tilsyn", 2016, 9999, false},
    {29, "Bolig til helse- og omsorgsformål", 2019, 9999, false},
};

constexpr uint32_t kIdentityTypes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12};

struct Validity {
  std::string name;
  Date from, until;  // until is the first day it is no longer in force
};

struct MunicipalityTable {
  std::map<uint16_t, std::vector<Validity>> rows;
  struct Change {
    Date on;
    std::vector<uint16_t> to;  // several: split
  };
  std::map<uint16_t, std::vector<Change>> changes;  // by date
  std::multimap<uint16_t, uint16_t> before;         // new code to old codes
  std::array<Date, 10000> last_until{};
};

std::vector<std::string> Columns(const std::string& line) {
  std::vector<std::string> columns;
  std::stringstream in(line);
  for (std::string column; std::getline(in, column, ',');) columns.push_back(column);
  columns.resize(5);
  return columns;
}

MunicipalityTable ReadTable() {
  MunicipalityTable table;
  for (const embedded::File& file : embedded::Municipalities()) {
    std::stringstream in(file.content);
    std::string line;
    std::getline(in, line);  // headings
    while (std::getline(in, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const auto c = Columns(line);
      if (file.name == "municipalities.csv") {
        const auto code = Municipality::Parse(c[0]);
        if (!code) continue;
        // The classification starts in 2011; before that a code is taken as it stood then.
        Date from = Date::Parse(c[2]).value_or(kFirstDate);
        if (from == Date::FromYmd(2011, 1, 1)) from = kFirstDate;
        table.rows[code->code].push_back({c[1], from, Date::Parse(c[3]).value_or(kNoEnd)});
      } else {
        const auto from = Municipality::Parse(c[1]), to = Municipality::Parse(c[3]);
        if (!from || !to || from == to) continue;
        const Date on = Date::Parse(c[0]).value_or(kFirstDate);
        table.before.emplace(to->code, from->code);
        auto& changes = table.changes[from->code];
        if (!changes.empty() && changes.back().on == on) {
          changes.back().to.push_back(to->code);
        } else {
          changes.push_back({on, {to->code}});
        }
      }
    }
  }
  for (auto& [code, rows] : table.rows) {
    std::sort(rows.begin(), rows.end(), [](const Validity& a, const Validity& b) { return a.from < b.from; });
    table.last_until[code] = rows.back().until;
  }
  for (auto& [code, changes] : table.changes) {
    std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.on < b.on; });
  }
  return table;
}

const MunicipalityTable& Table() {
  static const MunicipalityTable table = ReadTable();
  return table;
}

struct CountyRow {
  uint16_t code;
  const char* name;
};

// Numbers were not used twice in 2011 to 2024.
constexpr CountyRow kCounties[] = {
    {1, "Østfold"},
    {2, "Akershus"},
    {3, "Oslo"},
    {4, "Hedmark"},
    {5, "Oppland"},
    {6, "Buskerud"},
    {7, "Vestfold"},
    {8, "Telemark"},
    {9, "Aust-Agder"},
    {10, "Vest-Agder"},
    {11, "Rogaland"},
    {12, "Hordaland"},
    {14, "Sogn og Fjordane"},
    {15, "Møre og Romsdal"},
    {16, "Sør-Trøndelag"},
    {17, "Nord-Trøndelag"},
    {18, "Nordland"},
    {19, "Troms"},
    {20, "Finnmark"},
    {30, "Viken"},
    {31, "Østfold"},
    {32, "Akershus"},
    {33, "Buskerud"},
    {34, "Innlandet"},
    {38, "Vestfold og Telemark"},
    {39, "Vestfold"},
    {40, "Telemark"},
    {42, "Agder"},
    {46, "Vestland"},
    {50, "Trøndelag"},
    {54, "Troms og Finnmark"},
    {55, "Troms"},
    {56, "Finnmark"},
};

const ServiceTypeRow* FindServiceType(uint32_t code) {
  for (const ServiceTypeRow& row : kServiceTypes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

CodeValidity ServiceType(uint32_t code, Date on) {
  const ServiceTypeRow* row = FindServiceType(code);
  if (row == nullptr) return CodeValidity::kUnknown;
  const int year = on.year();
  return row->first_year <= year && year <= row->last_year ? CodeValidity::kInForce
                                                           : CodeValidity::kNotInForce;
}

std::string ServiceTypeName(uint32_t code) {
  const ServiceTypeRow* row = FindServiceType(code);
  return row == nullptr ? "" : row->name;
}

bool ProviderRequired(uint32_t service_type) {
  const ServiceTypeRow* row = FindServiceType(service_type);
  return row != nullptr && row->provider_required;
}

bool IdentityTypeExists(uint32_t code) {
  return std::find(std::begin(kIdentityTypes), std::end(kIdentityTypes), code) != std::end(kIdentityTypes);
}

CodeValidity MunicipalityOn(Municipality municipality, Date on) {
  const auto it = Table().rows.find(municipality.code);
  if (it == Table().rows.end()) return CodeValidity::kUnknown;
  for (const Validity& row : it->second) {
    if (row.from <= on && on < row.until) return CodeValidity::kInForce;
  }
  return CodeValidity::kNotInForce;
}

std::string MunicipalityName(Municipality municipality, Date on) {
  const auto it = Table().rows.find(municipality.code);
  if (it == Table().rows.end()) return municipality.code == 0 ? "Ikke fordelt" : "";
  for (const Validity& row : it->second) {
    if (row.from <= on && on < row.until) return row.name;
  }
  return it->second.back().name;
}

std::vector<Municipality> MunicipalitiesOn(Date on) {
  std::vector<Municipality> result;
  for (const auto& [code, rows] : Table().rows) {
    if (code != 9999 && MunicipalityOn({code}, on) == CodeValidity::kInForce) result.push_back({code});
  }
  return result;
}

std::string CountyName(uint16_t county, Date) {
  for (const CountyRow& row : kCounties) {
    if (row.code == county) return row.name;
  }
  return "";
}

Date InForceUntil(Municipality municipality) {
  return municipality.code < Table().last_until.size() ? Table().last_until[municipality.code] : kFirstDate;
}

std::vector<Municipality> Descendants(Municipality from, Date on) {
  const MunicipalityTable& table = Table();
  std::set<uint16_t> found, seen;
  std::vector<uint16_t> open{from.code};
  while (!open.empty()) {
    const uint16_t code = open.back();
    open.pop_back();
    if (code >= table.last_until.size() || !table.rows.contains(code) || !seen.insert(code).second) continue;
    const Date until = table.last_until[code];
    if (on < until) {
      found.insert(code);
      continue;
    }
    const auto it = table.changes.find(code);
    if (it == table.changes.end()) continue;
    for (const auto& change : it->second) {
      if (change.on < until) continue;
      open.insert(open.end(), change.to.begin(), change.to.end());
      break;
    }
  }
  std::vector<Municipality> result;
  for (const uint16_t code : found) result.push_back({code});
  return result;
}

bool EndsInSplit(Municipality municipality) {
  const auto it = Table().changes.find(municipality.code);
  if (it == Table().changes.end()) return false;
  const Date until = InForceUntil(municipality);
  const auto last = std::find_if(it->second.begin(), it->second.end(),
                                 [&](const MunicipalityTable::Change& change) { return change.on >= until; });
  return last != it->second.end() && last->to.size() > 1;
}

std::vector<Municipality> Ancestors(Municipality to, Date on) {
  std::set<uint16_t> found, seen;
  std::vector<uint16_t> open{to.code};
  while (!open.empty()) {
    const uint16_t code = open.back();
    open.pop_back();
    if (!seen.insert(code).second) continue;
    if (MunicipalityOn({code}, on) == CodeValidity::kInForce) {
      found.insert(code);
      continue;
    }
    const auto [first, last] = Table().before.equal_range(code);
    for (auto it = first; it != last; ++it) open.push_back(it->second);
  }
  std::vector<Municipality> result;
  for (const uint16_t code : found) result.push_back({code});
  return result;
}

std::vector<Municipality> CoveredCodes(Municipality named) {
  const auto it = Table().rows.find(named.code);
  if (it == Table().rows.end()) return {};
  const std::vector<Municipality> alone{named};
  const auto last_day = [](const Date until) { return until == kNoEnd ? kNoEnd - 1 : until - 1; };
  std::set<Municipality> covered{named};
  // Backward: whatever became this one and nothing else while it was in force.
  for (const auto& [code, rows] : Table().rows) {
    for (const Validity& row : it->second) {
      if (Descendants({code}, row.from) == alone || Descendants({code}, last_day(row.until)) == alone)
        covered.insert({code});
    }
  }
  // Forward: what it became as a whole.
  for (Municipality at = named; InForceUntil(at) != kNoEnd;) {
    const std::vector<Municipality> next = Descendants(at, InForceUntil(at));
    if (next.size() != 1 || !covered.insert(next.front()).second) break;
    at = next.front();
  }
  return {covered.begin(), covered.end()};
}

Municipality Predecessor(Municipality to, Date on) {
  for (int steps = 0; steps < 16; ++steps) {
    if (MunicipalityOn(to, on) == CodeValidity::kInForce) return to;
    std::optional<std::pair<bool, uint16_t>> best;  // split, code
    const auto [first, last] = Table().before.equal_range(to.code);
    for (auto it = first; it != last; ++it) {
      const std::pair candidate{EndsInSplit({it->second}), it->second};
      best = std::min(best.value_or(candidate), candidate);
    }
    if (!best) return {};
    to = {best->second};
  }
  return {};
}

}  // namespace kpr
