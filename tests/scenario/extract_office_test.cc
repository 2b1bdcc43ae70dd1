// The way of an extract in time: its end, a key that is lost, an audit log that cannot be written.
#include "extracts/office/extract_office.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/registry_fixture.h"

namespace kpr::extract {
namespace {

constexpr int64_t kDay = 86'400'000;
constexpr char kRecipient[] = "age1tje4gjjtfkk4atclztsr94pzjv9wj6404c5ej3ayd2ltsxm4q9dsh4azxc";

class Records : public Audit {
 public:
  Status Record(v1::AuditRecord record) override {
    if (broken) return Unavailable("the audit log cannot be written");
    records.push_back(std::move(record));
    return {};
  }
  std::vector<v1::AuditRecord> records;
  bool broken = false;
};

class ExtractOfficeTest : public testing::Test {
 protected:
  ExtractOfficeTest() {
    for (uint64_t person = 1; person <= 20; ++person) f_.Start(person, 18, "2023-02-01");
    f_.Settle("2024-01-31");
    Open();
  }

  void Open() {
    OfficeOptions options;
    options.registry = &f_.harness().registry();
    options.clock = &clock_;
    options.audit = &audit_;
    options.guard = guard_;
    options.folder = folder_.path() + "/extracts";
    options.key_file = folder_.path() + "/key";
    options.policy = {5, 1};
    office_ = std::make_unique<ExtractOffice>(options);
    ASSERT_TRUE(office_->Resume().ok());
  }

  std::string Request(const std::string& expires) const {
    return "project: 'trial' title: 't' institution: 'i' legal_basis: 'l' purpose: 'p' aims { id: 'a' text: "
           "'q' } "
           "population { service_active { types: 18 } } variables { name: 'service_spells.start' aims: 'a' } "
           "first_month: '2023-01' last_month: '2023-12' formats: FILE_FORMAT_CSV recipients: '" +
           std::string(kRecipient) + "' expires_on: '" + expires + "'";
  }

  v1::Extract Approved(const std::string& expires) {
    v1::ProposeExtractRequest request;
    request.set_request(Request(expires));
    auto extract = office_->Propose(request, "anna");
    EXPECT_TRUE(extract.ok()) << extract.status().message();
    v1::DecideExtractRequest decide;
    decide.set_id(extract->id());
    decide.set_request_sha256(extract->request_sha256());
    EXPECT_TRUE(office_->Approve(decide, {"olav", kCaseOfficer}).ok());
    extract = office_->Approve(decide, {"dagny", kDataProtectionOfficer});
    EXPECT_TRUE(extract.ok());
    return *extract;
  }

  v1::Extract Built(const std::string& id) {
    auto extract = office_->Build(id);
    EXPECT_TRUE(extract.ok()) << extract.status().message();
    while (extract.ok() && extract->state() == v1::Extract::STATE_BUILDING)
      extract = office_->WaitForChange(*extract, std::chrono::milliseconds(200));
    return *extract;
  }

  Status Fetch(const v1::Extract& extract) {
    v1::GetExtractFileRequest request;
    request.set_id(extract.id());
    request.set_name("persons.csv.gz.age");
    return office_->ReadPiece(request).status();
  }

