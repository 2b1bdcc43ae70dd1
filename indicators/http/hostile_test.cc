// The public's interface against who wants to break it: damaged releases, many at once, bodies and addresses
// that no client of ours would send.
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "indicators/http/published_fixture.h"

namespace kpr::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTable = "/api/open/v1/kpr/table/1";

// A file that is not what was signed is not served, and no other reason is told.
TEST(HttpHostile, ServesNoFileThatWasChanged) {
  PublishedFixture site;
  site.Publish("care",
               {PublishedFixture::RandomTable("occupancy", 1), PublishedFixture::RandomTable("other", 2)});
  ASSERT_EQ(site.Get(std::string(kTable) + "/data").status, 200);
  const std::string file = site.folder() + "/care/1/files/tables/other.csv";
  std::ofstream(file, std::ios::app) << "x";
  const Response changed = site.Get("/api/open/v1/kpr/release/care/1/file/tables/other.csv");
  EXPECT_EQ(changed.status, 500);
  EXPECT_THAT(changed.failure, HasSubstr("is not what its manifest says"));
  EXPECT_THAT(changed.body, Not(HasSubstr("manifest")));
  EXPECT_EQ(site.Get("/api/open/v1/kpr/release/care/1/file/tables/occupancy.csv").status, 200);
  for (const char* hostile :
       {"../private.pb", "..%2fprivate.pb", "/etc/passwd", "tables/../../private.pb", "private.pb"})
    EXPECT_EQ(site.Get(std::string("/api/open/v1/kpr/release/care/1/file/") + hostile).status, 404)
        << hostile;
}

// A release that cannot be trusted does not take down those that are there, nor the page.
TEST(HttpHostile, ShowsWhatWasThereWhenANewReleaseIsDamaged) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const std::string before = site.Get(std::string(kTable) + "/data").body;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 2)});
  const std::string manifest = site.folder() + "/care/2/files/release.json";
  std::string json = *ReadFile(manifest);
  json.replace(json.find("\"number\": 2"), 11, "\"number\":  2");  // as JSON the same, as signed not
  std::ofstream(manifest, std::ios::binary) << json;
  EXPECT_EQ(site.Get(std::string(kTable) + "/data").body, before);
  PublishedFixture empty;
  std::filesystem::create_directories(empty.folder() + "/care/2/files");
  std::ofstream(empty.folder() + "/care/2/files/release.json") << "{}";
  EXPECT_EQ(empty.Get(std::string(kTable) + "/data").status, 500);
  EXPECT_EQ(empty.Get("/").status, 200);
  EXPECT_EQ(empty.Get("/health").status, 200);
}

TEST(HttpHostile, AnswersManyAtOnceWhileAReleaseComes) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const std::string target = std::string(kTable) + "/data.csv?GEO=*";
  const std::string before = site.Get(target).body;
  std::atomic<bool> ended = false;
  std::atomic<int> wrong = 0, new_ones = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      for (int n = 0; !ended || new_ones == 0; ++n) {
        const Response answer =
            site.Get(n % 2 == i % 2 ? target : target + fmt::format(",0*&AAR=*,top({})", n + 1));
        if (answer.status != 200) ++wrong;
        if (n % 2 == i % 2 && answer.body != before) ++new_ones;
      }
    });
  }
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 3)});
  ended = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_NE(site.Get(target).body, before);
}

// Deep and wide bodies cost no more than their bytes.
TEST(HttpHostile, ReadsNoMoreOfABodyThanARequestHas) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  const std::string deep = std::string(120'000, '[') + std::string(120'000, ']');
  const std::string selection =
      R"({"tableId":"1","selection":[{"variableCode":"GEO","valueCodes":["0"],"x":)" + deep + "}]}";
  EXPECT_EQ(site.Ask("POST", "/api/pxweb/v2/savedqueries", selection).status, 400);
  EXPECT_EQ(site.Ask("POST", "/api/pxweb/v2/tables/1/data", selection).status, 400);
  EXPECT_EQ(site.Ask("POST", std::string(kTable) + "/data", R"({"dimensions":)" + deep + "}").status, 400);
  std::string wide = "{\"dimensions\":[]";
  for (int i = 0; i < 25'000; ++i) wide += fmt::format(",\"k{}\":1", i);
  EXPECT_EQ(site.Ask("POST", std::string(kTable) + "/data", wide + "}").status, 400);
  std::string many = R"({"selection":[{"variableCode":"GEO","valueCodes":["*")";
  for (int i = 0; i < 6000; ++i) many += ",\"*\"";
  EXPECT_THAT(site.Ask("POST", "/api/pxweb/v2/tables/1/data", many + "]}]}").body, HasSubstr("too many"));
}

TEST(HttpHostile, TakesAnyBytesAsAnAddress) {
  PublishedFixture site;
  site.Publish("care", {PublishedFixture::RandomTable("occupancy", 1)});
  std::mt19937_64 random(9);
  const std::string bytes = "/%?&=[](),*.0123456789abcGEOkpr\xc3\xff\n ";
  for (int i = 0; i < 20'000; ++i) {
    std::string target = i % 3 == 0   ? std::string(kTable) + "/data?"
                         : i % 3 == 1 ? "/api/pxweb/v2/tables/1/data?"
                                      : "/api/pxweb/v2/codelists/vs_counties_2024";
    for (uint64_t n = random() % 30; n > 0; --n) target += bytes[random() % bytes.size()];
    const int status = site.Get(target).status;
    ASSERT_TRUE(status == 200 || status == 400 || status == 404 || status == 405) << target << " " << status;
  }
}

}  // namespace
}  // namespace kpr::http
