// The way of a release over a real registry: I5 (a released figure never changes; a correction makes a new
// release with its revision), I6 on what is released, and who may do what when.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "base/crypto/hash.h"
#include "base/files.h"
#include "indicators/publication/check.h"
#include "indicators/publication/publication_office.h"
#include "registry/codelists/edition.h"
#include "tests/support/registry_fixture.h"

namespace kpr::publication {
namespace {

using test::RegistryFixture;
using ::testing::HasSubstr;

constexpr const char* kPlan = R"(id: "care"
title { nb: "Omsorg" en: "Care" }
structure_year: 2024
named_policy: "statistics_norway"
tables { indicator: "nursing_home_residents" periods: "2023" by_sex: true by_age: true }
tables { indicator: "medication_review" periods: "2023" by_age: true }
tables { indicator: "recipients_by_service_group" periods: "2023" }
)";
constexpr const char* kWithSignOff =
    R"(sign_off { required: true deadline: "2024-03-01" silent: UNAPPROVED_EXCLUDE objected: UNAPPROVED_CARRY_FORWARD }
)";

int64_t Day(const std::string& day) {
  return int64_t{Date::Parse(day)->days} * 86'400'000;
}

class Release : public ::testing::Test {
 protected:
  Release() : folder_(::testing::TempDir() + "/kpr-release-" + std::to_string(getpid()) + "-" + Name()) {
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
  ~Release() override {
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
  RegistryFixture registry_;
  ManualClock clock_{Day("2024-02-10")};
  std::optional<PublicationOffice> office_;
};

TEST_F(Release, ShowsTheLiveFiguresAndHidesSmallOnes) {
  const std::string files = PublishNext();
  size_t shown = 0, hidden = 0;
  for (const char* indicator :
       {"nursing_home_residents", "medication_review", "recipients_by_service_group"}) {
    const v1::ReleaseTable table = Table(files, indicator);
    for (const v1::ReleaseRow& row : table.rows()) {
      v1::GetIndicatorValuesRequest request;
      request.set_indicator(indicator);
      request.set_from_period("2023");
      request.set_structure_year(2024);
      request.set_level(row.area() == "0"        ? v1::LEVEL_COUNTRY
                        : row.area().size() == 2 ? v1::LEVEL_COUNTY
                                                 : v1::LEVEL_MUNICIPALITY);
      request.set_by_sex(row.sex() != "all");
      request.set_by_age(row.age() != "all");
      for (const ResultRow& live : registry_.Get(request).rows) {
        if (live.area != row.area() || live.sex != row.sex() || live.age != row.age()) continue;
        EXPECT_NEAR(row.has_value() ? row.value() : live.ValueOr(-1), live.ValueOr(-1), 0.051);
        for (int a = 0; a < row.states_size(); ++a) {
          if (row.states(a) == v1::FIGURE_STATE_HIDDEN) {
            ++hidden;
            EXPECT_EQ(row.amounts(a), 0) << "a hidden amount is in the file";
          }
          if (row.states(a) != v1::FIGURE_STATE_SHOWN) continue;
          ++shown;
          EXPECT_TRUE(row.amounts(a) == 0 || row.amounts(a) > 4)
              << indicator << " " << row.area() << " " << row.amounts(a);
        }
      }
    }
  }
  EXPECT_GT(shown, 100u);
  EXPECT_GT(hidden, 20u);
  const auto checked = CheckRelease(files, "", nullptr);
  ASSERT_TRUE(checked.ok()) << checked.status().message();
  EXPECT_EQ(checked->hidden > 0, true);
  EXPECT_NEAR(checked->narrowest, 5, 0.001);
}

TEST_F(Release, NeverChangesAndIsFollowedByItsRevision) {
  const std::string plain = std::string(kPlan).substr(0, std::string(kPlan).find(" by_sex")) + " }\n";
  const std::string first = PublishNext(plain);
  const auto before = Bytes(first);
  // Twelve persons were there of whom the municipality tells later.
  for (uint64_t person = 9000; person < 9012; ++person) registry_.Start(person, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  const std::string second = PublishNext(plain);
  EXPECT_EQ(Bytes(first), before);
  const auto one = CheckRelease(first, "", nullptr);
  ASSERT_TRUE(one.ok()) << one.status().message();
  const auto two = CheckRelease(second, one->manifest.public_key(), &*one);
  ASSERT_TRUE(two.ok()) << two.status().message();
  v1::RevisionRecord revisions;
  ASSERT_TRUE(FromJson(*ReadFile(second + "/revisions.json"), "", revisions).ok());
  const double old_value = Row(Table(first, "nursing_home_residents"), "4601").value();
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "4601").value(), old_value + 12);
  bool found = false;
  for (const v1::FigureRevision& revision : revisions.revisions()) {
    if (revision.indicator() != "nursing_home_residents" || revision.area() != "4601" ||
        revision.sex() != "all" || revision.age() != "all") {
      continue;
    }
    found = true;
    EXPECT_EQ(revision.old_value(), old_value);
    EXPECT_EQ(revision.new_value(), old_value + 12);
    EXPECT_EQ(revision.cause(), v1::FigureRevision::CAUSE_EVENTS);
  }
  EXPECT_TRUE(found);
}

TEST_F(Release, HoldsAChangeOfOnePerson) {
  const std::string first = PublishNext();
  registry_.Start(9500, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  const std::string second = PublishNext();
  const v1::ReleaseRow row = Row(Table(second, "nursing_home_residents"), "4601");
  EXPECT_EQ(row.value(), Row(Table(first, "nursing_home_residents"), "4601").value());
  EXPECT_EQ(row.states(0), v1::FIGURE_STATE_FORMER);
  // Which figure is held is not told.
  EXPECT_EQ(Row(Table(second, "nursing_home_residents"), "1103").states(0), v1::FIGURE_STATE_FORMER);
  v1::RevisionRecord revisions;
  ASSERT_TRUE(FromJson(*ReadFile(second + "/revisions.json"), "", revisions).ok());
  EXPECT_EQ(revisions.revisions_size(), 0);
  const auto one = CheckRelease(first, "", nullptr);
  EXPECT_TRUE(CheckRelease(second, "", &*one).ok());
}

// Unique persons do not add up where somebody is served in two places; then sums are all but exact, and
// protect as little.
TEST_F(Release, HidesASecondFigureWhereOnePersonIsInTwoPlaces) {
  for (uint64_t person = 8000; person < 8003; ++person) registry_.Start(person, 15, "2023-03-01", "1111");
  registry_.Start(8010, 15, "2023-03-01", "4601");
  registry_.Start(8010, 1, "2023-03-01", "4624");
  registry_.Start(8010, 18, "2023-03-01", "5001");
  registry_.Settle("2024-02-05");
  const v1::ReleaseTable table = Table(PublishNext(), "recipients_by_service_group");
  EXPECT_FALSE(table.amounts(0).additive_area());
  size_t hidden = 0;
  for (const char* area : {"11", "1101", "1103", "1106", "1108", "1111"}) {
    hidden += Row(table, area).states(0) == v1::FIGURE_STATE_HIDDEN;
  }
  // Nowhere is one figure alone hidden among a county and its municipalities.
  for (int a = 0; a < table.amounts_size(); ++a) {
    std::map<std::string, size_t> hidden_in;
    for (const v1::ReleaseRow& row : table.rows()) {
      if (row.area() != "0") hidden_in[row.area().substr(0, 2)] += row.states(a) == v1::FIGURE_STATE_HIDDEN;
    }
    for (const auto& [county, count] : hidden_in)
      EXPECT_NE(count, 1u) << county << " " << table.amounts(a).id();
  }
  EXPECT_EQ(Row(table, "1111").states(0), v1::FIGURE_STATE_HIDDEN);
  EXPECT_GE(hidden, 2u);
  std::string counties = kPlan;  // without their municipalities
  counties.insert(counties.rfind(" }"), " levels: LEVEL_COUNTRY levels: LEVEL_COUNTY");
  EXPECT_FALSE(Table(PublishNext(counties), "recipients_by_service_group").amounts(0).additive_area());
}

TEST_F(Release, FindsAFlippedBitInAnyFile) {
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
TEST_F(Release, RefusesTablesThatAreNone) {
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
TEST_F(Release, IsCheckedByTheCodeListsInIt) {
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

TEST_F(Release, NeedsASecondPersonForExactlyWhatWasReviewed) {
  const v1::Draft draft = MakeDraft();
  EXPECT_THAT(office_->Publish("care", "anna").status().message(), HasSubstr("not approved"));
  EXPECT_THAT(Approve(draft.content_hash(), "anna").message(), HasSubstr("second person"));
  EXPECT_THAT(Approve("else").message(), HasSubstr("review it again"));
  EXPECT_TRUE(Approve(draft.content_hash()).ok());
  EXPECT_TRUE(office_->Publish("care", "anna").ok());
  EXPECT_EQ(office_->GetDraft("care").status().code(), Code::kNotFound);
}

TEST_F(Release, IsApprovedAgainWhenSomeoneAnswersAfterwards) {
  MakeDraft(std::string(kPlan) + kWithSignOff);
  const v1::Draft draft = *office_->GetDraft("care");
  for (const std::string& code : draft.not_signed_off()) ASSERT_TRUE(SignOff(code).ok());
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  ASSERT_TRUE(SignOff("1108", "one is missing").ok());
  EXPECT_THAT(office_->Publish("care", "anna").status().message(), HasSubstr("not approved"));
}

TEST_F(Release, LeavesOutWhoIsSilentAndCarriesWhoObjects) {
  const std::string first = PublishNext();
  const double country = Row(Table(first, "nursing_home_residents"), "0").value();
  const double oslo = Row(Table(first, "nursing_home_residents"), "0301").value();
  const double oygarden = Row(Table(first, "nursing_home_residents"), "4626").value();
  ASSERT_GT(oslo, 5);
  for (uint64_t person = 9000; person < 9030; ++person) registry_.Start(person, 21, "2023-03-01", "0301");
  registry_.Settle("2024-02-05");
  const v1::Draft draft = MakeDraft(std::string(kPlan) + kWithSignOff);
  EXPECT_EQ(draft.not_signed_off_size(), 357);
  EXPECT_THAT(SignOff("0301").message(), "");
  EXPECT_EQ(SignOff("0302").code(), Code::kInvalid);
  ASSERT_TRUE(SignOff("0301", "thirty are of last year").ok());  // the last answer counts
  for (const char* code :
       {"1101", "1103", "1106", "1108", "4601", "4624", "4627", "4631", "5001", "5006", "5035"})
    ASSERT_TRUE(SignOff(code).ok());
  // 4626 and all others are silent.
  EXPECT_THAT(Approve(Wait().content_hash()).message(), HasSubstr("345 municipalities have not answered"));
  clock_.Advance(Day("2024-03-02") - Day("2024-02-10"));
  EXPECT_THAT(SignOff("4626").message(), HasSubstr("deadline"));
  ASSERT_TRUE(Approve(Wait().content_hash()).ok());
  const auto release = office_->Publish("care", "anna");
  ASSERT_TRUE(release.ok()) << release.status().message();
  const std::string second = folder_ + "/care/2/files";
  const v1::ReleaseTable table = Table(second, "nursing_home_residents");
  EXPECT_EQ(Row(table, "4626").missing_reason(), v1::MISSING_REASON_NOT_APPROVED);
  EXPECT_FALSE(Row(table, "4626").has_value());
  EXPECT_EQ(Row(table, "0301").value(), oslo);
  EXPECT_TRUE(Row(table, "0301").carried_forward());
  EXPECT_EQ(Row(table, "0").value(), country - oslo - oygarden);
  EXPECT_EQ(Row(table, "0").approved(), 11u);
  const auto one = CheckRelease(first, "", nullptr);
  const auto two = CheckRelease(second, "", &*one);
  EXPECT_TRUE(two.ok()) << two.status().message();
}

TEST_F(Release, IsTheSameAgainWhenItsComputationIsInterrupted) {
  const v1::Draft draft = MakeDraft();
  // Facts that come later are not in it.
  for (uint64_t person = 9000; person < 9030; ++person) registry_.Start(person, 21, "2023-03-01", "4601");
  registry_.Settle("2024-02-05");
  office_->Stop();
  const ReleaseStore store(folder_);
  v1::Draft interrupted = store.ReadDraft("care")->draft();
  interrupted.set_state(v1::Draft::STATE_COMPUTING);
  interrupted.set_tables_done(1);
  ASSERT_TRUE(store.WriteDraft(interrupted).ok());
  Open();
  EXPECT_EQ(Wait().content_hash(), draft.content_hash());
}

TEST_F(Release, IsRefusedWithAnotherKeyThanItsFirst) {
  PublishNext();
  std::filesystem::remove(folder_ + ".signing-key");
  const v1::Draft draft = MakeDraft();
  ASSERT_TRUE(Approve(draft.content_hash()).ok());
  EXPECT_EQ(office_->Publish("care", "anna").status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace kpr::publication
