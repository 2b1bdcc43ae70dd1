// A changelog in memory that behaves as badly as a cluster may: writes whose outcome is not known, writers
// that are replaced, records that come a few at a time, compaction. For tests, on one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "registry/event_log/changelog.h"

namespace kpr {

class MemoryChangelog : public Changelog {
 public:
  // Both outlive the changelog.
  MemoryChangelog(const Clock* clock, std::mt19937_64* random) : clock_(clock), random_(random) {}

  Result<std::unique_ptr<ChangelogProducer>> Producer(uint32_t) override {
    return std::unique_ptr<ChangelogProducer>(std::make_unique<MemoryWriter>(this));
  }
  Result<std::unique_ptr<ChangelogReader>> Reader(uint32_t) override {
    return std::unique_ptr<ChangelogReader>(std::make_unique<MemoryReader>(this));
  }

  // As the brokers' cleaner may: of the records older than `lag`, up to any of them, the last of each key
  // stays; that a key went, until `retention` after the cleaner first came upon it.
  void Compact(int64_t lag_ms, int64_t retention_ms) {
    const int64_t now = clock_->UnixMillis();
    std::map<std::string, uint64_t> last;
    uint64_t end = 0;
    for (const Entry& entry : entries_) {
      if (entry.at_ms > now - lag_ms || Draw(50) == 0) break;
      last[entry.record.key] = entry.record.offset;
      end = entry.record.offset + 1;
    }
    std::erase_if(entries_, [&](Entry& entry) {
      if (entry.record.offset >= end) return false;
      if (last[entry.record.key] != entry.record.offset) return true;
      if (entry.record.value) return false;
      if (entry.goes_ms == 0) entry.goes_ms = now + retention_ms;
      return entry.goes_ms <= now;
    });
  }

  int failures_per_cent = 0;
  int writes_left = INT32_MAX;  // then all fail
  size_t size() const { return entries_.size(); }
  int conflicts() const { return conflicts_; }

 private:
  struct Entry {
    ChangelogRecord record;
    int64_t at_ms;
    int64_t goes_ms = 0;
  };

  class MemoryWriter : public ChangelogProducer {
   public:
    explicit MemoryWriter(MemoryChangelog* log) : log_(log) {}
    Status Begin() override {
      epoch_ = ++log_->epoch_;
      return {};
    }
    Status Write(const std::vector<ChangelogRecord>& records) override {
      if (epoch_ != log_->epoch_) {
        ++log_->conflicts_;
        return FailedPrecondition("replaced");
      }
      const bool cut_off = log_->writes_left-- <= 0;
      const bool fails = cut_off || log_->Fails();
      if (!fails || (!cut_off && log_->Draw(2) == 0)) {
        for (const ChangelogRecord& record : records) {
          log_->entries_.push_back({record, log_->clock_->UnixMillis(), 0});
          log_->entries_.back().record.offset = log_->next_++;
        }
        ++log_->next_;  // the transaction's end takes an offset
      }
      if (!fails) return {};
      epoch_ = 0;
      return Unavailable("no answer");
    }

   private:
    MemoryChangelog* log_;
    uint64_t epoch_ = 0;
  };

  class MemoryReader : public ChangelogReader {
   public:
    explicit MemoryReader(MemoryChangelog* log) : log_(log) {}
    Status Seek(uint64_t offset) override {
      next_ = offset;
      return {};
    }
    Result<Poll> Read(std::chrono::milliseconds) override {
      if (log_->Fails()) return Unavailable("no answer");
      Poll poll;
      const auto begin = std::find_if(log_->entries_.begin(), log_->entries_.end(),
                                      [this](const Entry& entry) { return entry.record.offset >= next_; });
      auto it = begin;
      for (uint64_t most = 1 + log_->Draw(20); it != log_->entries_.end() && most > 0; ++it, --most) {
        poll.records.push_back(it->record);
        next_ = it->record.offset + 1;
      }
      poll.caught_up = it == log_->entries_.end();
      poll.next_offset = next_;
      return poll;
    }

   private:
    MemoryChangelog* log_;
    uint64_t next_ = 0;
  };

  uint64_t Draw(uint64_t below) { return (*random_)() % below; }
  bool Fails() { return Draw(100) < static_cast<uint64_t>(failures_per_cent); }

  const Clock* clock_;
  std::mt19937_64* random_;
  std::vector<Entry> entries_;
  uint64_t next_ = 0, epoch_ = 0;
  int conflicts_ = 0;
};

}  // namespace kpr
