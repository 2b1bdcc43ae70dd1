#include "registry/codelists/codelists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "registry/codelists/edition.h"
#include "registry/codelists/per_edition.h"

namespace kpr {
namespace {

Date Day(int year) {
  return Date::FromYmd(year, 1, 1);
}
std::string After(const char* code, int year) {
  std::string codes;
  for (const Municipality m : Descendants(*Municipality::Parse(code), Day(year)))
    codes += (codes.empty() ? "" : "+") + m.ToString();
  return codes;
}

TEST(MunicipalitiesTest, CountsByYear) {
  const std::pair<int, size_t> kExpected[] = {{2013, 428}, {2015, 428}, {2017, 426}, {2018, 422},
                                              {2019, 422}, {2020, 356}, {2023, 356}, {2024, 357}};
  for (const auto& [year, count] : kExpected) EXPECT_EQ(MunicipalitiesOn(Day(year)).size(), count) << year;
}

TEST(MunicipalitiesTest, DescendantsThroughMergersAndNewCodes) {
  EXPECT_EQ(After("0101", 2019), "0101");
  EXPECT_EQ(After("0101", 2020), "3001");
  EXPECT_EQ(After("0101", 2024), "3101");
  EXPECT_EQ(After("1018", 2020), "4204");
  EXPECT_EQ(After("1017", 2020), "4204");
  EXPECT_EQ(After("1601", 2020), "5001");
  EXPECT_EQ(After("1662", 2018), "5030");
  EXPECT_EQ(After("1662", 2020), "5001");
  EXPECT_EQ(After("1141", 2020), "1103");
  EXPECT_EQ(After("0716", 2020), "3803");
}

TEST(MunicipalitiesTest, ASplitHasSeveral) {
  EXPECT_EQ(After("1850", 2020), "1806+1875");
  EXPECT_EQ(After("5012", 2020), "5055+5056+5059");
  EXPECT_EQ(After("1507", 2024), "1508+1580");
  EXPECT_EQ(After("9876", 2024), "");
  const auto before = Ancestors(*Municipality::Parse("1103"), Day(2024));
  EXPECT_EQ(before.size(), 1u) << "itself, in force";
  EXPECT_EQ(Ancestors(*Municipality::Parse("4204"), Day(2019)).size(), 3u);
  EXPECT_EQ(After("1507", 2023), "1507");
}

TEST(MunicipalitiesTest, PredecessorsAreInForce) {
  for (const Municipality m : MunicipalitiesOn(Day(2024))) {
    for (int year = 2012; year <= 2024; ++year) {
      EXPECT_EQ(MunicipalityOn(Predecessor(m, Day(year)), Day(year)), CodeValidity::kInForce)
          << m.ToString() << " " << year;
    }
  }
}

TEST(MunicipalitiesTest, AWholePredecessorGoesBeforeAPart) {
  const Municipality hitra = *Municipality::Parse("5056"), haram = *Municipality::Parse("1580");
  EXPECT_EQ(Predecessor(hitra, Day(2019)).ToString(), "5013") << "5012 was split";
  EXPECT_EQ(Predecessor(haram, Day(2023)).ToString(), "1507");
  EXPECT_TRUE(EndsInSplit({1507}));
  EXPECT_TRUE(EndsInSplit({5012}));
  EXPECT_FALSE(EndsInSplit({5013}));
  EXPECT_FALSE(EndsInSplit(hitra)) << "in force";
}

TEST(MunicipalitiesTest, InForceOnTheDate) {
  const Municipality halden = *Municipality::Parse("3001");
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2019, 12, 31)), CodeValidity::kNotInForce);
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2020, 1, 1)), CodeValidity::kInForce);
  EXPECT_EQ(MunicipalityOn(halden, Date::FromYmd(2024, 1, 1)), CodeValidity::kNotInForce);
  EXPECT_EQ(MunicipalityOn(*Municipality::Parse("0099"), Day(2024)), CodeValidity::kUnknown);
  EXPECT_EQ(MunicipalityName(halden, Day(2022)), "Halden");
}

TEST(ServiceTypesTest, ValidityByDate) {
  EXPECT_EQ(ServiceType(21, Day(2024)), CodeValidity::kInForce);
  EXPECT_EQ(ServiceType(12, Day(2018)), CodeValidity::kInForce);
  EXPECT_EQ(ServiceType(12, Day(2019)), CodeValidity::kNotInForce);
  EXPECT_EQ(ServiceType(10, Day(2024)), CodeValidity::kUnknown);
  EXPECT_TRUE(ProviderRequired(21));
  EXPECT_FALSE(ProviderRequired(29));
}

