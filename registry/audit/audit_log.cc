#include "registry/audit/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/crypto/hash.h"
#include "base/crypto/sealed.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/limits.h"

namespace kpr::audit {
namespace {

constexpr size_t kNonceBytes = 32;
constexpr unsigned kOwnerAlone = 0600;

std::string PublicFolder(const AuditOptions& options) {
  return options.folder + "/public";
}
std::string CheckpointFile(const AuditOptions& options) {
  return PublicFolder(options) + "/checkpoint";
}

// None: there is no such file yet.
Result<std::optional<std::string>> ReadIfThere(const std::string& path) {
  auto content = ReadFile(path);
  if (content.ok()) return std::optional(std::move(*content));
  if (content.status().code() == Code::kNotFound) return std::optional<std::string>();
  return content.status();
}

Result<std::string> ReadSealKey(const AuditOptions& options, bool begun) {
  KPR_ASSIGN_OR_RETURN(const auto text, ReadIfThere(options.key_file));
  if (!text) {
    if (begun)
      return FailedPrecondition(options.key_file +
                                ": the key of the audit log's records is not there; put it back");
    KPR_ASSIGN_OR_RETURN(std::string key, crypto::RandomBytes(crypto::kSealKeyBytes));
    KPR_RETURN_IF_ERROR(WriteFileDurably(options.key_file, ToHex(key) + "\n", kOwnerAlone));
    return key;
  }
  const auto key = FromHex(text->substr(0, text->find('\n')));
  if (!key || key->size() != crypto::kSealKeyBytes)
    return Invalid(options.key_file + ": expected 64 hexadecimal digits");
  return *key;
}

Result<crypto::SigningKey> ReadSigningKey(const AuditOptions& options, bool begun) {
  KPR_ASSIGN_OR_RETURN(const auto pem, ReadIfThere(options.signing_key));
  if (pem) {
    auto key = crypto::SigningKey::FromPem(*pem);
    return key.ok() ? key : key.status().WithContext(options.signing_key);
  }
  if (begun)
    return FailedPrecondition(options.signing_key +
                              ": the key that signs the audit log is not there; put it back");
  KPR_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::Generate());
  KPR_RETURN_IF_ERROR(WriteFileDurably(options.signing_key, key.ToPem(), kOwnerAlone));
  return key;
}

// The checkpoint in the log, which must be where the mark is or behind it.
Result<Checkpoint> ReadCheckpoint(const AuditOptions& options, const std::string& verifier_key, bool begun) {
  Checkpoint nothing{options.origin, 0, crypto::Sha256Bytes("")};
  KPR_ASSIGN_OR_RETURN(const auto note, ReadIfThere(CheckpointFile(options)));
  KPR_ASSIGN_OR_RETURN(const auto mark, ReadIfThere(options.mark_file));
  if (!note && !mark && !begun) return nothing;
  if (!note || !mark)
    return DataLoss(
        fmt::format("{} is missing, and there was an audit log: restore it from a backup (to begin another "
                    "one, move {}, {}, {} and {} away)",
                    note ? options.mark_file : CheckpointFile(options), options.folder, options.mark_file,
                    options.key_file, options.signing_key));
  auto checkpoint = OpenCheckpoint(*note, verifier_key);
  if (!checkpoint.ok()) return checkpoint.status().WithContext(CheckpointFile(options));
  auto marked = OpenCheckpoint(*mark, verifier_key);
  if (!marked.ok()) return marked.status().WithContext(options.mark_file);
  if (marked->size > checkpoint->size)
    return DataLoss(fmt::format("{} has {} entries, and {} knows {}: restore it from a backup",
                                CheckpointFile(options), checkpoint->size, options.mark_file, marked->size));
  if (marked->size == 0) return *checkpoint;
  KPR_ASSIGN_OR_RETURN(const Hash root, RootOf(marked->size, ReadFrom(PublicFolder(options), marked->size)));
  if (root != marked->root)
    return DataLoss(fmt::format("{} is not the log that {} knows", options.folder, options.mark_file));
  return *checkpoint;
}

std::string ToPlain(const Kept& kept) {
  return kept.nonce + kept.record;
}

// Whole or not at all; a later sync of the whole file system makes it durable.
Status WriteFile(const std::string& path, const std::string& content) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string beside = path + ".new";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) return Unavailable(beside + ": cannot be written");
  std::filesystem::rename(beside, path, error);
  return error ? Unavailable(fmt::format("{}: {}", path, error.message())) : Status();
}

// Two servers on one log would both write.
Result<int> LockFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerAlone);
  if (file < 0) return Unavailable(path + ": cannot be opened");
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  close(file);
  return Unavailable(folder + ": another server is writing this audit log");
}

Status SyncFileSystem(const std::string& folder) {
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && syncfs(file) == 0;
  if (file >= 0) close(file);
  return synced ? Status() : Unavailable(folder + ": cannot be synced");
}

}  // namespace

