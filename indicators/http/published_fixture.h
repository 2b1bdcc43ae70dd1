// For tests: a folder of releases made by hand, with random figures, and the site that serves it.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "base/crypto/hash.h"
#include "base/crypto/signature.h"
#include "indicators/http/answers.h"
#include "indicators/http/library.h"
#include "indicators/http/site.h"
#include "indicators/publication/release_store.h"

namespace kpr::http {

using Json = nlohmann::json;

class PublishedFixture {
 public:
  PublishedFixture()
      : folder_(fmt::format("{}/kpr-http-{}-{}", ::testing::TempDir(), getpid(),
                            ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        library_(folder_, nullptr, &clock_),
        router_(Site(Door::kPublic, {{"index.html", "<html>"}, {"assets/app.js", "1"}}, "", "test",
                     {"https://statistikk.example.no", "Direktoratet", "post@example.no", "Organet",
                      "organ@example.no", "http://example.org/category"}),
                &library_),
        answers_(&router_, &library_) {
    std::filesystem::remove_all(folder_);
  }
  ~PublishedFixture() { std::filesystem::remove_all(folder_); }

  // A release of the series with these tables; seen by the site afterwards.
  void Publish(const std::string& series, const std::vector<v1::ReleaseTable>& tables,
               const v1::RevisionRecord& revisions = {}) {
    const publication::ReleaseStore store(folder_);
    v1::PublicationPlan plan;
    plan.set_id(series);
    plan.set_structure_year(2024);
    const auto files = publication::MakeFiles(plan, tables, {}, revisions);
    v1::Release manifest;
    manifest.set_series(series);
    manifest.set_number(*store.LastNumber(series) + 1);
    manifest.mutable_title()->set_nb("Omsorg");
    manifest.set_structure_year(2024);
    manifest.mutable_released_at()->set_seconds(1'700'000'000 + released_++ * 86'400);
    for (const publication::PublicFile& file : files) {
      v1::ReleaseFile* of = manifest.add_files();
      of->set_name(file.name);
      of->set_bytes(file.content.size());
      of->set_sha256(crypto::Sha256(file.content));
    }
    manifest.set_public_key(key_.public_key());
    const Status written = store.WriteRelease(manifest, *key_.Sign(publication::ToJson(manifest)), files, {});
    EXPECT_TRUE(written.ok()) << written.message();
    clock_.Advance(2000);
  }

  // Areas of one county beside others, two years, with or without sexes and ages; some hidden, some missing.
  static v1::ReleaseTable RandomTable(const std::string& indicator, uint64_t seed) {
    std::mt19937_64 random(seed);
    v1::ReleaseTable table;
    table.set_indicator(indicator);
    table.set_version(1);
    table.mutable_title()->set_nb("Tittel \"" + indicator + "\"");
    table.mutable_title()->set_en("Title, " + indicator);
    table.set_unit("%");
    table.set_decimals(static_cast<uint32_t>(random() % 3));
    for (const char* id : {"denominator", "yes"}) table.add_amounts()->set_id(id);
    table.mutable_amounts(0)->set_whole(true);
    table.add_value_amounts(0);
    table.add_value_amounts(1);
    const bool sexes = random() % 2 == 0, ages = random() % 2 == 0;
    for (const char* period : {"2023", "2024"}) {
      for (const char* area : {"0", "46", "4601", "4624", "50", "5001"}) {
        for (const char* sex : {"all", "female", "male"}) {
          for (const char* age : {"all", "67-79", "80+"}) {
            if ((sex != std::string("all") && (!sexes || age != std::string("all"))) ||
                (age != std::string("all") && !ages)) {
              continue;
            }
            AddRow(&table, {period, area, sex, age}, random);
          }
        }
      }
    }
    return table;
  }

  Response Get(const std::string& target) { return Ask("GET", target, ""); }
  Response Ask(const std::string& method, const std::string& target, const std::string& body,
               const std::string& if_none_match = "", const std::string& accept_encoding = "") {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.if_none_match = if_none_match;
    request.accept_encoding = accept_encoding;
    return *answers_.Answer(request);
  }
  static std::string HeaderOf(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  const std::string& folder() const { return folder_; }
  const Router& router() const { return router_; }

 private:
  static void AddRow(v1::ReleaseTable* table, const std::array<std::string, 4>& key,
                     std::mt19937_64& random) {
    v1::ReleaseRow* row = table->add_rows();
    row->set_period(key[0]);
    row->set_area(key[1]);
    row->set_sex(key[2]);
    row->set_age(key[3]);
    row->set_municipalities(1);
    const uint64_t kind = random() % 6;
    const auto state = kind == 0   ? v1::FIGURE_STATE_HIDDEN
                       : kind == 1 ? v1::FIGURE_STATE_MISSING
                       : kind == 2 ? v1::FIGURE_STATE_FORMER
                                   : v1::FIGURE_STATE_SHOWN;
    for (int a = 0; a < 2; ++a) {
      const bool shown = state == v1::FIGURE_STATE_SHOWN || state == v1::FIGURE_STATE_FORMER;
      row->add_amounts(shown ? static_cast<int64_t>(random() % 1000) : 0);
      row->add_states(state);
    }
    if (state == v1::FIGURE_STATE_MISSING) {
      row->set_missing_reason(random() % 2 == 0 ? v1::MISSING_REASON_NOT_REPORTED
                                                : v1::MISSING_REASON_NOT_APPROVED);
    }
    // A faulty file: a value beside hidden amounts, which nobody may see.
    if (state == v1::FIGURE_STATE_HIDDEN && random() % 3 == 0) row->set_value(77);
    if (state == v1::FIGURE_STATE_HIDDEN || state == v1::FIGURE_STATE_MISSING) return;
    row->set_carried_forward(random() % 8 == 0);
    row->set_value(static_cast<double>(random() % 10'000) / 100);
    if (random() % 4 != 0) {
      row->set_lower(row->value() - 1);
      row->set_upper(row->value() + 1);
    }
  }

  std::string folder_;
  ManualClock clock_{1'700'000'000'000};
  int64_t released_ = 0;
  crypto::SigningKey key_ = *crypto::SigningKey::Generate();
  Library library_;
  Router router_;
  Answers answers_;
};

}  // namespace kpr::http