std::string Content(const std::string& name) {
  for (const embedded::File& file : BuiltInCodeLists()) {
    if (file.name == name) return file.content;
  }
  return "";
}

// The message of what is wrong; empty where the list is taken.
std::string Refused(const std::string& name, const std::string& content) {
  const auto edition = ReadEdition({{name, content}});
  return edition.ok() ? "" : edition.status().message();
}

TEST(EditionTest, EachFaultIsRefusedByFileAndLine) {
  EXPECT_EQ(Refused("municipalities.csv", Content("municipalities.csv")), "");
  const std::string changes = Content("code_changes.csv"), municipalities = Content("municipalities.csv");
  const std::string last = std::to_string(std::count(changes.begin(), changes.end(), '\n') + 1);
  const struct {
    std::string name, content, expected;
  } kFaults[] = {
      {"postcodes.csv", "x", "postcodes.csv: not the name of a code list"},
      {"counties.csv", "name,code\n", "counties.csv:1: expected the first line 'code,name'"},
      {"counties.csv", "code,name\n3,Oslo\n", "counties.csv:2: '3' is not a county's two digits"},
      {"counties.csv", "code,name\n03,Oslo\n03,Oslo\n", "counties.csv:3: 03 is there twice"},
      {"counties.csv", "code,name\n03,Oslo\n", "counties.csv: no county 01 of municipality 0101"},
      {"municipalities.csv", municipalities + "9901,\xff,,\n", "municipalities.csv:1: is not UTF-8"},
      {"municipalities.csv", "code,name,valid_from,valid_to\n0301,Oslo\n", "municipalities.csv:2: 2 cells"},
      {"municipalities.csv", "code,name,valid_from,valid_to\n0301,Oslo,2024-02-30,\n",
       "municipalities.csv:2: '2024-02-30' is not a date"},
      {"municipalities.csv", "code,name,valid_from,valid_to\n0301,Oslo,2024-01-02,2024-01-02\n",
       "municipalities.csv:2: ends before it begins"},
      {"municipalities.csv", "code,name,valid_from,valid_to\n0301,Oslo,,\n0301,Oslo,2027-01-01,\n",
       "municipalities.csv:3: 0301 is in force twice on 2027-01-01"},
      {"code_changes.csv", changes + "2027-01-01,0301,Oslo,0302,Ny\n",
       "code_changes.csv:" + last + ": 0302 is not in force on 2027-01-01"},
      {"code_changes.csv", changes + "2027-01-01,0101,Halden,0301,Oslo\n",
       "code_changes.csv:" + last + ": 0101 is not in force on 2026-12-31"},
      {"service_types.csv", "code,valid_from,valid_to,provider_required,name\n128,,,no,x\n",
       "service_types.csv:2: '128' is not a code of 1 to 127"},
      {"service_types.csv", "code,valid_from,valid_to,provider_required,name\n30,,,maybe,x\n",
       "service_types.csv:2: provider_required is yes or no"},
      {"size_groups.csv", "inhabitants_from,name\n1000,large\n",
       "size_groups.csv:2: the first group begins at 0"},
      {"size_groups.csv", "inhabitants_from,name\n", "size_groups.csv: no group"},
      {"size_groups.csv", "inhabitants_from,name\n0,a\n0,b\n",
       "size_groups.csv:3: inhabitants_from begins at 0 and rises"},
  };
  for (const auto& fault : kFaults) {
    const std::string refused = Refused(fault.name, fault.content);
    EXPECT_TRUE(refused.starts_with(fault.expected)) << refused << "; expected " << fault.expected;
  }
}

TEST(EditionTest, CodesEndButAreNotTakenAway) {
  const std::string types = Content("service_types.csv");
  const std::string without = types.substr(0, types.find("\n29,") + 1);
  const Edition built_in = ReadEdition({}).value();
  const auto shorter = ReadEdition({{"service_types.csv", without}});
  ASSERT_TRUE(shorter.ok());
  EXPECT_EQ(CheckFollows(built_in, *shorter).message(),
            "service_types.csv: code 29 is not there any more; give the day on which it ends instead");
  const auto longer =
      ReadEdition({{"service_types.csv", types + "30,2027-01-01,,yes,Ny tjeneste, med komma\n"}});
  ASSERT_TRUE(longer.ok());
  EXPECT_TRUE(CheckFollows(built_in, *longer).ok());
  EXPECT_EQ(longer->service_types.at(30).name, "Ny tjeneste, med komma");
  EXPECT_NE(longer->version, built_in.version);
}