std::string EntryOf(const Kept& kept) {
  return crypto::Sha256Bytes(kept.nonce + kept.record);
}

Kept FromPlain(const std::string& plain) {
  return {plain.substr(0, kNonceBytes), plain.size() < kNonceBytes ? "" : plain.substr(kNonceBytes)};
}

AuditLog::AuditLog(AuditOptions options, std::string key, crypto::SigningKey signing_key, int lock)
    : options_(std::move(options)),
      signing_key_(std::move(signing_key)),
      lock_(lock),
      records_(options_.folder + "/records", std::move(key), options_.origin) {}

Result<std::unique_ptr<AuditLog>> AuditLog::Open(AuditOptions options) {
  std::error_code error;
  bool begun = false;
  for (const std::string& path : {options.folder + "/records", CheckpointFile(options), options.mark_file,
                                  options.key_file, options.signing_key}) {
    begun = begun || std::filesystem::exists(path, error);
    if (error) return Unavailable(fmt::format("{}: {}", path, error.message()));
  }
  KPR_ASSIGN_OR_RETURN(const int lock, LockFolder(options.folder));
  KPR_ASSIGN_OR_RETURN(std::string key, ReadSealKey(options, begun));
  KPR_ASSIGN_OR_RETURN(crypto::SigningKey signing_key, ReadSigningKey(options, begun));
  std::unique_ptr<AuditLog> log(
      new AuditLog(std::move(options), std::move(key), std::move(signing_key), lock));
  KPR_RETURN_IF_ERROR(log->Load(begun));
  log->thread_ = std::thread([raw = log.get()] { raw->Run(); });
  return log;
}

// The tree of the checkpoint, and what a crash has left behind it.
Status AuditLog::Load(bool begun) {
  const std::string folder = PublicFolder(options_);
  KPR_ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(options_, verifier_key(), begun));
  KPR_ASSIGN_OR_RETURN(edge_, TreeEdge::Load(folder, checkpoint.size));
  KPR_ASSIGN_OR_RETURN(const Hash root, RootOf(checkpoint.size, ReadFrom(folder, checkpoint.size)));
  if (root != checkpoint.root)
    return DataLoss(folder + ": the tiles are not those of the checkpoint: restore them from a backup");
  KPR_ASSIGN_OR_RETURN(const uint64_t count, records_.Recover(checkpoint.size));
  KPR_RETURN_IF_ERROR(records_.ForEach(checkpoint.size, count, [&](uint64_t, std::string&& plain) {
    edge_.Add(EntryOf(FromPlain(plain)));
    return true;
  }));
  if (count > checkpoint.size || !begun) return Publish();
  KPR_ASSIGN_OR_RETURN(const std::string note, ReadFile(CheckpointFile(options_)));
  const MutexLock lock(mutex_);
  checkpoint_ = note;
  published_ = checkpoint.size;
  return {};
}

AuditLog::~AuditLog() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  close(lock_);
}

Status AuditLog::Enter(v1::AuditRecord record, std::shared_ptr<Waiting>* waiting) {
  {
    const MutexLock lock(mutex_);
    KPR_RETURN_IF_ERROR(failed_);
  }
  const int64_t now = options_.clock->UnixMillis();
  record.mutable_at()->set_seconds(now / 1000);
  record.mutable_at()->set_nanos(static_cast<int32_t>(now % 1000) * 1'000'000);
  *waiting = std::make_shared<Waiting>();
  KPR_ASSIGN_OR_RETURN((*waiting)->kept.nonce, crypto::RandomBytes(kNonceBytes));
  (*waiting)->kept.record = record.SerializeAsString();
  // What is written must be readable: a text that is no UTF-8 is written, but not read.
  if (!record.ParseFromString((*waiting)->kept.record))
    return Invalid("a text of the audit record is no UTF-8");
  {
    const MutexLock lock(mutex_);
    KPR_RETURN_IF_ERROR(failed_);
    if (stopping_) return Unavailable("the audit log is closed");
    if (queue_.size() >= limits::kAuditWaiting)
      return ResourceExhausted("too many audit records wait to be durable; try again");
    queue_.push_back(*waiting);
  }
  changed_.NotifyOne();
  return {};
}

Status AuditLog::Record(v1::AuditRecord record) {
  std::shared_ptr<Waiting> waiting;
  KPR_RETURN_IF_ERROR(Enter(std::move(record), &waiting));
  waiting->done.acquire();
  return waiting->status;
}

Status AuditLog::RecordLater(v1::AuditRecord record) {
  std::shared_ptr<Waiting> waiting;
  return Enter(std::move(record), &waiting);
}

void AuditLog::Run() {
  auto due = std::chrono::steady_clock::now() + options_.checkpoint_pause;
  for (bool stop = false; !stop;) {
    std::vector<std::shared_ptr<Waiting>> group;
    stop = !TakeGroup(due, &group);
    Finish(group, Commit(group));
    const auto now = std::chrono::steady_clock::now();
    if (now < due && !stop) continue;
    Finish({}, Publish());
    due = now + options_.checkpoint_pause;
  }
}

