#include "indicators/publication/sign_off.h"

#include <fmt/format.h>

#include <map>

#include "base/ids.h"
#include "indicators/geography/structure.h"
#include "indicators/publication/pools.h"
#include "registry/codelists/codelists.h"

namespace kpr::publication {

const v1::SignOff* SignOffOf(const v1::Draft& draft, const std::string& municipality) {
  for (const v1::SignOff& sign_off : draft.sign_offs()) {
    if (sign_off.municipality() == municipality) return &sign_off;
  }
  return nullptr;
}

std::vector<std::string> MunicipalitiesOf(const v1::PublicationPlan& plan) {
  std::vector<std::string> codes;
  for (const Municipality m : Structure::Of(static_cast<int>(plan.structure_year())).municipalities()) {
    codes.push_back(fmt::format("{:04}", m.code));
  }
  return codes;
}

v1::DraftSummary SummaryOf(const v1::Draft& draft) {
  v1::DraftSummary summary;
  summary.set_series(draft.series());
  *summary.mutable_title() = draft.plan().title();
  summary.set_state(draft.state());
  *summary.mutable_drafted_at() = draft.drafted_at();
  summary.set_horizon(draft.horizon());
  *summary.mutable_sign_off() = draft.plan().sign_off();
  const Date day = Date::FromYmd(static_cast<int>(draft.plan().structure_year()), 12, 31);
  for (const std::string& code : MunicipalitiesOf(draft.plan())) {
    v1::DraftMunicipality* municipality = summary.add_municipalities();
    municipality->set_code(code);
    municipality->set_name(MunicipalityName(*Municipality::Parse(code), day));
    if (const v1::SignOff* given = SignOffOf(draft, code)) *municipality->mutable_sign_off() = *given;
  }
  return summary;
}

bool Closed(const v1::SignOffRule& rule, Date today) {
  return rule.required() && today > *Date::Parse(rule.deadline());
}

bool Approved(const v1::Draft& draft, const std::string& municipality, bool closed) {
  if (!draft.plan().sign_off().required()) return true;
  const v1::SignOff* sign_off = SignOffOf(draft, municipality);
  return sign_off == nullptr ? !closed : sign_off->answer() == v1::SignOff::ANSWER_APPROVED;
}

v1::Unapproved TreatmentOf(const v1::Draft& draft, const std::string& municipality) {
  const bool silent = SignOffOf(draft, municipality) == nullptr;
  const v1::SignOffRule& rule = draft.plan().sign_off();
  const v1::Unapproved treatment = silent ? rule.silent() : rule.objected();
  return treatment == v1::UNAPPROVED_UNSPECIFIED ? v1::UNAPPROVED_EXCLUDE : treatment;
}

void CountApproved(const v1::Draft& draft, bool closed, v1::ReleaseTable& table) {
  const Structure& structure = Structure::Of(static_cast<int>(draft.plan().structure_year()));
  std::map<std::string, uint32_t> approved;
  if (!draft.plan().sign_off().required()) return;
  const std::map<std::string, std::string> pools = PoolOfEach(draft.plan());
  for (const std::string& code : MunicipalitiesOf(draft.plan())) {
    if (!Approved(draft, code, closed)) continue;
    ++approved[code];
    const auto pool = pools.find(code);
    if (pool != pools.end()) ++approved[pool->second];
    ++approved[fmt::format("{:02}", structure.CountyOf(*Municipality::Parse(code)))];
    ++approved["0"];
  }
  for (v1::ReleaseRow& row : *table.mutable_rows()) row.set_approved(approved[row.area()]);
}

void CarryForward(const std::string& municipality, const std::vector<v1::ReleaseTable>& last,
                  v1::ReleaseTable& table) {
  for (const v1::ReleaseTable& before : last) {
    if (before.indicator() != table.indicator() || before.version() != table.version()) continue;
    for (v1::ReleaseRow& row : *table.mutable_rows()) {
      if (row.area() != municipality || !row.pool().empty()) continue;
      for (const v1::ReleaseRow& old : before.rows()) {
        if (old.area() != municipality || old.period() != row.period() || old.sex() != row.sex() ||
            old.age() != row.age() || !old.has_value()) {
          continue;
        }
        const v1::ReleaseRow draft = row;
        row = old;
        for (int& state : *row.mutable_states()) {
          if (state == v1::FIGURE_STATE_SHOWN) state = v1::FIGURE_STATE_FORMER;
        }
        row.set_carried_forward(true);
        *row.mutable_persons() = draft.persons();
        *row.mutable_providers() = draft.providers();
      }
    }
  }
}

}  // namespace kpr::publication
