#include "registry/sender_chain/chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace kpr {
namespace {

Uuid Id(uint64_t n) {
  Uuid id;
  std::memcpy(id.bytes.data(), &n, 8);
  return id;
}

// Any order of arrival, with copies and holes, gives the runs that a walk over the sorted links gives.
TEST(ChainTest, RunsAreAFunctionOfTheSet) {
  std::mt19937_64 random(301);
  for (int round = 0; round < 2000; ++round) {
    const int n = 1 + static_cast<int>(random() % 40);
    std::vector<ChainLink> links;
    uint64_t sequence = 0;
    for (int i = 1; i <= n; ++i) {
      sequence += 1 + random() % 3;
      links.push_back({sequence, Id(static_cast<uint64_t>(i)), Id(static_cast<uint64_t>(i) - 1)});
    }
    std::vector<ChainLink> come;
    for (const ChainLink& link : links) {
      if (random() % 5 != 0) come.push_back(link);
    }
    size_t runs = 0;
    for (size_t i = 0; i < come.size(); ++i) runs += i == 0 || come[i].previous != come[i - 1].event_id;
    const size_t events = come.size();
    const bool from_start = !come.empty() && come[0].previous.is_zero();
    for (size_t i = 0; i < events / 3; ++i) come.push_back(come[random() % events]);
    std::shuffle(come.begin(), come.end(), random);
    Chain chain;
    for (const ChainLink& link : come) chain.Add(link);
    ASSERT_EQ(chain.runs().size(), runs) << "round " << round;
    ASSERT_EQ(chain.events(), events);
    ASSERT_EQ(chain.begins_at_start(), from_start);
    ASSERT_EQ(chain.OpenGaps().size(), events == 0 ? 0 : runs - (from_start ? 1 : 0));
    Chain decoded;
    ASSERT_TRUE(Chain::Decode(chain.Encode(), &decoded));
    ASSERT_EQ(decoded.Encode(), chain.Encode());
  }
}

// Whatever the order, the copies and the versions: what the last version declares against what a count of the
// distinct events gives.
TEST(ChainTest, ControlTotalsAreAFunctionOfTheSet) {
  std::mt19937_64 random(302);
  for (int round = 0; round < 500; ++round) {
    std::vector<ChainLink> links;
    std::map<std::pair<int, int>, uint64_t> counted;
    const int n = static_cast<int>(random() % 60);
    for (int i = 1; i <= n; ++i) {
      const auto id = static_cast<uint64_t>(i);
      const auto municipality = static_cast<uint16_t>(300 + random() % 2);
      const auto month = static_cast<int32_t>(random() % 4);
      links.push_back({id, Id(id), Id(id - 1), Municipality{municipality}, month});
      ++counted[{municipality, month}];
    }
    std::vector<Declaration> versions;
    std::map<Uuid, Declaration> newest;
    for (uint64_t v = 0; v < 6; ++v) {
      Declaration d{Id(1000 + random() % 3),
                    100 + v,
                    random() % 5 == 0,
                    Municipality{300},
                    static_cast<int32_t>(random() % 2),
                    static_cast<int32_t>(2 + random() % 2),
                    0};
      for (int month = d.first_month; month <= d.last_month; ++month) d.events += counted[{300, month}];
      d.events += random() % 2;
      versions.push_back(d);
      newest[d.original] = d;
    }
    std::map<Uuid, uint64_t> expected;
    for (const auto& [original, d] : newest) {
      uint64_t received = 0;
      for (int month = d.first_month; month <= d.last_month; ++month) received += counted[{300, month}];
      if (!d.annulled && d.events != 0 && d.events != received) expected[original] = received;
    }
    for (size_t i = 0; i < links.size() / 3; ++i) links.push_back(links[random() % links.size()]);
    std::shuffle(links.begin(), links.end(), random);
    std::shuffle(versions.begin(), versions.end(), random);
    Chain chain;
    for (const ChainLink& link : links) chain.Add(link);
    for (const Declaration& version : versions) chain.Declare(version);
    Chain decoded;
    ASSERT_TRUE(Chain::Decode(chain.Encode(), &decoded));
    std::map<Uuid, uint64_t> found;
    for (const Chain::Mismatch& mismatch : decoded.Mismatches())
      found[mismatch.declared.original] = mismatch.received;
    ASSERT_EQ(found, expected) << "round " << round;
  }
}

// A gap is closed when every step from the sequence before it to the one after it lies within one range that
// was declared, or within several of which each shares a step with the next.
TEST(ChainTest, ClosedGapsAreAFunctionOfTheSet) {
  std::mt19937_64 random(303);
  for (int round = 0; round < 3000; ++round) {
    std::vector<ChainLink> links;
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    std::set<uint64_t> there;
    for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
      if (random() % 2 == 0) continue;
      there.insert(sequence);
      links.push_back({sequence, Id(sequence), Id(sequence - 1)});
    }
    for (uint64_t i = random() % 5; i > 0; --i) {
      const uint64_t after = random() % 20;
      ranges.emplace_back(after, after + 1 + random() % 6);
    }
    // By repeated search, not by order: from a step, every step that a range with it holds.
    const auto reaches = [&](uint64_t from, uint64_t to) {
      std::set<uint64_t> steps;
      for (bool first = true, grown = true; grown; first = false) {
        grown = false;
        for (const auto& [after, before] : ranges) {
          bool touches = first && after <= from && from < before;
          for (uint64_t step = after; step < before; ++step) touches = touches || steps.contains(step);
          if (!touches) continue;
          for (uint64_t step = after; step < before; ++step) grown = steps.insert(step).second || grown;
        }
      }
      for (uint64_t step = from; step < to; ++step) {
        if (!steps.contains(step)) return false;
      }
      return true;
    };
    std::vector<std::pair<uint64_t, uint64_t>> expected;
    uint64_t contiguous = 0;
    for (uint64_t last = 0; const uint64_t sequence : there) {
      if (sequence > last + 1 && !reaches(last, sequence)) expected.emplace_back(last, sequence);
      if (expected.empty()) contiguous = sequence;
      last = sequence;
    }
    std::shuffle(links.begin(), links.end(), random);
    std::shuffle(ranges.begin(), ranges.end(), random);
    Chain chain;
    for (size_t i = 0; i < std::max(links.size(), ranges.size()); ++i) {
      if (i < links.size()) chain.Add(links[i]);
      if (i < ranges.size()) chain.CloseGaps(ranges[i].first, ranges[i].second);
    }
    Chain decoded;
    ASSERT_TRUE(Chain::Decode(chain.Encode(), &decoded));
    std::vector<std::pair<uint64_t, uint64_t>> found;
    for (const Chain::Gap& gap : decoded.OpenGaps()) found.emplace_back(gap.after, gap.before);
    ASSERT_EQ(found, expected) << "round " << round;
    ASSERT_EQ(decoded.Contiguous() == nullptr ? 0 : decoded.Contiguous()->last_sequence, contiguous);
  }
}

TEST(ChainTest, SequencesAreNumbersNotText) {
  Chain chain;
  chain.Add({9, Id(1), Id(0)});
  chain.Add({10, Id(2), Id(1)});
  EXPECT_EQ(chain.runs().size(), 1u);
  EXPECT_EQ(chain.runs()[0].last_sequence, 10u);
}

}  // namespace
}  // namespace kpr
