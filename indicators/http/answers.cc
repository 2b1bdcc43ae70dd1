#include "indicators/http/answers.h"

#include <fmt/format.h>

#include "base/crypto/hash.h"
#include "base/limits.h"
#include "registry/codelists/edition.h"

namespace kpr::http {
namespace {

constexpr size_t kLeastCompressed = 512;
constexpr size_t kLargestKept = limits::kHttpKeptBytes / 16;

size_t SizeOf(const std::string& key, const Response& response) {
  return key.size() + response.body.size() + 512;
}

std::string HeaderOf(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

// What every answer carries.
void Finish(bool can_be_kept, Coding coding, Response* response) {
  auto& headers = response->headers;
  headers.emplace_back("Access-Control-Allow-Origin", "*");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (response->status != 200) return;
  const std::string hash = can_be_kept ? crypto::Sha256(response->body).substr(0, 32) : "";
  std::string etag = fmt::format("\"{}\"", hash);
  if (coding != Coding::kIdentity && response->body.size() >= kLeastCompressed) {
    std::string compressed = Compress(response->body, coding);
    if (!compressed.empty()) {
      response->body = std::move(compressed);
      headers.emplace_back("Content-Encoding", NameOf(coding));
      etag = fmt::format("\"{}-{}\"", hash, NameOf(coding));
    }
  }
  headers.emplace_back("Vary", "Accept-Encoding, Accept-Language");
  if (!can_be_kept && !HeaderOf(*response, "Cache-Control").empty()) return;
  const char* keeping = response->pinned ? "public, max-age=31536000, immutable" : "public, max-age=60";
  headers.emplace_back("Cache-Control", can_be_kept ? keeping : "no-store");
  if (can_be_kept) headers.emplace_back("ETag", etag);
}

bool Lists(const std::string& if_none_match, const std::string& etag) {
  return !etag.empty() && (if_none_match == "*" || if_none_match.find(etag) != std::string::npos);
}

}  // namespace

std::shared_ptr<const Response> Answers::Find(const std::string& key, uint64_t generation) {
  const MutexLock lock(mutex_);
  if (generation != generation_) {
    kept_.clear();
    by_key_.clear();
    bytes_ = 0;
    generation_ = generation;
  }
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, at->second);
  return kept_.front().response;
}

void Answers::Keep(const std::string& key, uint64_t generation,
                   const std::shared_ptr<const Response>& response) {
  const size_t size = SizeOf(key, *response);
  if (size > kLargestKept) return;
  const MutexLock lock(mutex_);
  if (generation != generation_ || by_key_.contains(key)) return;
  kept_.push_front({key, response});
  by_key_[key] = kept_.begin();
  bytes_ += size;
  while (bytes_ > limits::kHttpKeptBytes) {
    bytes_ -= SizeOf(kept_.back().key, *kept_.back().response);
    by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

std::shared_ptr<const Response> Answers::Answer(const Request& request) {
  const EditionScope one;  // names of areas are those of the code lists in use
  const Coding coding = CodingFor(request.accept_encoding);
  const bool keeps = request.method == "GET" || request.method == "HEAD";
  const auto published = library_->Now();
  const uint64_t generation = published.ok() ? (*published)->generation : 0;
  const bool english = LowerCase(request.accept_language).starts_with("en");
  const std::string key =
      fmt::format("{}{} {} {}", NameOf(coding), english ? " en" : "", EditionInUse().version, request.target);
  std::shared_ptr<const Response> answer = keeps && generation > 0 ? Find(key, generation) : nullptr;
  if (answer == nullptr) {
    Response fresh = router_->Answer(request);
    const bool may_keep = keeps && HeaderOf(fresh, "Cache-Control").empty();
    Finish(may_keep, coding, &fresh);
    answer = std::make_shared<const Response>(std::move(fresh));
    if (may_keep && generation > 0 && answer->status == 200) Keep(key, generation, answer);
  }
  const bool unchanged = Lists(request.if_none_match, HeaderOf(*answer, "ETag"));
  if (!unchanged) return answer;
  Response short_answer;
  short_answer.status = 304;
  for (const auto& header : answer->headers) {
    if (header.first != "Content-Encoding") short_answer.headers.push_back(header);
  }
  return std::make_shared<const Response>(std::move(short_answer));
}

}  // namespace kpr::http
