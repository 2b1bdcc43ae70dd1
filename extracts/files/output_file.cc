#include "extracts/files/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/crypto/hash.h"

namespace kpr::extract {
namespace {

constexpr size_t kWrittenAtOnce = 256 * 1024;

}  // namespace

struct OutputFile::State {
  std::string path, name;
  int file = -1;
  std::optional<crypto::AgeEncryptor> age;
  crypto::Sha256Stream plain, stored;
  std::string waiting;  // to be written
  uint64_t bytes = 0;

  std::string part() const { return path + ".part"; }
  Status Failed() const { return Unavailable(fmt::format("{}: {}", part(), std::strerror(errno))); }
};

OutputFile::OutputFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

OutputFile::~OutputFile() {
  if (state_->file < 0) return;
  close(state_->file);
  unlink(state_->part().c_str());
}

Result<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& folder, const std::string& name,
                                                       const std::vector<crypto::AgeRecipient>& recipients) {
  auto state = std::make_unique<State>();
  state->name = recipients.empty() ? name : name + ".age";
  state->path = folder + "/" + state->name;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  constexpr mode_t kPrivate = 0600;
  state->file = open(state->part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kPrivate);
  if (state->file < 0) return state->Failed();
  if (!recipients.empty()) {
    KPR_ASSIGN_OR_RETURN(state->age, crypto::AgeEncryptor::Begin(recipients, &state->waiting));
  }
  return std::unique_ptr<OutputFile>(new OutputFile(std::move(state)));
}

Status OutputFile::Flush() {
  State& s = *state_;
  s.stored.Add(s.waiting);
  s.bytes += s.waiting.size();
  std::string_view left = s.waiting;
  while (!left.empty()) {
    const ssize_t written = write(s.file, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return s.Failed();
    left.remove_prefix(static_cast<size_t>(written));
  }
  s.waiting.clear();
  return {};
}

Status OutputFile::Write(std::string_view plain) {
  State& s = *state_;
  s.plain.Add(plain);
  if (s.age) {
    KPR_RETURN_IF_ERROR(s.age->Write(plain, &s.waiting));
  } else {
    s.waiting.append(plain);
  }
  return s.waiting.size() < kWrittenAtOnce ? Status() : Flush();
}

Result<v1::ExtractFile> OutputFile::Finish() {
  State& s = *state_;
  if (s.age) KPR_RETURN_IF_ERROR(s.age->Finish(&s.waiting));
  KPR_RETURN_IF_ERROR(Flush());
  if (fsync(s.file) != 0) return s.Failed();
  const int file = s.file;
  if (rename(s.part().c_str(), s.path.c_str()) != 0) return s.Failed();
  s.file = -1;
  close(file);
  v1::ExtractFile described;
  described.set_name(s.name);
  described.set_bytes(s.bytes);
  described.set_sha256(s.stored.Finish());
  described.set_plain_sha256(s.plain.Finish());
  return described;
}

}  // namespace kpr::extract
