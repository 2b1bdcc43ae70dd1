// A register of thirteen municipalities, and the office that publishes from it.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "base/crypto/hash.h"
#include "base/files.h"
#include "indicators/publication/publication_office.h"
#include "indicators/publication/release_files.h"
#include "tests/support/registry_fixture.h"

namespace kpr::publication {

inline constexpr const char* kPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "nursing_home_residents" periods: "2023" by_sex: true by_age: true }
tables { indicator: "medication_review" periods: "2023" by_age: true }
tables { indicator: "recipients_by_service_group" periods: "2023" }
)";
inline constexpr const char* kWithSignOff =
    R"(sign_off { required: true deadline: "2024-03-01" silent: UNAPPROVED_EXCLUDE objected: UNAPPROVED_CARRY_FORWARD }
)";

inline int64_t Day(const std::string& day) {
  return int64_t{Date::Parse(day)->days} * 86'400'000;
}

class ReleaseFixture : public ::testing::Test {
 protected:
  ReleaseFixture()
      : folder_(::testing::TempDir() + "/kpr-release-" + std::to_string(getpid()) + "-" + Name()) {
    std::filesystem::remove_all(folder_);
    std::mt19937 random(7);
    const std::pair<const char*, int> places[] = {
        {"0301", 400}, {"1101", 60}, {"1103", 200}, {"1106", 80},  {"1108", 120}, {"4601", 300}, {"4624", 70},
        {"4626", 25},  {"4627", 60}, {"4631", 40},  {"5001", 200}, {"5006", 50},  {"5035", 6}};
    uint64_t person = 1;
    for (const auto& [municipality, count] : places) {
      for (int i = 0; i < count; ++i, ++person) {
        registry_.Born(person, std::to_string(1925 + random() % 40) + "-05-01",
                       random() % 2 ? v1::SEX_MALE : v1::SEX_FEMALE);
        registry_.Start(person, random() % 3 == 0 ? 18 : 21, "2023-02-01", municipality);
        if (random() % 3 != 0)
          registry_.Person(person, "2023-06-01", municipality)
              .mutable_medication_review()
              ->set_kind(v1::MedicationReview::KIND_FULL_REVIEW);
      }
    }
    registry_.Settle("2024-01-31");
    Open();
  }
  ~ReleaseFixture() override {
    office_.reset();
    for (const char* of : {"", ".signing-key"}) std::filesystem::remove_all(folder_ + of);
  }
  static std::string Name() { return ::testing::UnitTest::GetInstance()->current_test_info()->name(); }
  void Open() {
    office_.reset();
    office_.emplace(OfficeOptions{&registry_.query(), &clock_, folder_, folder_ + ".signing-key", "test"});
  }
  v1::Draft Wait() {
    for (;;) {
      auto draft = office_->GetDraft("care");
      if (!draft.ok() || draft->state() != v1::Draft::STATE_COMPUTING) {
        EXPECT_TRUE(draft.ok()) << draft.status().message();
        return draft.ok() ? *draft : v1::Draft();
      }
      std::this_thread::yield();
    }
  }
  v1::Draft MakeDraft(const std::string& plan = kPlan) {
    v1::CreateDraftRequest request;
    request.set_plan(plan);
    const auto draft = office_->CreateDraft(request, "anna");
    EXPECT_TRUE(draft.ok()) << draft.status().message();
    const v1::Draft ready = Wait();
    EXPECT_EQ(ready.state(), v1::Draft::STATE_READY) << ready.failure();
    return ready;
  }
  Status Approve(const std::string& content, const std::string& who = "berit") {
    v1::ApproveDraftRequest request;
    request.set_series("care");
    request.set_content_hash(content);
    return office_->Approve(request, who).status();
  }
  Status SignOff(const std::string& municipality, const std::string& objection = "") {
    v1::SignOffDraftRequest request;
    request.set_series("care");
    request.set_municipality(municipality);
    request.set_answer(objection.empty() ? v1::SignOff::ANSWER_APPROVED : v1::SignOff::ANSWER_OBJECTED);
    request.set_text(objection);
    return office_->SignOffDraft(request, "urn:" + municipality).status();
  }
  // Drafts, approves and publishes; the folder of its public files.
  std::string PublishNext(const std::string& plan = kPlan) {
    const v1::Draft draft = MakeDraft(plan);
    EXPECT_TRUE(Approve(draft.content_hash()).ok());
    const auto release = office_->Publish("care", "anna");
    EXPECT_TRUE(release.ok()) << release.status().message();
    return folder_ + "/care/" + std::to_string(release->number()) + "/files";
  }
  v1::ReleaseTable Table(const std::string& files, const std::string& indicator) {
    v1::ReleaseTable table;
    EXPECT_TRUE(FromJson(*ReadFile(files + "/tables/" + indicator + ".json"), indicator, table).ok());
    return table;
  }
  static v1::ReleaseRow Row(const v1::ReleaseTable& table, const std::string& area) {
    for (const v1::ReleaseRow& row : table.rows()) {
      if (row.area() == area && row.sex() == "all" && row.age() == "all") return row;
    }
    return {};
  }
  // As whoever has a key of his own can: the file is another, or with nothing not there, and the manifest
  // says so.
  static void Forge(const std::string& files, const std::string& name,
                    const std::optional<std::string>& content) {
    const auto key = crypto::SigningKey::Generate();
    v1::Release manifest;
    EXPECT_TRUE(FromJson(*ReadFile(files + "/release.json"), "", manifest).ok());
    if (content) std::ofstream(files + "/" + name, std::ios::binary) << *content;
    auto* listed = manifest.mutable_files();
    for (int i = listed->size() - 1; i >= 0; --i) {
      if (listed->at(i).name() != name) continue;
      if (content) listed->at(i).set_sha256(crypto::Sha256(*content));
      if (!content) listed->DeleteSubrange(i, 1);
    }
    manifest.set_public_key(key->public_key());
    std::ofstream(files + "/release.json", std::ios::binary) << ToJson(manifest);
    std::ofstream(files + "/release.sig", std::ios::binary) << *key->Sign(ToJson(manifest));
  }
  static std::map<std::string, std::string> Bytes(const std::string& folder) {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) bytes[entry.path().string()] = *ReadFile(entry.path().string());
    }
    return bytes;
  }

  const std::string folder_;
  test::RegistryFixture registry_;
  ManualClock clock_{Day("2024-02-10")};
  std::optional<PublicationOffice> office_;
};

}  // namespace kpr::publication
