// What a replica shows is one of the states the log gives, whole, whoever published it and however it came:
// two workers, of which any may be behind, replaced or interrupted, publish over a changelog that fails and
// is compacted; replicas stop, continue and rebuild.
#include "tests/support/replica_fixture.h"

namespace kpr {
namespace {

TEST_F(ReplicaTest, ShowsWholeStatesOnly) {
  size_t shown = 0;
  int conflicts = 0;
  for (uint64_t seed = seed_; seed < seed_ + 10; ++seed) {
    SCOPED_TRACE("KPR_SEED=" + std::to_string(seed));
    Begin(seed);
    const Truth truth(&random_, 120);
    changelog_->failures_per_cent = 5;
    TakeOver(&workers_[0]);
    OpenReplica(1 + Draw(4000));
    for (int step = 0; step < 1500; ++step) {
      Worker& worker = workers_[Draw(4) == 0 ? 1 : 0];
      switch (const uint64_t what = Draw(100); what) {
        case 0:
          TakeOver(&worker);
          break;
        case 1:
          replica_.reset();
          if (Draw(3) == 0) fs::remove_all(folder_ / "replica");
          OpenReplica(1 + Draw(4000));
          break;
        case 2:
          clock_.Advance(static_cast<int64_t>(Draw(3)) * 20 * kMinute);
          break;
        case 3:  // the replica is away for long; every node of a cluster may be
          clock_.Advance(static_cast<int64_t>(Draw(30)) * kHour);
          changelog_->Compact(kHour, 24 * kHour);
          if (Draw(2) == 0) break;  // it runs on, cut off
          replica_.reset();
          OpenReplica(1 + Draw(4000));
          break;
        case 4:
          changelog_->Compact(kHour, 24 * kHour);
          break;
        default:
          if (what < 30)
            Apply(&worker, truth);
          else if (what < 60 && worker.publisher)
            (void)Drain(&worker).ok();
          else
            (void)replica_->TailCells().ok();
      }
      Check(truth, &shown);
      if (HasFatalFailure()) return;
    }
    // At last all that there is.
    changelog_->failures_per_cent = 0;
    while (workers_[0].store->next_offset() < truth.end()) Apply(&workers_[0], truth);
    TakeOver(&workers_[0]);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(Drain(&workers_[0]).ok());
    replica_.reset();
    OpenReplica(1 + Draw(4000));
    for (int i = 0; i < 5000 && (!replica_->Ready().ok() || replica_->store()->next_offset() < truth.end());
         ++i)
      (void)replica_->TailCells().ok();
    ASSERT_TRUE(replica_->Ready().ok());
    ASSERT_EQ(replica_->store()->next_offset(), truth.end());
    Check(truth, &shown);
    if (HasFatalFailure()) return;
    conflicts += changelog_->conflicts();
  }
  EXPECT_GT(shown, 3'000u);
  EXPECT_GT(conflicts, 5);
}

TEST_F(ReplicaTest, ALateWriterIsRefusedAndComesBackAsItIs) {
  Begin(seed_);
  const Truth truth(&random_, 20);
  for (int i = 0; i < 10; ++i) Apply(&workers_[0], truth);
  for (int i = 0; i < 5; ++i) Apply(&workers_[1], truth);
  TakeOver(&workers_[0]);
  ASSERT_TRUE(Drain(&workers_[0]).ok());
  const size_t before = changelog_->size();
  TakeOver(&workers_[1]);
  ASSERT_TRUE(Drain(&workers_[1]).ok());
  EXPECT_EQ(changelog_->size(), before) << "a worker that is behind published";
  EXPECT_EQ(Drain(&workers_[0]).code(), Code::kFailedPrecondition);
  // Once it is as far, what it says is the same.
  for (int i = 0; i < 5; ++i) Apply(&workers_[1], truth);
  ASSERT_TRUE(Drain(&workers_[1]).ok());
  OpenReplica(1 + Draw(4000));
  size_t shown = 0;
  Follow();
  Check(truth, &shown);
  EXPECT_EQ(shown, 1u);
}

TEST_F(ReplicaTest, WhatStandsAsItShouldIsNotWrittenAgain) {
  Begin(seed_);
  const Truth truth(&random_, 50);
  TakeOver(&workers_[0]);
  WriteBatch(truth, 50);
  const size_t before = changelog_->size();
  for (int i = 0; i < 50; ++i) Apply(&workers_[1], truth);
  TakeOver(&workers_[1]);
  ASSERT_TRUE(Drain(&workers_[1]).ok());
  EXPECT_EQ(changelog_->size(), before + 1) << "more than the marker";
}

TEST_F(ReplicaTest, ANewNodeDoesNotShowWhatCompactionTookApart) {
  for (uint64_t seed = seed_; seed < seed_ + 5; ++seed) {
    Begin(seed);
    const Truth truth(&random_, 60);
    TakeOver(&workers_[0]);
    WriteBatch(truth, 30);
    // The worker ends amid its next publication, and none takes over while the old values are cleaned away.
    for (int i = 0; i < 30; ++i) Apply(&workers_[0], truth);
    changelog_->writes_left = 2;
    TakeOver(&workers_[0]);
    ASSERT_FALSE(Drain(&workers_[0]).ok());
    clock_.Advance(2 * kHour);
    for (int i = 0; i < 20; ++i) changelog_->Compact(kHour, 24 * kHour);
    OpenReplica(1 + Draw(4000));
    Follow();
    EXPECT_FALSE(replica_->Ready().ok());
    changelog_->writes_left = INT32_MAX;
    ASSERT_TRUE(Drain(&workers_[0]).ok());
    Follow();
    size_t shown = 0;
    Check(truth, &shown);
    EXPECT_EQ(shown, 1u);
  }
}

// Keys and slots mean something else there: nothing of it may be read as figures.
TEST_F(ReplicaTest, WhatAWorkerOfAnotherFormatPublishedIsNotComplete) {
  Begin(seed_);
  const Truth truth(&random_, 60);
  TakeOver(&workers_[0]);
  WriteBatch(truth, 30);
  OpenReplica(1 << 20);
  const auto publish = [&](const std::string& catalogue) {
    StoreWrite write;
    write.catalogue = catalogue;
    write.next_offset = workers_[0].store->next_offset();
    write.horizon_days = workers_[0].store->horizon_days();
    ASSERT_TRUE(workers_[0].store->Write(write).ok());
    clock_.Advance(kHour);
    ASSERT_TRUE(Drain(&workers_[0]).ok());
    Follow();
  };
  const std::string now = BackfillState{{{1, 1, "version"}}, {}, ""}.Encode();
  publish(now.substr(now.find('\n') + 1));
  EXPECT_FALSE(replica_->Has(1)) << "before stores had formats in it";
  std::string other = now;
  publish(other.replace(0, other.find('\n'), "format 3"));
  EXPECT_FALSE(replica_->Has(1));
  publish(now);
  EXPECT_TRUE(replica_->Has(1));
}

TEST_F(ReplicaTest, AStoreThatWasWholeIsShownAgainAfterARestart) {
  Begin(seed_);
  const Truth truth(&random_, 60);
  TakeOver(&workers_[0]);
  WriteBatch(truth, 30);
  const auto restart = [&] {
    replica_.reset();
    OpenReplica(1 << 20);
    Follow();
  };
  OpenReplica(1 << 20);
  const uint64_t made = *replica_->store()->Metadata("made");
  Follow();
  // All workers are away for longer than a store may be, and the node follows what there is.
  for (int hour = 0; hour < 30; ++hour) {
    clock_.Advance(kHour / 3);
    Follow();
  }
  clock_.Advance(6 * kHour);
  Follow();
  size_t shown = 0;
  restart();
  EXPECT_EQ(*replica_->store()->Metadata("made"), made) << "the store was rebuilt";
  Check(truth, &shown);
  // The one that came back ends amid a publication, and old values are cleaned away.
  for (int i = 0; i < 30; ++i) Apply(&workers_[0], truth);
  changelog_->writes_left = 2;
  TakeOver(&workers_[0]);
  ASSERT_FALSE(Drain(&workers_[0]).ok());
  Follow();
  clock_.Advance(2 * kHour);
  for (int i = 0; i < 20; ++i) changelog_->Compact(kHour, 24 * kHour);
  restart();
  Check(truth, &shown);
  EXPECT_EQ(shown, 2u);
}

TEST_F(ReplicaTest, ANodeThatWasCutOffWaitsUntilItIsAtTheEndAgain) {
  for (uint64_t seed = seed_; seed < seed_ + 20; ++seed) {
    Begin(seed);
    const Truth truth(&random_, 120);
    TakeOver(&workers_[0]);
    WriteBatch(truth, 30);
    OpenReplica(1 << 20);
    Follow();
    ASSERT_TRUE(replica_->Ready().ok());
    WriteBatch(truth, 30);
    WriteBatch(truth, 30);
    clock_.Advance(2 * kHour);
    WriteBatch(truth, 30);
    changelog_->Compact(kHour, 24 * kHour);
    size_t shown = 0;
    for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
      ASSERT_TRUE(replica_->TailCells().ok());
      Check(truth, &shown);
    }
    EXPECT_GT(shown, 0u);
    EXPECT_EQ(replica_->store()->next_offset(), truth.end());
  }
}

TEST_F(ReplicaTest, AnUnfinishedStartThatIsTooOldIsRebuilt) {
  for (uint64_t seed = seed_; seed < seed_ + 5; ++seed) {
    Begin(seed);
    const Truth truth(&random_, 100);
    TakeOver(&workers_[0]);
    WriteBatch(truth, 50);
    OpenReplica(1);
    ASSERT_TRUE(replica_->TailCells().ok());  // some records, not yet the marker
    replica_.reset();
    while (workers_[0].store->next_offset() < truth.end()) Apply(&workers_[0], truth);
    ASSERT_TRUE(Drain(&workers_[0]).ok());
    for (int i = 0; i < 40; ++i) {  // until the tombstones are gone
      clock_.Advance(2 * kHour);
      changelog_->Compact(kHour, 24 * kHour);
    }
    OpenReplica(1 + Draw(4000));
    Follow();
    size_t shown = 0;
    Check(truth, &shown);
    EXPECT_EQ(shown, 1u);
  }
}

TEST_F(ReplicaTest, AfterHoursAwayItSaysToStartItAgain) {
  Begin(seed_);
  const Truth truth(&random_, 20);
  TakeOver(&workers_[0]);
  WriteBatch(truth, 20);
  OpenReplica(1 + Draw(4000));
  Follow();
  ASSERT_TRUE(replica_->Ready().ok());
  clock_.Advance(13 * kHour);
  const Status status = replica_->TailCells();
  EXPECT_FALSE(replica_->Ready().ok());
  EXPECT_NE(status.message().find("restart this node"), std::string::npos) << status.message();
  replica_.reset();
  OpenReplica(1 + Draw(4000));
  Follow();
  EXPECT_TRUE(replica_->Ready().ok());
}

}  // namespace
}  // namespace kpr
