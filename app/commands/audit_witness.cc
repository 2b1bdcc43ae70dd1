#include "app/commands/audit_witness.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "base/files.h"
#include "registry/audit/tiles.h"
#include "registry/audit/verify.h"
#include "registry/audit/witness.h"

namespace kpr {
namespace {

constexpr long kSeconds = 30, kOk = 200, kConflict = 409;
constexpr size_t kAnswerBytes = 64 * 1024;

struct Answer {
  long status = 0;
  std::string body;
};

size_t TakeBody(char* bytes, size_t one, size_t count, void* body) {
  auto* text = static_cast<std::string*>(body);
  if (text->size() + one * count > kAnswerBytes) return 0;
  text->append(bytes, one * count);
  return one * count;
}

Result<Answer> Post(const std::string& url, const std::string& body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  if (curl == nullptr) return Internal("curl cannot be used");
  Answer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Unavailable(fmt::format("{}: {}", url, curl_easy_strerror(code)));
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

Result<Answer> AddCheckpoint(const WitnessOptions& options, uint64_t earlier,
                             const audit::Checkpoint& checkpoint, const std::string& note) {
  std::vector<audit::Hash> proof;
  if (earlier > 0 && earlier < checkpoint.size) {
    KPR_ASSIGN_OR_RETURN(proof, audit::ConsistencyProof(earlier, checkpoint.size,
                                                        audit::ReadFrom(options.folder, checkpoint.size)));
  }
  return Post(options.url + "/add-checkpoint", audit::AddCheckpointBody(earlier, proof, note));
}

// What it has signed last, as far as is known here.
Result<uint64_t> Earlier(const WitnessOptions& options, const audit::Checkpoint& now) {
  const auto note = ReadFile(options.out);
  if (!note.ok()) return note.status().code() == Code::kNotFound ? Result<uint64_t>(0) : note.status();
  KPR_ASSIGN_OR_RETURN(const audit::Checkpoint earlier, audit::OpenCheckpoint(*note, options.verifier_key));
  KPR_RETURN_IF_ERROR(audit::VerifyContinues(options.folder, earlier, now));
  return earlier.size;
}

}  // namespace

Status AskWitness(const WitnessOptions& options) {
  KPR_ASSIGN_OR_RETURN(const std::string note, ReadFile(options.folder + "/checkpoint"));
  KPR_ASSIGN_OR_RETURN(const audit::Checkpoint checkpoint, audit::OpenCheckpoint(note, options.verifier_key));
  KPR_ASSIGN_OR_RETURN(uint64_t earlier, Earlier(options, checkpoint));
  KPR_ASSIGN_OR_RETURN(Answer answer, AddCheckpoint(options, earlier, checkpoint, note));
  if (answer.status == kConflict) {  // its body is the size that it has signed
    const uint64_t signed_size = std::strtoull(answer.body.c_str(), nullptr, 10);
    if (signed_size > checkpoint.size)
      return DataLoss(fmt::format(
          "{}: the witness has signed {} entries of {}, and this log has {}: it has become shorter",
          options.url, signed_size, checkpoint.origin, checkpoint.size));
    earlier = signed_size;
    KPR_ASSIGN_OR_RETURN(answer, AddCheckpoint(options, earlier, checkpoint, note));
  }
  if (answer.status == 422 || answer.status == kConflict)
    return DataLoss(fmt::format("{}: the witness has signed another history of {}: {}", options.url,
                                checkpoint.origin, answer.body));
  if (answer.status != kOk)
    return FailedPrecondition(fmt::format("{}: {} {}; does the witness know the log {} and its key?",
                                          options.url, answer.status, answer.body, checkpoint.origin));
  KPR_ASSIGN_OR_RETURN(const std::string cosigned,
                       audit::AddCosignature(note, answer.body, options.witness_key));
  KPR_RETURN_IF_ERROR(WriteFileDurably(options.out, cosigned));
  std::cout << fmt::format("{} entries of {}, signed by {}; before it {}\n", checkpoint.size,
                           checkpoint.origin, options.witness_key.substr(0, options.witness_key.find('+')),
                           earlier);
  return {};
}

}  // namespace kpr
