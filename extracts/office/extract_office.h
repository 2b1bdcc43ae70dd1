// The way of an extract: proposed, approved by two people in two roles, built, fetched, and over at its end.
// One is built at a time, in a thread that gives way to the rest; a build that was interrupted continues at
// its position when the office opens again. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "access/audit.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "extracts/build/row_reader.h"
#include "extracts/office/extract_store.h"
#include "indicators/publication/publication_office.h"
#include "registry/event_log/space_guard.h"
#include "registry/read/registry_reader.h"

namespace kpr::extract {

inline constexpr char kCaseOfficer[] = "case_officer";
inline constexpr char kDataProtectionOfficer[] = "data_protection_officer";

struct OfficeOptions {
  const RegistryReader* registry = nullptr;
  const Clock* clock = nullptr;
  Audit* audit = nullptr;
  const SpaceGuard* guard = nullptr;  // none: the disk is not looked at
  std::string folder;
  std::string key_file;  // of project pseudonyms; made with the first extract
  RiskPolicy policy;
  std::string software;
  // For anonymous tables.
  const Query* query = nullptr;
  publication::PublicationOffice* publications = nullptr;
};

// Who decides: the principal, and in which of the two roles.
struct Decider {
  std::string principal, role;
};

// One whom a linker asked for, and whom the extract has.
struct Linked {
  size_t index = 0;    // among those asked for
  SubjectId identity;  // the one that the extract has
  uint64_t token = 0;
};

class ExtractOffice {
 public:
  explicit ExtractOffice(OfficeOptions options) : options_(std::move(options)), store_(options_.folder) {}
  ~ExtractOffice() { Stop(); }
  // Continues what was being built, if nothing is.
  Status Resume();
  // Ends the build that runs; the next office continues it.
  void Stop();

  Result<v1::ExtractCheck> Check(const v1::CheckExtractRequest& request) const;
  Result<v1::Extract> Propose(const v1::ProposeExtractRequest& request, const std::string& principal);
  Result<v1::Extract> Approve(const v1::DecideExtractRequest& request, const Decider& decider);
  Result<v1::Extract> Reject(const v1::DecideExtractRequest& request, const Decider& decider);
  // Before its last day.
  Result<v1::Extract> End(const std::string& id);
  Result<v1::Extract> Revoke(const v1::DecideExtractRequest& request, const Decider& decider);
  Result<v1::Extract> Build(const std::string& id);

  Result<v1::Extract> Get(const std::string& id);
  Result<std::vector<v1::Extract>> List();
  // Those that have rows on one of them, also those that are over.
  Result<std::vector<v1::Extract>> With(const std::vector<SubjectId>& persons);
  // Waits until the extract differs from `seen`, or for so long.
  Result<v1::Extract> WaitForChange(const v1::Extract& seen, std::chrono::milliseconds most);
  // kFailedPrecondition: not one that can be fetched. Empty: `offset` is its end.
  Result<std::string> ReadPiece(const v1::GetExtractFileRequest& request);
  // A ready one that names the linker, who is about to ask for so many. kNotFound: there is none.
  // kResourceExhausted: more than was approved.
  Result<v1::Extract> BeginLinking(const std::string& id, const std::string& linker, uint64_t asked);
  // Those of the persons who are in it. Not those who may not be linked (MayBeLinked).
  Result<std::vector<Linked>> Link(const v1::Extract& extract, const std::vector<SubjectId>& asked) const;
  bool stopping() const { return stopping_; }
  // Removes the files of those that are over, and continues what waits to be built.
  Status ExpireDue();

 private:
  Date Today() const;
  Result<v1::Extract> Load(const std::string& id) const KPR_REQUIRES(mutex_);
  // That it is of what the data have reached; and of anonymous tables, that they can be made.
  Status CheckFrame(const v1::ExtractRequest& request) const;
  // Of an extract without a list of persons; kDataLoss: it had one.
  Status CheckNeverBuilt(const std::string& id) const;
  Status Expire(v1::Extract* extract) const KPR_REQUIRES(mutex_);
  void StartBuilding(const v1::Extract& extract) KPR_REQUIRES(mutex_);
  Status RunBuild(const v1::Extract& extract);
  Status BuildRows(v1::Extract* extract);
  Status BuildTables(v1::Extract* extract);
  Status MayProceed(bool look_at_disk) const;
  Result<v1::PublicationPlan> PlanOf(const v1::ExtractRequest& request) const;
  Result<std::vector<EarlierExtract>> EarlierOf(const v1::Extract& extract, const std::string& key) const;
  Status RecordBuilt(const v1::Extract& extract, const std::string& what) const;
  Result<std::string> Key() const;
  // Who links an extract of a project can join all of them: it has one linker, who decides on none.
  Status CheckLinkers(const v1::ExtractRequest& request, const std::string& decider) const;
  v1::ExtractDecision DecisionOf(v1::ExtractDecision::Kind kind, const Decider& decider,
                                 const std::string& text) const;

  const OfficeOptions options_;
  const ExtractStore store_;
  Mutex mutex_;  // of the files of extracts too
  ConditionVariable changed_;
  std::thread building_ KPR_GUARDED_BY(mutex_);
  std::string building_id_ KPR_GUARDED_BY(mutex_);  // empty: none
  std::atomic<double> progress_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> revoked_ = false;  // the one being built
};

}  // namespace kpr::extract
