#include "registry/timeline/chain.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/limits.h"

namespace kpr {
namespace {

bool Joins(const ChainRun& left, const ChainRun& right) {
  return right.first_previous == left.last_event;
}

void PutUuid(std::string* out, const Uuid& id) {
  out->append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

Uuid TakeUuid(ByteReader* reader) {
  Uuid id;
  const std::string_view bytes = reader->Bytes(16);
  if (bytes.size() == 16) std::memcpy(id.bytes.data(), bytes.data(), 16);
  return id;
}

}  // namespace

bool Chain::Add(const ChainLink& link) {
  auto after =
      std::upper_bound(runs_.begin(), runs_.end(), link.sequence,
                       [](uint64_t sequence, const ChainRun& run) { return sequence < run.first_sequence; });
  if (after != runs_.begin() && link.sequence <= std::prev(after)->last_sequence) return false;
  const ChainRun run{link.sequence, link.previous, link.sequence, link.event_id, 1};
  const auto at = static_cast<size_t>(after - runs_.begin());
  const bool joins_left = at > 0 && Joins(runs_[at - 1], run);
  if (joins_left) {
    ChainRun& left = runs_[at - 1];
    left.last_sequence = run.last_sequence;
    left.last_event = run.last_event;
    ++left.events;
  } else {
    // Bounded: a sender with so many holes gets its oldest two runs counted as one, hole and all.
    if (runs_.size() >= limits::kChainFragments) {
      runs_[1].events += runs_[0].events;
      runs_[1].first_sequence = runs_[0].first_sequence;
      runs_[1].first_previous = runs_[0].first_previous;
      runs_.erase(runs_.begin());
      return Add(link);
    }
    runs_.insert(runs_.begin() + static_cast<std::ptrdiff_t>(at), run);
  }
  const size_t mine = joins_left ? at - 1 : at;
  if (mine + 1 < runs_.size() && Joins(runs_[mine], runs_[mine + 1])) {
    runs_[mine].last_sequence = runs_[mine + 1].last_sequence;
    runs_[mine].last_event = runs_[mine + 1].last_event;
    runs_[mine].events += runs_[mine + 1].events;
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(mine) + 1);
  }
  return true;
}

uint64_t Chain::events() const {
  uint64_t n = 0;
  for (const ChainRun& run : runs_) n += run.events;
  return n;
}

uint32_t Chain::gaps() const {
  if (runs_.empty()) return 0;
  return static_cast<uint32_t>(runs_.size() - (begins_at_start() ? 1 : 0));
}

std::string Chain::Encode() const {
  std::string out;
  for (const ChainRun& run : runs_) {
    PutVarint(&out, run.first_sequence);
    PutVarint(&out, run.last_sequence);
    PutVarint(&out, run.events);
    PutUuid(&out, run.first_previous);
    PutUuid(&out, run.last_event);
  }
  return out;
}

bool Chain::Decode(std::string_view bytes, Chain* chain) {
  ByteReader reader(bytes);
  while (!reader.empty()) {
    ChainRun run;
    run.first_sequence = reader.Varint();
    run.last_sequence = reader.Varint();
    run.events = reader.Varint();
    run.first_previous = TakeUuid(&reader);
    run.last_event = TakeUuid(&reader);
    if (reader.failed()) return false;
    chain->runs_.push_back(run);
  }
  return true;
}

}  // namespace kpr
