// From a draft's figures to what a release shows of them: hides, attacks, holds small changes, and compares
// with the release before. Pure: the same draft after the same releases gives the same bytes.
#pragma once

#include <vector>

#include "base/status.h"
#include "kpr/v1/publication.pb.h"

namespace kpr::publication {

struct PreparedRelease {
  std::vector<v1::ReleaseTable> tables;  // as shown
  std::string shown;                     // of the cells of the draft's model, as StoredRelease.shown
  v1::Certificate certificate;
  v1::RevisionRecord revisions;
  std::vector<v1::TableReview> reviews;
  std::vector<v1::SmallDifference> small_differences;
  std::string content_hash;  // of all that
};

// What was released and given before, oldest first, of all series and recipients; the tables of the same
// indicators as they were shown, oldest first; and the tables of this series' last release as shown.
struct Earlier {
  std::vector<v1::StoredRelease> releases;
  std::vector<v1::ReleaseTable> shown_tables;
  std::vector<v1::ReleaseTable> last_tables;
  uint32_t last_structure_year = 0;
  uint32_t last_number = 0;
};

// kFailedPrecondition where the figures cannot be protected: what must be shown (by earlier releases) gives
// one away.
Result<PreparedRelease> PrepareRelease(const v1::PublicationPlan& plan,
                                       const std::vector<v1::ReleaseTable>& draft, const Earlier& earlier);

// Attacks tables as shown. kFailedPrecondition names the first figure that follows or is too narrow.
Result<v1::Certificate> Certify(const std::vector<v1::ReleaseTable>& tables,
                                const v1::DisclosurePolicy& policy, uint32_t structure_year);

}  // namespace kpr::publication
