// What the municipalities' answers do to a draft. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/date.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

// The municipality's answer; none: it has not answered.
const v1::SignOff* SignOffOf(const v1::Draft& draft, const std::string& municipality);
// Codes of the plan's structure year.
std::vector<std::string> MunicipalitiesOf(const v1::PublicationPlan& plan);
// The draft's head with each municipality's answer, without figures.
v1::DraftSummary SummaryOf(const v1::Draft& draft);
// Whether the municipalities may answer no more.
bool Closed(const v1::SignOffRule& rule, Date today);
// Whether its figures are approved, or need not be; until sign-off is closed, silence is taken for approval.
bool Approved(const v1::Draft& draft, const std::string& municipality, bool closed);
// What the plan says about a municipality that has not approved.
v1::Unapproved TreatmentOf(const v1::Draft& draft, const std::string& municipality);
// Sets in each row how many of the area's municipalities have approved.
void CountApproved(const v1::Draft& draft, bool closed, v1::ReleaseTable& table);
// Puts the figures of the last release, as shown, in the place of the municipality's excluded ones. Not of a
// municipality that is shown in a pool: it has none.
void CarryForward(const std::string& municipality, const std::vector<v1::ReleaseTable>& last,
                  v1::ReleaseTable& table);

}  // namespace kpr::publication
