#include "registry/sender_chain/chain.h"

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
  if (!AddToRuns(link)) return false;
  if (link.month >= 0) ++received_[{link.municipality.code, link.month}];
  return true;
}

void Chain::Declare(const Declaration& declaration) {
  const auto [it, fresh] = declarations_.try_emplace(declaration.original, declaration);
  if (!fresh && it->second.sequence < declaration.sequence) it->second = declaration;
  if (declarations_.size() > limits::kDeclarations) DropOldestDeclaration();
}

void Chain::DropOldestDeclaration() {
  declarations_.erase(
      std::min_element(declarations_.begin(), declarations_.end(),
                       [](const auto& a, const auto& b) { return a.second.sequence < b.second.sequence; }));
}

std::vector<Chain::Mismatch> Chain::Mismatches() const {
  std::vector<Mismatch> mismatches;
  for (const auto& [original, declared] : declarations_) {
    if (declared.annulled || declared.events == 0) continue;
    const uint16_t code = declared.municipality.code;
    uint64_t received = 0;
    for (auto it = received_.lower_bound({code, declared.first_month});
         it != received_.end() && it->first <= std::pair{code, declared.last_month}; ++it)
      received += it->second;
    if (received != declared.events) mismatches.push_back({declared, received});
  }
  return mismatches;
}

bool Chain::AddToRuns(const ChainLink& link) {
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
      return AddToRuns(link);
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

void Chain::CloseGaps(uint64_t after, uint64_t before) {
  auto it = closed_.lower_bound(after);
  if (it != closed_.begin() && std::prev(it)->second > after) --it;
  while (it != closed_.end() && it->first < before) {
    after = std::min(after, it->first);
    before = std::max(before, it->second);
    it = closed_.erase(it);
  }
  closed_[after] = before;
  if (closed_.size() > limits::kChainFragments) closed_.erase(closed_.begin());
}

bool Chain::IsOpen(size_t run) const {
  if (run == 0 && begins_at_start()) return false;
  const uint64_t after = run == 0 ? 0 : runs_[run - 1].last_sequence;
  const auto it = closed_.upper_bound(after);
  return it == closed_.begin() || std::prev(it)->second < runs_[run].first_sequence;
}

std::vector<Chain::Gap> Chain::OpenGaps() const {
  std::vector<Gap> gaps;
  for (size_t i = 0; i < runs_.size(); ++i) {
    if (IsOpen(i))
      gaps.push_back(
          {i == 0 ? 0 : runs_[i - 1].last_sequence, runs_[i].first_sequence, runs_[i].first_previous});
  }
  return gaps;
}

const ChainRun* Chain::Contiguous() const {
  size_t i = 0;
  while (i < runs_.size() && !IsOpen(i)) ++i;
  return i == 0 ? nullptr : &runs_[i - 1];
}

std::string Chain::Encode() const {
  std::string out;
  PutVarint(&out, runs_.size());
  for (const ChainRun& run : runs_) {
    PutVarint(&out, run.first_sequence);
    PutVarint(&out, run.last_sequence);
    PutVarint(&out, run.events);
    PutUuid(&out, run.first_previous);
    PutUuid(&out, run.last_event);
  }
  PutVarint(&out, received_.size());
  for (const auto& [place, events] : received_) {
    PutVarint(&out, place.first);
    PutSigned(&out, place.second);
    PutVarint(&out, events);
  }
  PutVarint(&out, closed_.size());
  for (const auto& [after, before] : closed_) {
    PutVarint(&out, after);
    PutVarint(&out, before);
  }
  for (const auto& [original, declared] : declarations_) {
    PutUuid(&out, original);
    PutVarint(&out, declared.sequence);
    PutVarint(&out, declared.annulled ? 1 : 0);
    PutVarint(&out, declared.municipality.code);
    PutSigned(&out, declared.first_month);
    PutSigned(&out, declared.last_month);
    PutVarint(&out, declared.events);
  }
  return out;
}

bool Chain::Decode(std::string_view bytes, Chain* chain) {
  if (bytes.empty()) return true;
  ByteReader reader(bytes);
  for (uint64_t left = reader.Varint(); left > 0 && !reader.failed(); --left) {
    ChainRun& run = chain->runs_.emplace_back();
    run.first_sequence = reader.Varint();
    run.last_sequence = reader.Varint();
    run.events = reader.Varint();
    run.first_previous = TakeUuid(&reader);
    run.last_event = TakeUuid(&reader);
  }
  for (uint64_t left = reader.Varint(); left > 0 && !reader.failed(); --left) {
    const auto municipality = static_cast<uint16_t>(reader.Varint());
    const auto month = static_cast<int32_t>(reader.Signed());
    chain->received_[{municipality, month}] = reader.Varint();
  }
  for (uint64_t left = reader.Varint(); left > 0 && !reader.failed(); --left) {
    const uint64_t after = reader.Varint();
    chain->closed_[after] = reader.Varint();
  }
  while (!reader.empty()) {
    Declaration declared;
    declared.original = TakeUuid(&reader);
    declared.sequence = reader.Varint();
    declared.annulled = reader.Varint() != 0;
    declared.municipality.code = static_cast<uint16_t>(reader.Varint());
    declared.first_month = static_cast<int32_t>(reader.Signed());
    declared.last_month = static_cast<int32_t>(reader.Signed());
    declared.events = reader.Varint();
    chain->declarations_.emplace(declared.original, declared);
  }
  return !reader.failed();
}

}  // namespace kpr
