// The audit log of a node: records, sealed; the tree over their hashes; and a signed checkpoint of it, from
// which nobody can take anything away unseen. Records that come at once share a sync. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "access/audit.h"
#include "base/clock.h"
#include "base/crypto/signature.h"
#include "base/mutex.h"
#include "registry/audit/record_files.h"
#include "registry/audit/signed_note.h"
#include "registry/audit/tiles.h"

namespace kpr::audit {

struct AuditOptions {
  std::string folder;       // public/ (checkpoint and tiles) and records/
  std::string origin;       // names the log: "kpr.example/audit"
  std::string key_file;     // seals records: 64 hexadecimal digits; made with a new log
  std::string signing_key;  // Ed25519 in PEM; made with a new log
  std::string mark_file;    // the last checkpoint, apart from the log: it must not become shorter
  const Clock* clock = nullptr;
  std::chrono::milliseconds checkpoint_pause{1000};
};

// A record as it is kept: the entry of the tree is EntryOf(nonce, record).
struct Kept {
  std::string nonce, record;
};
std::string EntryOf(const Kept& kept);
Kept FromPlain(const std::string& plain);  // as RecordFiles gives it

class AuditLog : public Audit {
 public:
  // kDataLoss: something is missing or changed. kFailedPrecondition: a key is not there. kUnavailable:
  // another process has it.
  static Result<std::unique_ptr<AuditLog>> Open(AuditOptions options);
  // Publishes a last checkpoint.
  ~AuditLog() override;

  // Waits until the record is durable. kResourceExhausted: too many wait; kUnavailable: it cannot be written,
  // nor can any other until the log is opened again.
  Status Record(v1::AuditRecord record) override;
  // The same without waiting: of refusals, which happen whether or not they are recorded.
  Status RecordLater(v1::AuditRecord record);

  // Calls f(index, record) from an index on, until it returns false.
  Status ForEach(uint64_t from, const std::function<bool(uint64_t, const v1::AuditRecord&)>& f) const;
  uint64_t size() const;  // of the last checkpoint
  // With the last checkpoint; kNotFound: the record is in none yet.
  Result<v1::AuditProof> Prove(uint64_t index) const;
  std::string verifier_key() const;

 private:
  struct Waiting {
    Kept kept;
    Status status;  // once it is done
    std::binary_semaphore done{0};
  };
  AuditLog(AuditOptions options, std::string key, crypto::SigningKey signing_key, int lock);
  Status Load(bool begun);
  Status Enter(v1::AuditRecord record, std::shared_ptr<Waiting>* waiting);
  void Run();
  bool TakeGroup(std::chrono::steady_clock::time_point due, std::vector<std::shared_ptr<Waiting>>* group);
  void Finish(const std::vector<std::shared_ptr<Waiting>>& group, const Status& status);
  Status Commit(const std::vector<std::shared_ptr<Waiting>>& group);
  Status Publish();

  const AuditOptions options_;
  const crypto::SigningKey signing_key_;
  const int lock_;  // a descriptor
  RecordFiles records_;
  TreeEdge edge_;  // of the committing thread alone

  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::vector<std::shared_ptr<Waiting>> queue_ KPR_GUARDED_BY(mutex_);
  Status failed_ KPR_GUARDED_BY(mutex_);
  std::string checkpoint_ KPR_GUARDED_BY(mutex_);  // the signed note
  uint64_t published_ KPR_GUARDED_BY(mutex_) = 0;
  bool stopping_ KPR_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace kpr::audit