  test::RegistryFixture f_;
  test::TempFolder folder_;
  ManualClock clock_{20'000 * kDay};  // 2024-10-04
  Records audit_;
  const SpaceGuard* guard_ = nullptr;
  std::unique_ptr<ExtractOffice> office_;
};

TEST_F(ExtractOfficeTest, IsFetchedUntilItsLastDayAndGoneAfterIt) {
  const v1::Extract extract = Built(Approved("2024-10-06").id());
  ASSERT_EQ(extract.state(), v1::Extract::STATE_READY) << extract.failure();
  clock_.Advance(2 * kDay);
  ASSERT_TRUE(office_->ExpireDue().ok());
  EXPECT_TRUE(Fetch(extract).ok());
  clock_.Advance(kDay);
  ASSERT_TRUE(office_->ExpireDue().ok());
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/extracts/trial-1/files"));
  EXPECT_EQ(audit_.records.back().kind(), v1::AuditRecord::KIND_EXTRACT_EXPIRED);
  const size_t records = audit_.records.size();
  ASSERT_TRUE(office_->ExpireDue().ok());
  EXPECT_EQ(audit_.records.size(), records) << "once";
  EXPECT_EQ(office_->Get("trial-1")->state(), v1::Extract::STATE_EXPIRED);
  EXPECT_EQ(Fetch(extract).code(), Code::kFailedPrecondition);
  // Who was in it is still known.
  const auto with = office_->With({SubjectId{}});
  EXPECT_TRUE(with.ok() && with->empty());
  EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/extracts/trial-1/persons"));
}

TEST_F(ExtractOfficeTest, IsNotGivenBeforeItsRecordIsDurable) {
  const std::string id = Approved("2024-12-31").id();
  audit_.broken = true;
  const v1::Extract failed = Built(id);
  EXPECT_EQ(failed.state(), v1::Extract::STATE_FAILED);
  EXPECT_NE(failed.failure().find("audit log"), std::string::npos);
  EXPECT_FALSE(Fetch(failed).ok());
  audit_.broken = false;
  EXPECT_EQ(Built(id).state(), v1::Extract::STATE_READY);
}

TEST_F(ExtractOfficeTest, ALostKeyIsNotReplaced) {
  Built(Approved("2024-12-31").id());
  std::filesystem::remove(folder_.path() + "/key");
  const auto again = office_->Build(Approved("2024-12-31").id());
  EXPECT_NE(again.status().message().find("put it back"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/key"));
}

TEST_F(ExtractOfficeTest, AnInterruptedBuildContinuesAtItsPosition) {
  const std::string id = Approved("2024-12-31").id();
  const v1::Extract whole = Built(id);
  const std::string other = Approved("2024-12-31").id();
  ASSERT_TRUE(office_->Build(other).ok());
  office_->Stop();
  // More has come when it continues.
  f_.Start(21, 18, "2023-02-01");
  f_.Settle("2024-02-29");
  Open();
  v1::Extract continued = *office_->Get(other);
  while (continued.state() == v1::Extract::STATE_BUILDING)
    continued = *office_->WaitForChange(continued, std::chrono::milliseconds(200));
  ASSERT_EQ(continued.state(), v1::Extract::STATE_READY) << continued.failure();
  EXPECT_EQ(continued.persons(), 20u);
  EXPECT_TRUE(std::equal(whole.content_sha256().begin(), whole.content_sha256().end(),
                         continued.content_sha256().begin(), continued.content_sha256().end()));
}

TEST_F(ExtractOfficeTest, LeavesTheReserveOfTheDiskToEvents) {
  const SpaceGuard full(folder_.path(), uint64_t{1} << 60);
  guard_ = &full;
  Open();
  const v1::Extract failed = Built(Approved("2024-12-31").id());
  EXPECT_EQ(failed.state(), v1::Extract::STATE_FAILED);
  EXPECT_NE(failed.failure().find("free"), std::string::npos) << failed.failure();
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/extracts/trial-1/files/persons.csv.gz.age"));
}

TEST_F(ExtractOfficeTest, TellsNothingOfAnothersExtract) {
  Built(Approved("2024-12-31").id());
  v1::ProposeExtractRequest request;
  std::string text = Request("2024-12-31");
  request.set_request(text.replace(text.find("'trial'"), 7, "'tria'"));
  for (const char* other : {"trial-1", "trial-9", "../trial-1"}) {
    request.set_delta_to(other);
    const Status refused = office_->Propose(request, "per").status();
    EXPECT_EQ(refused.code(), Code::kNotFound) << refused.message();
    EXPECT_EQ(refused.message(), std::string("delta_to: project 'tria' has no extract '") + other + "'");
  }
}

TEST_F(ExtractOfficeTest, ATornFileIsNotGiven) {
  const v1::Extract extract = Built(Approved("2024-12-31").id());
  std::filesystem::resize_file(folder_.path() + "/extracts/trial-1/files/persons.csv.gz.age", 0);
  EXPECT_EQ(Fetch(extract).code(), Code::kDataLoss);
}

}  // namespace
}  // namespace kpr::extract
