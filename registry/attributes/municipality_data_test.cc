#include "registry/attributes/municipality_data.h"

#include <gtest/gtest.h>

#include <functional>

namespace kpr {
namespace {

using Files = std::vector<embedded::File>;

Files Whole() {
  return {{"attributes.csv",
           "attribute,kind,source,name\n"
           "centrality,number,Statistics Norway,Centrality, of 1000\n"
           "kostra_group,category,Statistics Norway,KOSTRA group\n"
           "grant_places,number,State bank,Places with a grant\n"},
          {"groups.csv",
           "\xEF\xBB\xBFgroup,municipality,valid_from,valid_to,name\n"
           "trial,1103,2020-01-01,2021-07-01,Trial\n"
           "trial,0301,2018-01-01,,Trial\n"
           "trial,0219,2019-01-01,2020-01-01,Trial\n"  // 3024 in 2020, 3201 in 2024
           "trial,1507,2021-01-01,,Trial\n"},          // split in 2024
          {"grants.csv", "municipality;year;grant_places\n0301;2023;24\n1103;2024;\n"},
          {"ssb.csv",
           "\xEF\xBB\xBFmunicipality,year,centrality,kostra_group\r\n"
           "0301,2022,999,13\r\n"
           "0301,2024,1000,13\r\n"
           "0301,2025,1,1\r\n"
           "1103,2018, 959.5 ,\r\n"
           "0219,2019,900,13\r\n"     // the whole of 3201
           "1141,2019,700,3\r\n"      // with others in 1103
           "1507,2023,800,11\r\n"}};  // split
}

MunicipalityData Read(const Files& files) {
  auto data = ReadMunicipalityData(files);
  EXPECT_TRUE(data.ok()) << data.status().message();
  return data.ok() ? *data : MunicipalityData();
}

std::string Shown(const AttributeValues& values) {
  std::string shown;
  for (const auto& [code, value] : values.values)
    shown += code + ":" + std::to_string(value.year) + "=" + value.cell + " ";
  return shown;
}

std::string Shown(const MembersOnDay& found) {
  std::string shown;
  for (const Municipality member : found.members) shown += member.ToString() + " ";
  return shown + "-" + std::to_string(found.unused);
}

TEST(MunicipalityData, TheNewestValueUpToTheYearFollowsTheCode) {
  const MunicipalityData data = Read(Whole());
  const auto of = [&](const char* id, int year, int structure_year) {
    return ValuesOf(data, **FindAttribute(data, id), year, structure_year);
  };
  EXPECT_EQ(Shown(of("centrality", 2024, 2024)), "0301:2024=1000 3201:2019=900 ");
  EXPECT_EQ(of("centrality", 2024, 2024).unused_rows, 3u)
      << "1103 and 1141 of before they were one, and 1507";
  EXPECT_EQ(Shown(of("centrality", 2023, 2024)), "0301:2022=999 3201:2019=900 ");
  EXPECT_EQ(Shown(of("centrality", 2024, 2019)), "0219:2019=900 1103:2018=959.5 1141:2019=700 ")
      << "of no later year than the structure's";
  EXPECT_EQ(Shown(of("kostra_group", 2023, 2023)), "0301:2022=13 1507:2023=11 3024:2019=13 ");
  EXPECT_EQ(Shown(of("grant_places", 2024, 2024)), "0301:2023=24 ") << "an empty cell is not known";
}

TEST(MunicipalityData, MembersAreThoseOfTheDayAsTheyAreLater) {
  const MunicipalityGroup trial = Read(Whole()).groups.at("trial");
  const auto on = [&](Date then, Date day) { return Shown(MembersOn(trial, then, day)); };
  EXPECT_EQ(on(Date::FromYmd(2017, 12, 31), Date::FromYmd(2024, 12, 31)), "-0");
  EXPECT_EQ(on(Date::FromYmd(2019, 6, 1), Date::FromYmd(2024, 12, 31)), "0301 3201 -0");
  EXPECT_EQ(on(Date::FromYmd(2020, 1, 1), Date::FromYmd(2024, 12, 31)), "0301 1103 -0");
  EXPECT_EQ(on(Date::FromYmd(2021, 6, 30), Date::FromYmd(2023, 12, 31)), "0301 1103 1507 -0");
  EXPECT_EQ(on(Date::FromYmd(2021, 7, 1), Date::FromYmd(2024, 12, 31)), "0301 -1") << "1507 is two now";
}

TEST(MunicipalityData, ThoseThatMergedCountWhereAllWereMembers) {
  const char heading[] = "group,municipality,valid_from,valid_to,name\n";
  const auto members = [&](const std::string& rows, int year = 2019) {
    const MunicipalityData data = Read({{"groups.csv", heading + rows}});
    return Shown(MembersOn(data.groups.at("g"), Date::FromYmd(year, 1, 1), Date::FromYmd(2024, 12, 31)));
  };
  // 1103 Stavanger, 1141 Finnøy and 1142 Rennesøy became 1103 in 2020.
  EXPECT_EQ(members("g,1103,2018-01-01,,G\ng,1141,2018-01-01,,G\ng,1142,2018-01-01,,G\n"), "1103 -0");
  EXPECT_EQ(members("g,1141,2018-01-01,,G\ng,1142,2018-01-01,,G\n"), "-2");
  EXPECT_EQ(members("g,1103,2018-01-01,,G\n"), "-1") << "its code stays, but it is not alone";
  EXPECT_EQ(members("g,1103,2018-01-01,,G\ng,1141,2018-01-01,,G\n"), "-2");
  // The same, asked about when they have merged.
  EXPECT_EQ(members("g,1141,2018-01-01,,G\n", 2022), "-1");
  EXPECT_EQ(members("g,1141,2018-01-01,,G\ng,1142,2018-01-01,,G\ng,1103,2018-01-01,,G\n", 2022), "1103 -0");
}

TEST(MunicipalityData, WhatIsWrongIsNamedAndNothingIsRead) {
  const auto error = [](const std::function<void(Files*)>& change) {
    Files files = Whole();
    change(&files);
    return ReadMunicipalityData(files).status().message();
  };
  const auto with = [&](size_t file, const std::string& line) {
    return error([&](Files* files) { (*files)[file].content += line + "\n"; });
  };
  EXPECT_EQ(with(0, "Share,number,x,y"),
            "attributes.csv:5: 'Share': an attribute is named by a-z, 0-9 and _");
  EXPECT_EQ(with(1, "Trial,0301,2020-01-01,,T"), "groups.csv:6: 'Trial': a group is named by a-z, 0-9 and _");
  EXPECT_EQ(with(3, "0301,2023,1,unknown"),
            "ssb.csv:9: kostra_group 'unknown': expected at most 40 bytes, and nothing where it is unknown");
  EXPECT_EQ(with(0, "share,number,x," + std::string(201, 'y')),
            "attributes.csv:5: source and name have at most 200 bytes");
  EXPECT_EQ(with(0, "share,percent,x,y"), "attributes.csv:5: kind is number or category");
  EXPECT_EQ(with(0, "share,number,,y"), "attributes.csv:5: the source is empty: who publishes it?");
  EXPECT_EQ(with(0, "centrality,number,x,y"), "attributes.csv:5: centrality is there twice");
  EXPECT_EQ(with(0, "share,number,x,y"), "attributes.csv: no file has the column 'share'");
  EXPECT_EQ(with(1, "trial,0301,2020-01-01,,Trial"), "groups.csv:6: 0301 is in trial twice on 2020-01-01");
  EXPECT_EQ(with(1, "trial,0219,2020-01-01,,Trial"),
            "groups.csv:6: '0219': expected the number of a municipality of 2020-01-01");
  EXPECT_EQ(with(1, "trial,4601,2020-01-01,,Others"), "groups.csv:6: trial is 'Trial' above");
  EXPECT_EQ(with(1, "trial,4601,2020-02-30,,Trial"), "groups.csv:6: '2020-02-30' is not a date YYYY-MM-DD");
  EXPECT_EQ(with(1, "trial,4601,2020-02-01,2020-02-01,Trial"), "groups.csv:6: ends before it begins");
  EXPECT_EQ(with(2, "0301;2023;25"), "grants.csv:4: 0301 2023 is there twice");
  EXPECT_EQ(with(2, "4601;2023;2,5"), "grants.csv:4: grant_places '2,5': expected a number, with a point");
  EXPECT_EQ(with(2, "4601;2023;inf"), "grants.csv:4: grant_places 'inf': expected a number, with a point");
  EXPECT_EQ(with(3, "0219,2024,1,1"), "ssb.csv:9: '0219': expected the number of a municipality of 2024");
  EXPECT_EQ(with(3, "0301,2023,1"),
            "ssb.csv:9: 3 cells: expected 4, as in the first line (numbers with a point)");
  EXPECT_EQ(error([](Files* files) {
              files->push_back({"more.csv", "municipality,year,centrality\n"});
            }),
            "ssb.csv: 'centrality' is a column of another file as well");
  EXPECT_EQ(error([](Files* files) {
              files->push_back({"more.csv", "municipality,year,share\n"});
            }),
            "more.csv: attributes.csv has no row for the column 'share'");
}

TEST(MunicipalityData, TheVersionIsOfTheContentAlone) {
  Files files = Whole();
  const std::string version = Read(files).version;
  std::swap(files[0], files[3]);
  EXPECT_EQ(Read(files).version, version) << "in whatever order the folder gives them";
  files[2].content += "0301;2020;1\n";
  EXPECT_NE(Read(files).version, version);
  EXPECT_TRUE(Read({}).attributes.empty());
  const auto none = FindAttribute(Read({}), "centrality");
  EXPECT_EQ(none.status().message(),
            "no attribute 'centrality': the register holds none (registry.attributes)");
}

}  // namespace
}  // namespace kpr
