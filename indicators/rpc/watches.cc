#include "indicators/rpc/watches.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "indicators/rpc/to_proto.h"

namespace kpr {
namespace {

std::string KeyOf(v1::GetIndicatorValuesRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  return request.SerializeAsString();
}

std::string Shown(const ResultTable& table) {
  v1::IndicatorTable shown = ToProto(table, 0, table.rows.size());
  shown.clear_position();
  shown.clear_fresh_at();
  return shown.SerializeAsString();
}

}  // namespace

Watch::Watch(Watches* watches, std::string principal, std::string key, std::shared_ptr<Question> question)
    : watches_(watches),
      principal_(std::move(principal)),
      key_(std::move(key)),
      question_(std::move(question)) {}

Watch::~Watch() {
  watches_->Close(this);
}

std::pair<std::shared_ptr<const WatchedAnswer>, bool> Watch::Look(uint64_t change) const {
  Question& question = *question_;
  const MutexLock lock(question.mutex);
  const std::shared_ptr<const WatchedAnswer> answer = question.answer;
  const bool current =
      answer != nullptr && (answer->change == change || watches_->now_() - answer->at < watches_->pause_);
  return {answer, current};
}

Result<std::shared_ptr<const WatchedAnswer>> Watch::Current(uint64_t change) {
  auto [answer, current] = Look(change);
  if (!current) return std::shared_ptr<const WatchedAnswer>();
  return Hold(std::move(answer));
}

Result<std::shared_ptr<const WatchedAnswer>> Watch::Newest(uint64_t change, const Compute& compute) {
  const MutexLock computing(question_->computing);
  auto [last, current] = Look(change);
  if (current) return Hold(std::move(last));
  KPR_ASSIGN_OR_RETURN(ResultTable table, compute());
  const bool same = last != nullptr && Shown(table) == Shown(last->table);
  const uint64_t number = (last == nullptr ? 0 : last->number) + (same ? 0 : 1);
  auto answer = std::make_shared<const WatchedAnswer>(
      WatchedAnswer{std::move(table), number, change, watches_->now_()});
  {
    const MutexLock lock(question_->mutex);
    question_->answer = answer;
  }
  return Hold(std::move(answer));
}

Result<std::shared_ptr<const WatchedAnswer>> Watch::Hold(std::shared_ptr<const WatchedAnswer> answer) {
  KPR_RETURN_IF_ERROR(watches_->Hold(principal_, rows_, answer->table.rows.size()));
  rows_ = answer->table.rows.size();
  return answer;
}

Result<std::unique_ptr<Watch>> Watches::Open(const std::string& principal,
                                             const v1::GetIndicatorValuesRequest& request) {
  std::string key = KeyOf(request);
  const MutexLock lock(mutex_);
  if (open_ >= limits::kWatches) return ResourceExhausted("too many watches are open; retry later");
  if (const auto it = held_.find(principal); it != held_.end() && it->second.watches >= limits::kWatchesOfOne)
    return ResourceExhausted(
        fmt::format("you have {} watches open, as many as may be; close one", limits::kWatchesOfOne));
  auto& question = questions_[key];
  if (question == nullptr) question = std::make_shared<Watch::Question>();
  ++open_;
  ++held_[principal].watches;
  return std::unique_ptr<Watch>(new Watch(this, principal, std::move(key), question));
}

Status Watches::Hold(const std::string& principal, uint64_t before, uint64_t rows) {
  const MutexLock lock(mutex_);
  Held& held = held_.at(principal);
  if (held.rows - before + rows > limits::kWatchedRowsOfOne)
    return ResourceExhausted(
        fmt::format("your watches would hold more than {} rows; watch fewer areas or periods",
                    limits::kWatchedRowsOfOne));
  held.rows += rows - before;
  return {};
}

void Watches::Close(Watch* watch) {
  const MutexLock lock(mutex_);
  --open_;
  Held& held = held_.at(watch->principal_);
  held.rows -= watch->rows_;
  if (--held.watches == 0) held_.erase(watch->principal_);
  watch->question_.reset();
  if (const auto it = questions_.find(watch->key_); it->second.use_count() == 1) questions_.erase(it);
}

}  // namespace kpr
