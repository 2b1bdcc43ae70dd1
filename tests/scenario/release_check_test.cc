// What anybody's check of a release finds: changed bytes, tables that are none, lists that are others.
#include <functional>

#include "indicators/publication/check.h"
#include "registry/codelists/edition.h"
#include "tests/scenario/release_fixture.h"

namespace kpr::publication {
namespace {

using ::testing::HasSubstr;

class ReleaseCheck : public ReleaseFixture {};

TEST_F(ReleaseCheck, FindsAFlippedBitInAnyFile) {
  const std::string files = PublishNext();
  ASSERT_TRUE(CheckRelease(files, "", nullptr).ok());
  std::mt19937 random(3);
  for (const auto& [path, bytes] : Bytes(files)) {
    for (int i = 0; i < 3; ++i) {
      std::string flipped = bytes;
      flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
      std::ofstream(path, std::ios::binary) << flipped;
      EXPECT_FALSE(CheckRelease(files, "", nullptr).ok()) << path;
    }
    std::ofstream(path, std::ios::binary) << bytes;
  }
  EXPECT_TRUE(CheckRelease(files, "", nullptr).ok());
  const std::string signature = *ReadFile(files + "/release.sig");
  for (size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::ofstream(files + "/release.sig", std::ios::binary) << flipped;
    EXPECT_FALSE(CheckRelease(files, "", nullptr).ok()) << "bit " << bit;
  }
  std::ofstream(files + "/release.sig", std::ios::binary) << signature;
  EXPECT_THAT(
      CheckRelease(files, "c29tZSBvdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcw==", nullptr).status().message(),
      HasSubstr("another key"));
}

// Signed by whoever wrote it: a table that is none is refused, not read.
TEST_F(ReleaseCheck, RefusesTablesThatAreNone) {
  const std::string files = PublishNext();
  const v1::ReleaseTable good = Table(files, "nursing_home_residents");
  const auto fault = [&](const std::function<void(v1::ReleaseTable&)>& change) {
    v1::ReleaseTable table = good;
    change(table);
    Forge(files, "tables/nursing_home_residents.json", ToJson(table));
    return CheckRelease(files, "", nullptr).status().message();
  };
  EXPECT_THAT(fault([](auto& table) { table.mutable_rows(3)->clear_states(); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) { table.mutable_rows(3)->add_amounts(1); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) { table.mutable_rows(3)->set_area("x"); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) { table.mutable_rows(3)->set_area("9999"); }),
              HasSubstr("nursing_home_residents"));
  EXPECT_THAT(fault([](auto& table) { table.clear_amounts(); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) { table.add_value_amounts(99); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) { *table.add_amounts() = table.amounts(0); }), HasSubstr("is no table"));
  EXPECT_THAT(fault([](auto& table) {
                auto& sum = *table.mutable_amounts(0)->add_sums();
                for (int part = 0; part < 2; ++part) sum.add_parts("medication_review/yes");
              }),
              HasSubstr("is no table: parts of"));
  EXPECT_THAT(fault([](auto& table) {
                auto& sum = *table.mutable_amounts(0)->add_sums();
                for (int part = 0; part < 1'000'000; ++part) sum.add_parts(std::to_string(part));
              }),
              HasSubstr("is no table: too many sums"));
  EXPECT_THAT(fault([](auto& table) {
                auto& sum = *table.mutable_amounts(0)->add_sums();
                for (int level = 0; level < 4; ++level) sum.add_levels(v1::LEVEL_COUNTRY);
              }),
              HasSubstr("is no table: levels of"));
  EXPECT_THAT(fault([](auto& table) { *table.add_rows() = table.rows(0); }),
              HasSubstr("is no table: two rows of"));
  EXPECT_THAT(fault([](auto& table) {
                for (auto& row : *table.mutable_rows()) {
                  if (row.states(0) == v1::FIGURE_STATE_HIDDEN) return row.set_value(3);
                }
              }),
              HasSubstr("is no table: a value of hidden amounts"));
  // A hidden figure filled in: the CSV does not say so, and the attack sees it.
  EXPECT_THAT(fault([](auto& table) {
                for (auto& row : *table.mutable_rows()) {
                  for (int a = 0; a < row.states_size(); ++a) {
                    if (row.states(a) == v1::FIGURE_STATE_HIDDEN)
                      return row.set_states(a, v1::FIGURE_STATE_SHOWN);
                  }
                }
              }),
              HasSubstr("does not say the same"));
}

// A municipality of the release has another name: whoever checks has other lists built in.
TEST_F(ReleaseCheck, IsCheckedByTheCodeListsInIt) {
  std::vector<embedded::File> lists = BuiltInCodeLists();
  for (embedded::File& list : lists) {
    const size_t sola = list.content.find(",Sola,");
    if (list.name == "municipalities.csv" && sola != std::string::npos) list.content.insert(sola + 1, "Nye ");
  }
  UseEdition(ReadEdition(lists).value());
  const std::string files = PublishNext();
  UseEdition(ReadEdition({}).value());
  EXPECT_THAT(*ReadFile(files + "/tables/nursing_home_residents.csv"), HasSubstr("Nye Sola"));
  const auto checked = CheckRelease(files, "", nullptr);
  ASSERT_TRUE(checked.ok()) << checked.status().message();
  EXPECT_TRUE(checked->other_lists);
  EXPECT_EQ(EditionInUse().version, BuiltInEdition().version) << "the check takes none into use";

  const auto forged = [&](const std::string& name, const std::optional<std::string>& content) {
    Forge(files, name, content);
    return CheckRelease(files, "", nullptr).status().message();
  };
  const std::string name = "code_lists/municipalities.csv", good = *ReadFile(files + "/" + name);
  EXPECT_THAT(forged(name, good + "x,y\n"), HasSubstr("municipalities.csv:"));
  EXPECT_THAT(forged(name, BuiltInCodeLists().front().content),
              HasSubstr("are not the lists that the release is by"));
  Forge(files, name, good);
  EXPECT_TRUE(CheckRelease(files, "", nullptr).ok());
  EXPECT_THAT(forged(name, std::nullopt), HasSubstr("are not the lists that the release is by"));
  for (const embedded::File& list : BuiltInCodeLists()) Forge(files, "code_lists/" + list.name, std::nullopt);
  EXPECT_THAT(CheckRelease(files, "", nullptr).status().message(), HasSubstr("give them by --code-lists"));
}

}  // namespace
}  // namespace kpr::publication