// False: the log is being closed, and nothing waits.
bool AuditLog::TakeGroup(std::chrono::steady_clock::time_point due,
                         std::vector<std::shared_ptr<Waiting>>* group) {
  const MutexLock lock(mutex_);
  while (queue_.empty() && !stopping_) {
    if (edge_.size() == published_ || !failed_.ok()) {
      changed_.Wait(mutex_);
    } else if (!changed_.WaitUntil(mutex_, due)) {
      break;
    }
  }
  group->swap(queue_);
  return !stopping_ || !group->empty();
}

// The first failure is the log's end: what follows it would be signed for in spite of it.
void AuditLog::Finish(const std::vector<std::shared_ptr<Waiting>>& group, const Status& status) {
  Status ended;
  {
    const MutexLock lock(mutex_);
    if (!status.ok() && failed_.ok()) failed_ = status.WithContext("the audit log has failed");
    ended = failed_;
  }
  for (const auto& waiting : group) {
    waiting->status = ended;
    waiting->done.release();
  }
}

Status AuditLog::Commit(const std::vector<std::shared_ptr<Waiting>>& group) {
  if (group.empty()) return {};
  {
    const MutexLock lock(mutex_);
    KPR_RETURN_IF_ERROR(failed_);
  }
  uint64_t index = edge_.size();
  for (const auto& waiting : group) KPR_RETURN_IF_ERROR(records_.Append(index++, ToPlain(waiting->kept)));
  KPR_RETURN_IF_ERROR(records_.Sync());
  for (const auto& waiting : group) edge_.Add(EntryOf(waiting->kept));
  return {};
}

Status AuditLog::Publish() {
  {
    const MutexLock lock(mutex_);
    KPR_RETURN_IF_ERROR(failed_);
    if (!checkpoint_.empty() && published_ == edge_.size()) return {};
  }
  const std::string folder = PublicFolder(options_);
  for (const auto& files : {edge_.full(), edge_.Partial()}) {
    for (const auto& [path, content] : files) KPR_RETURN_IF_ERROR(WriteFile(folder + "/" + path, content));
  }
  KPR_ASSIGN_OR_RETURN(const Hash root, edge_.Root());
  const Checkpoint checkpoint{options_.origin, edge_.size(), root};
  KPR_ASSIGN_OR_RETURN(const std::string note, SignNote(checkpoint.ToText(), options_.origin, signing_key_));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  KPR_RETURN_IF_ERROR(SyncFileSystem(folder));
  KPR_RETURN_IF_ERROR(WriteFileDurably(CheckpointFile(options_), note));
  KPR_RETURN_IF_ERROR(WriteFileDurably(options_.mark_file, note));
  // Where a tile is full, those on the way to it are not needed any more.
  for (const auto& [path, content] : edge_.full())
    std::filesystem::remove_all(folder + "/" + path + ".p", error);
  edge_.ForgetFull();
  const MutexLock lock(mutex_);
  checkpoint_ = note;
  published_ = checkpoint.size;
  return {};
}

uint64_t AuditLog::size() const {
  const MutexLock lock(mutex_);
  return published_;
}

std::string AuditLog::verifier_key() const {
  return VerifierKey(options_.origin, signing_key_.public_key());
}

Status AuditLog::ForEach(uint64_t from,
                         const std::function<bool(uint64_t, const v1::AuditRecord&)>& f) const {
  return records_.ForEach(from, size(), [&](uint64_t index, std::string&& plain) {
    v1::AuditRecord record;
    if (!record.ParseFromString(FromPlain(plain).record)) {
      record.Clear();
      record.set_subject("this record cannot be read");
    }
    return f(index, record);
  });
}

Result<v1::AuditProof> AuditLog::Prove(uint64_t index) const {
  std::string checkpoint;
  uint64_t size = 0;
  {
    const MutexLock lock(mutex_);
    checkpoint = checkpoint_;
    size = published_;
  }
  if (index >= size)
    return NotFound(fmt::format("record {} is in no checkpoint: the last one has {}", index, size));
  Kept kept;
  KPR_RETURN_IF_ERROR(records_.ForEach(index, index + 1, [&](uint64_t, std::string&& plain) {
    kept = FromPlain(plain);
    return false;
  }));
  KPR_ASSIGN_OR_RETURN(const std::vector<Hash> path,
                       InclusionProof(index, size, ReadFrom(PublicFolder(options_), size)));
  std::string proof = fmt::format("c2sp.org/tlog-proof@v1\nindex {}\n", index);
  for (const Hash& hash : path) proof += crypto::ToBase64(hash) + "\n";
  v1::AuditProof answer;
  answer.set_record(kept.record);
  answer.set_nonce(kept.nonce);
  answer.set_proof(proof + "\n" + checkpoint);
  answer.set_verifier_key(verifier_key());
  return answer;
}

}  // namespace kpr::audit
