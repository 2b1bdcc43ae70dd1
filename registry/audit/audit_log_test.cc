#include "registry/audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "base/crypto/hash.h"
#include "base/files.h"
#include "base/ids.h"
#include "registry/audit/denials.h"
#include "registry/audit/verify.h"

namespace kpr::audit {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() { fs::create_directories(dir_); }
  ~AuditLogTest() override { fs::remove_all(dir_); }
  AuditOptions Options() const {
    AuditOptions options;
    options.folder = dir_ + "/audit";
    options.origin = "kpr.example/audit";
    options.key_file = dir_ + "/key";
    options.signing_key = dir_ + "/signing-key";
    options.mark_file = dir_ + "/mark";
    options.clock = &clock_;
    return options;
  }
  std::string Public() const { return Options().folder + "/public"; }
  // Records so many, one after the other, and closes.
  void Write(int count) {
    auto log = AuditLog::Open(Options());
    ASSERT_TRUE(log.ok()) << log.status().message();
    verifier_key_ = (*log)->verifier_key();
    for (int i = 1; i <= count; ++i) {
      const v1::AuditRecord record = Of("reader", written_++);
      // Not more than may wait.
      ASSERT_TRUE((i % 5000 == 0 ? (*log)->Record(record) : (*log)->RecordLater(record)).ok());
    }
    ASSERT_TRUE((*log)->Record(Of("reader", written_++)).ok());
  }
  static v1::AuditRecord Of(const std::string& principal, int number) {
    v1::AuditRecord record;
    record.set_kind(v1::AuditRecord::KIND_PERSONS_READ);
    record.set_principal(principal);
    record.set_subject(std::to_string(number));
    return record;
  }
  // A state of the log with its mark, and back to it.
  void Keep(const std::string& name) const {
    fs::copy(Options().folder, dir_ + "/" + name, fs::copy_options::recursive);
    fs::copy_file(Options().mark_file, dir_ + "/" + name + "-mark");
  }
  void Put(const std::string& name) const {
    fs::remove_all(Options().folder);
    fs::copy(dir_ + "/" + name, Options().folder, fs::copy_options::recursive);
    fs::copy_file(dir_ + "/" + name + "-mark", Options().mark_file, fs::copy_options::overwrite_existing);
  }
  std::string SealKey() const { return *FromHex(ReadFile(Options().key_file)->substr(0, 64)); }
  Status VerifyAll() const {
    KPR_ASSIGN_OR_RETURN(const Checkpoint checkpoint, VerifyFiles(Public(), verifier_key_));
    return VerifyRecords(Options().folder, SealKey(), checkpoint);
  }
  std::vector<std::string> Files(const std::string& folder) const {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  const std::string dir_ =
      fs::temp_directory_path() / ("kpr-audit-" + std::to_string(getpid()) + "-" + std::to_string(next_++));
  static inline int next_ = 0;
  ManualClock clock_{1'700'000'000'000};
  std::string verifier_key_;
  int written_ = 0;
};

TEST_F(AuditLogTest, KeepsWhatIsRecordedOverRestarts) {
  for (const int count : {0, 255, 300, 1, 4000, 70'000}) {
    Write(count);
    EXPECT_EQ(VerifyAll().message(), "");
  }
  const auto log = AuditLog::Open(Options());
  int seen = 0;
  EXPECT_TRUE((*log)
                  ->ForEach(0,
                            [&](uint64_t index, const v1::AuditRecord& record) {
                              EXPECT_EQ(record.subject(), std::to_string(index));
                              EXPECT_EQ(record.at().seconds(), 1'700'000'000);
                              return ++seen, true;
                            })
                  .ok());
  EXPECT_EQ(seen, written_);
  for (const std::string path : {"/tile/0/000", "/tile/entries/000", "/tile/1/000"}) {
    EXPECT_TRUE(fs::exists(Public() + path)) << path;
    EXPECT_FALSE(fs::exists(Public() + path + ".p")) << path;
  }
  EXPECT_EQ((*log)->size(), static_cast<uint64_t>(written_));
}

TEST_F(AuditLogTest, ProvesEachRecord) {
  Write(700);
  const auto log = AuditLog::Open(Options());
  for (const uint64_t index : {0, 1, 255, 256, 511, 700}) {
    const auto proof = (*log)->Prove(index);
    ASSERT_TRUE(proof.ok()) << proof.status().message();
    std::istringstream lines(proof->proof());
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "c2sp.org/tlog-proof@v1");
    std::getline(lines, line);
    EXPECT_EQ(line, "index " + std::to_string(index));
    std::vector<Hash> path;
    while (std::getline(lines, line) && !line.empty()) path.push_back(*crypto::FromBase64(line));
    const std::string note = proof->proof().substr(proof->proof().find("\n\n") + 2);
    const auto checkpoint = OpenCheckpoint(note, proof->verifier_key());
    ASSERT_TRUE(checkpoint.ok());
    const Hash leaf = LeafHash(crypto::Sha256Bytes(proof->nonce() + proof->record()));
    EXPECT_TRUE(VerifyInclusion(leaf, index, checkpoint->size, path, checkpoint->root));
    v1::AuditRecord record;
    ASSERT_TRUE(record.ParseFromString(proof->record()));
    EXPECT_EQ(record.subject(), std::to_string(index));
  }
  EXPECT_EQ((*log)->Prove(701).status().code(), Code::kNotFound);
}

TEST_F(AuditLogTest, ManyAtOnceAreEachRecordedOnce) {
  auto log = AuditLog::Open(Options());
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) EXPECT_TRUE((*log)->Record(Of(std::to_string(t), i)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  log->reset();
  log = AuditLog::Open(Options());
  std::map<std::string, int> next;
  EXPECT_TRUE((*log)
                  ->ForEach(0,
                            [&](uint64_t, const v1::AuditRecord& record) {
                              EXPECT_EQ(record.subject(), std::to_string(next[record.principal()]++));
                              return true;
                            })
                  .ok());
  EXPECT_EQ(next.size(), 8u);
  for (const auto& [principal, count] : next) EXPECT_EQ(count, 200) << principal;
}

// Whatever of the log is changed, taken away or put in, the check says so.
TEST_F(AuditLogTest, NoFileIsChangedUnseen) {
  Write(600);
  std::mt19937 random(7);
  for (const std::string& path : Files(Options().folder)) {
    const std::string content = *ReadFile(path);
    const bool partial = path.find(".p/") != std::string::npos;
    const auto check = [&](const std::string& what) {
      EXPECT_FALSE(VerifyAll().ok()) << what << " " << path;
      std::ofstream(path, std::ios::binary) << content;
    };
    // Of partial tiles only those of the checkpoint count: earlier ones are let be.
    if (partial && path.find(".p/89") == std::string::npos && path.find(".p/2") == std::string::npos)
      continue;
    std::string changed = content;
    changed[random() % changed.size()] ^= static_cast<char>(1 << random() % 8);
    std::ofstream(path, std::ios::binary) << changed;
    check("a flipped bit in");
    std::ofstream(path, std::ios::binary) << content.substr(0, content.size() - 1);
    check("a byte less in");
    fs::remove(path);
    check("without");
  }
  EXPECT_TRUE(VerifyAll().ok());
}

TEST_F(AuditLogTest, ALogThatWasMadeShorterOrAnotherIsNotOpened) {
  Write(300);
  Keep("earlier");
  Write(300);
  Keep("whole");
  // An earlier state of the whole log, with all its signatures right, and what was written after going back
  // to it.
  Put("earlier");
  fs::copy_file(dir_ + "/whole-mark", Options().mark_file, fs::copy_options::overwrite_existing);
  EXPECT_THAT(AuditLog::Open(Options()).status().message(), HasSubstr("restore it from a backup"));
  Put("earlier");
  Write(900);
  fs::copy_file(dir_ + "/whole-mark", Options().mark_file, fs::copy_options::overwrite_existing);
  EXPECT_EQ(AuditLog::Open(Options()).status().code(), Code::kDataLoss);
  const auto without = [&](const std::string& path) {
    Put("whole");
    fs::remove_all(path);
    return AuditLog::Open(Options()).status();
  };
  EXPECT_THAT(without(Options().folder + "/records").message(), HasSubstr("were durable"));
  EXPECT_EQ(without(Options().mark_file).code(), Code::kDataLoss);
  EXPECT_EQ(without(Public()).code(), Code::kDataLoss);
  EXPECT_EQ(without(Options().folder).code(), Code::kDataLoss);
  Put("whole");
  fs::remove_all(Options().folder);
  fs::remove(Options().mark_file);
  EXPECT_EQ(AuditLog::Open(Options()).status().code(), Code::kDataLoss);
  Put("whole");
  EXPECT_TRUE(AuditLog::Open(Options()).ok());
  fs::remove(Options().signing_key);
  EXPECT_EQ(AuditLog::Open(Options()).status().code(), Code::kFailedPrecondition);
}

TEST_F(AuditLogTest, RecordsThatAreNotThereAreSaidToBe) {
  Write(750);
  fs::remove(Options().folder + "/records/0000000001");
  const auto log = AuditLog::Open(Options());
  ASSERT_TRUE(log.ok()) << log.status().message();
  uint64_t seen = 0;
  const Status status = (*log)->ForEach(0, [&](uint64_t, const v1::AuditRecord&) { return ++seen, true; });
  EXPECT_EQ(status.code(), Code::kDataLoss);
  EXPECT_EQ(seen, kRecordsInFile);
  EXPECT_EQ((*log)->Prove(300).status().code(), Code::kDataLoss);
  EXPECT_TRUE((*log)->Prove(600).ok());
}

TEST_F(AuditLogTest, RecordsInAnotherOrderDoNotOpen) {
  Write(4);
  const std::string path = Options().folder + "/records/0000000000", content = *ReadFile(path);
  const size_t frame = content.size() / 5;  // all are of one length
  std::ofstream(path, std::ios::binary)
      << content.substr(frame, frame) + content.substr(0, frame) + content.substr(2 * frame);
  const auto log = AuditLog::Open(Options());
  ASSERT_TRUE(log.ok()) << log.status().message();
  EXPECT_EQ((*log)->ForEach(0, [](uint64_t, const v1::AuditRecord&) { return true; }).code(),
            Code::kDataLoss);
  EXPECT_TRUE((*log)->ForEach(2, [](uint64_t, const v1::AuditRecord&) { return true; }).ok());
}

TEST_F(AuditLogTest, TwoDoNotWriteOneLog) {
  const auto first = AuditLog::Open(Options());
  EXPECT_THAT(AuditLog::Open(Options()).status().message(), HasSubstr("another server is writing"));
  EXPECT_TRUE((*first)->Record(Of("reader", 0)).ok());
}

TEST_F(AuditLogTest, WhatCouldNotBeReadIsNotRecorded) {
  {
    const auto log = AuditLog::Open(Options());
    EXPECT_EQ((*log)->Record(Of("half a letter \xc3", 0)).code(), Code::kInvalid);
    EXPECT_TRUE((*log)->Record(Of("reader", 1)).ok());
    Denials(log->get(), &clock_).Add({"urn:\xff", "kpr.v1.Ingest/SubmitEvents", "rule \xff"});
  }
  const auto log = AuditLog::Open(Options());
  std::vector<std::string> principals;
  EXPECT_TRUE((*log)
                  ->ForEach(0,
                            [&](uint64_t, const v1::AuditRecord& record) {
                              principals.push_back(record.principal());
                              return true;
                            })
                  .ok());
  EXPECT_EQ(principals, (std::vector<std::string>{"reader", "urn:?"}));
}

// A crash leaves what was written since the checkpoint, the last of it perhaps in part.
TEST_F(AuditLogTest, WhatACrashLeavesIsCarriedOn) {
  Write(300);
  const std::string folder = Options().folder, kept = dir_ + "/kept";
  fs::copy(folder, kept, fs::copy_options::recursive);
  const std::string mark = *ReadFile(Options().mark_file);
  const int before = written_;
  Write(99);
  const std::string records = *ReadFile(folder + "/records/0000000001");
  // Bytes that are cut off, or as many zeros that were allocated behind.
  for (const int cut : {0, 1, 30, 200, 5000, -4, -5000}) {
    fs::remove_all(folder + "/public");
    fs::copy(kept + "/public", folder + "/public", fs::copy_options::recursive);
    std::ofstream(Options().mark_file) << mark;
    std::ofstream(folder + "/records/0000000001", std::ios::binary)
        << (cut < 0 ? records + std::string(static_cast<size_t>(-cut), '\0')
                    : records.substr(0, records.size() - static_cast<size_t>(cut)));
    {
      const auto log = AuditLog::Open(Options());
      ASSERT_TRUE(log.ok()) << log.status().message();
      EXPECT_GT((*log)->size(), static_cast<uint64_t>(before));
      EXPECT_LE((*log)->size(), static_cast<uint64_t>(written_));
      EXPECT_EQ((*log)->size() == static_cast<uint64_t>(written_), cut <= 0);
      EXPECT_TRUE((*log)->Record(Of("after", 0)).ok());
    }
    EXPECT_EQ(VerifyAll().message(), "");
  }
}

TEST_F(AuditLogTest, ALaterLogContinuesAnEarlierOne) {
  Write(300);
  const Checkpoint earlier = *VerifyFiles(Public(), verifier_key_);
  Write(900);
  const Checkpoint later = *VerifyFiles(Public(), verifier_key_);
  EXPECT_TRUE(VerifyContinues(Public(), earlier, later).ok());
  Checkpoint fork = earlier;
  fork.root = crypto::Sha256Bytes("another history");
  EXPECT_THAT(VerifyContinues(Public(), fork, later).message(), HasSubstr("rewritten"));
  EXPECT_THAT(VerifyContinues(Public(), later, earlier).message(), HasSubstr("had 1202"));
}

TEST_F(AuditLogTest, WhatCannotBeWrittenFailsTheCallAndEveryOneAfterIt) {
  Write(500);
  // Something is where the next file of records should be.
  fs::create_directory(Options().folder + "/records/0000000002");
  auto log = AuditLog::Open(Options());
  ASSERT_TRUE(log.ok()) << log.status().message();
  Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = (*log)->Record(Of("reader", i));
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT((*log)->Record(Of("reader", 0)).message(), HasSubstr("the audit log has failed"));
  EXPECT_EQ((*log)->RecordLater(Of("reader", 0)).code(), Code::kUnavailable);
}

// A checkpoint is signed only when all that it covers is written.
TEST_F(AuditLogTest, ATileThatCannotBeWrittenIsNotSignedFor) {
  Write(250);
  const std::string before = *ReadFile(Public() + "/checkpoint");
  fs::create_directories(Public() + "/tile/0/000/in the way");
  AuditOptions options = Options();
  options.checkpoint_pause = std::chrono::milliseconds(0);
  {
    auto log = AuditLog::Open(options);
    Status status;
    for (int i = 0; i < 100 && status.ok(); ++i) {
      status = (*log)->Record(Of("reader", written_));
      if (status.ok()) ++written_;
    }
    EXPECT_EQ(status.code(), Code::kUnavailable);
    fs::remove_all(Public() + "/tile/0/000");  // too late: the log has failed
  }
  const Checkpoint signed_for = *OpenCheckpoint(*ReadFile(Public() + "/checkpoint"), verifier_key_);
  EXPECT_LT(signed_for.size, 256u);
  Write(10);
  EXPECT_EQ(VerifyAll().message(), "");
  const auto log = AuditLog::Open(Options());
  EXPECT_GE((*log)->size(), static_cast<uint64_t>(written_));
}

TEST_F(AuditLogTest, EqualRefusalsAreCounted) {
  auto log = AuditLog::Open(Options());
  {
    Denials denials(log->get(), &clock_);
    for (int i = 0; i < 1000; ++i)
      denials.Add({"urn:x", "kpr.v1.Indicators/ExplainIndicatorValue", "forbid 1"});
    for (int i = 0; i < 1000; ++i)
      denials.Add({"urn:x", "made/up" + std::to_string(i), "the method has no policy row"});
    clock_.Advance(61'000);
    denials.RecordDue();
    denials.Add({"urn:x", "kpr.v1.Indicators/ExplainIndicatorValue", "forbid 1"});
  }
  log->reset();
  log = AuditLog::Open(Options());
  std::map<std::string, std::vector<uint64_t>> times;
  EXPECT_TRUE((*log)
                  ->ForEach(0,
                            [&](uint64_t, const v1::AuditRecord& record) {
                              times[record.method()].push_back(record.times());
                              return true;
                            })
                  .ok());
  EXPECT_EQ(times["kpr.v1.Indicators/ExplainIndicatorValue"], (std::vector<uint64_t>{1, 999, 1}));
  EXPECT_EQ(times["no method"], (std::vector<uint64_t>{1, 999}));
  EXPECT_EQ(times.size(), 2u);
}

}  // namespace
}  // namespace kpr::audit
