// How drafts, releases and revisions are shown.
#pragma once

#include "app/commands/output.h"
#include "indicators/publication/plan.h"
#include "kpr/v1/publication.pb.h"

namespace kpr {

void PrintPlan(const v1::PublicationPlan& plan, Output output);
void PrintPolicies(Output output);
void PrintDraft(const v1::Draft& draft, Output output);
void PrintPreview(const v1::DraftPreview& preview, Output output);
void PrintReleases(const v1::ListReleasesResponse& releases, Output output);
void PrintRelease(const v1::Release& release, Output output);
void PrintRevisions(const v1::RevisionRecord& record, Output output);

}  // namespace kpr
