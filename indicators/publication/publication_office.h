// The way of a release: draft, sign-off, review, approval by a second person, publication. One draft of a
// series at a time; drafts and sign-offs survive a restart, and a computation that was interrupted continues
// at its position. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/crypto/signature.h"
#include "base/mutex.h"
#include "indicators/publication/release_store.h"
#include "indicators/query/query.h"

namespace kpr::publication {

struct OfficeOptions {
  const Query* query = nullptr;
  const Clock* clock = nullptr;
  std::string folder;       // of drafts and releases
  std::string signing_key;  // a PEM file; made where there is none
  std::string software;
};

class PublicationOffice {
 public:
  explicit PublicationOffice(OfficeOptions options) : options_(std::move(options)), store_(options_.folder) {}
  ~PublicationOffice() { Stop(); }
  // Ends computations; they continue when GetDraft or CreateDraft is called after a restart.
  void Stop();

  Result<v1::Draft> CreateDraft(const v1::CreateDraftRequest& request, const std::string& principal);
  // What there is to sign off, with every municipality of each.
  Result<std::vector<v1::DraftSummary>> Drafts();
  // With reviews once the figures are there.
  Result<v1::Draft> GetDraft(const std::string& series);
  Result<v1::DraftPreview> Preview(const v1::PreviewDraftRequest& request);
  Result<v1::SignOff> SignOffDraft(const v1::SignOffDraftRequest& request, const std::string& principal);
  Result<v1::Draft> Approve(const v1::ApproveDraftRequest& request, const std::string& principal);
  Result<v1::Release> Publish(const std::string& series, const std::string& principal);

  // Tables of a position for one recipient, under an id: as they may be shown beside all that was released
  // and given before; what they show is kept, for whatever is released or given later. Gives the same files
  // when it is called again. kFailedPrecondition: they cannot be protected, and why, which may tell of what
  // they hide. kDataLoss: other tables were given under the id. What `proceed` says ends it before anything
  // is given.
  Result<std::vector<PublicFile>> Give(const std::string& id, const v1::PublicationPlan& plan,
                                       const std::string& position, const std::function<Status()>& proceed);
  Result<bool> HasGiven(const std::string& id);

  Result<std::vector<v1::Release>> Releases(const std::string& series) const;
  Result<std::string> ReadFile(const v1::GetReleaseFileRequest& request) const;

 private:
  struct Prepared {
    std::string made_of;
    std::vector<v1::ReleaseTable> draft;  // without what is excluded
    PreparedRelease release;
  };
  void StartComputing(const std::string& series, std::shared_ptr<const CellSource> source)
      KPR_REQUIRES(mutex_);
  Status Compute(const std::string& series, const std::shared_ptr<const CellSource>& source);
  // What would be released now; kept until a sign-off changes it.
  Result<std::shared_ptr<const Prepared>> Prepare(const v1::StoredDraft& stored);
  Result<std::vector<v1::ReleaseTable>> TablesOf(const v1::StoredDraft& stored, const Earlier& earlier) const;
  Result<crypto::SigningKey> Key() const;

  const OfficeOptions options_;
  const ReleaseStore store_;
  Mutex mutex_;  // of the drafts' files too
  std::map<std::string, std::thread> computing_ KPR_GUARDED_BY(mutex_);
  Mutex preparing_;
  std::shared_ptr<const Prepared> prepared_ KPR_GUARDED_BY(preparing_);
  std::atomic<bool> stopping_ = false;
};

}  // namespace kpr::publication