TEST(EditionTest, AScopeStaysWithTheEditionItBeganWith) {
  const std::string before = EditionInUse().version;
  {
    const EditionScope one;
    Edition renamed = ReadEdition({{"counties.csv", Content("counties.csv") + "60,Ny\n"}}).value();
    UseEdition(std::move(renamed));
    EXPECT_EQ(EditionInUse().version, before);
    EXPECT_EQ(CountyName(60), "");
  }
  EXPECT_NE(EditionInUse().version, before);
  EXPECT_EQ(CountyName(60), "Ny");
  UseEdition(ReadEdition({}).value());
  EXPECT_EQ(EditionInUse().version, before);
}

// What is made of an edition is of that one, whoever asks meanwhile, and two readers of one edition share it.
TEST(EditionTest, ReadersAreUndisturbedByNewEditions) {
  static PerEdition<std::string> names([] { return CountyName(60) + " by " + EditionInUse().version; });
  constexpr int kEditions = 50;
  std::atomic<bool> over = false;
  std::atomic<int> mixed = 0;
  const auto read = [&] {
    while (!over) {
      const EditionScope one;
      const std::string version = EditionInUse().version;
      const std::string expected = CountyName(60) + " by " + version;
      if (names.Get() != expected || EditionInUse().version != version) ++mixed;
    }
  };
  std::thread first(read), second(read);
  for (int i = 0; i < kEditions; ++i) {
    UseEdition(
        ReadEdition({{"counties.csv", Content("counties.csv") + "60,Ny " + std::to_string(i % 5) + "\n"}})
            .value());
  }
  over = true;
  first.join();
  second.join();
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(CountyName(60), "Ny 4");
  UseEdition(ReadEdition({}).value());
}

// Stores of version 0.1.0 do not name the ends by which their cells are; backfill_state.cc takes these for
// them. Whoever changes the built-in lists gives it those of before.
TEST(EditionTest, TheBuiltInEndsAreThoseOfTheFirstStores) {
  EXPECT_EQ(Fnv1a(BuiltInEdition().ends_text), 2724911712570595436ull);
}

TEST(EditionTest, EndsHaveSuccessorsAndNoneTwice) {
  std::string municipalities = Content("municipalities.csv");
  const std::string sola = "\n1124,Sola,2011-01-01,\n";
  municipalities.replace(municipalities.find(sola), sola.size(), "\n1124,Sola,2011-01-01,2027-01-01\n");
  EXPECT_EQ(Refused("municipalities.csv", municipalities),
            "code_changes.csv: nothing follows 1124, which ends on 2027-01-01");
  const std::string changes = Content("code_changes.csv") + "2027-01-01,1124,Sola,1103,Stavanger\n";
  EXPECT_TRUE(ReadEdition({{"municipalities.csv", municipalities}, {"code_changes.csv", changes}}).ok());
  const auto twice = ReadEdition({{"municipalities.csv", municipalities},
                                  {"code_changes.csv", changes + "2027-01-01,1124,Sola,1103,Stavanger\n"}});
  ASSERT_FALSE(twice.ok());
  EXPECT_NE(twice.status().message().find("1124 becomes 1103 twice"), std::string::npos);
  EXPECT_NE(Refused("municipalities.csv", Content("municipalities.csv") + "1199,Ny,2041-01-01,\n"), "");
}

TEST(CodeEndsTest, AreReadAsWritten) {
  CodeEnds ends, read;
  EXPECT_EQ(ends.Of({301}), kFirstDate) << "in no list";
  ends.Set({301}, kNoEnd);
  ends.Set({1507}, Day(2024));
  ASSERT_TRUE(CodeEnds::Decode(ends.Encode(), &read));
  EXPECT_EQ(read, ends);
  EXPECT_EQ(read.Of({1507}), Day(2024));
  for (const char* damaged : {"0301", "0301:", "0301:x", "301:5", "0301:5x", "0301:5,,0302:6"})
    EXPECT_FALSE(CodeEnds::Decode(damaged, &read)) << damaged;
  EXPECT_TRUE(CodeEnds::Decode("", &read));
}

}  // namespace
}  // namespace kpr
