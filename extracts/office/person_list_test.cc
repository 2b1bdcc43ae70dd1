// Looking up in the file against a set in memory.
#include "extracts/office/person_list.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

namespace kpr::extract {
namespace {

class PersonListTest : public testing::Test {
 protected:
  ~PersonListTest() override { std::filesystem::remove(path_); }
  const std::string path_ = fmt::format("{}/kpr-persons-{}", testing::TempDir(), getpid());
};

// `spread`: how many of the bytes behind the kind differ. With few the places are far from where they would
// be.
SubjectId Anybody(std::mt19937_64* random, int spread) {
  SubjectId person;
  person.bytes[0] = static_cast<uint8_t>(SubjectKind::kPerson);
  for (int i = 0; i < spread; ++i)
    person.bytes[static_cast<size_t>(15 - i)] = static_cast<uint8_t>((*random)());
  return person;
}

TEST_F(PersonListTest, FindsWhoIsInItAndNobodyElse) {
  std::mt19937_64 random(1);
  for (const size_t count : {0, 1, 2, 255, 256, 257, 5000, 60'000}) {
    for (const int spread : {15, 9, 3}) {
      std::set<SubjectId> persons;
      while (persons.size() < count) persons.insert(Anybody(&random, spread));
      ASSERT_TRUE(WritePersonList(path_, {persons.begin(), persons.end()}).ok());
      const auto read = ReadPersonList(path_);
      ASSERT_TRUE(read.ok());
      EXPECT_TRUE(std::equal(read->begin(), read->end(), persons.begin(), persons.end()));
      std::vector<SubjectId> asked = {SubjectId::OfProvider({1}), Anybody(&random, 0)};
      if (!persons.empty()) asked.insert(asked.end(), {*persons.begin(), *persons.rbegin()});
      for (int i = 0; i < 300; ++i) {
        asked.push_back(Anybody(&random, spread));
        if (!persons.empty())
          asked.push_back(*persons.lower_bound(std::min(asked.back(), *persons.rbegin())));
      }
      EXPECT_EQ(*CountPersonList(path_), count);
      for (const SubjectId& person : asked) {
        const auto has = PersonListHas(path_, person);
        ASSERT_TRUE(has.ok()) << has.status().message();
        EXPECT_EQ(*has, persons.contains(person)) << count << " " << person.ToHex();
      }
    }
  }
}

TEST_F(PersonListTest, ATornListIsNotAnAnswer) {
  const SubjectId person = SubjectId::OfProvider({1});
  EXPECT_EQ(PersonListHas(path_, person).status().code(), Code::kNotFound);
  EXPECT_EQ(ReadPersonList(path_).status().code(), Code::kNotFound);
  std::ofstream(path_) << "less than sixteen and a half bytes";
  EXPECT_EQ(PersonListHas(path_, person).status().code(), Code::kDataLoss);
  EXPECT_EQ(ReadPersonList(path_).status().code(), Code::kDataLoss);
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(PersonListHas(path_, person).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace kpr::extract
