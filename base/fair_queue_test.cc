#include "base/fair_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace kpr {
namespace {

// Callers on threads of their own, one at a time served, each of them for the seconds it says.
class FairQueueTest : public testing::Test {
 protected:
  using Turn = FairQueue::Turn;

  Turn Take(const std::string& caller) {
    return std::move(*queue_.Enter(caller, 3, [] { return false; }));
  }

  // Waits behind the turn that is held, and notes the caller when its own comes.
  void Queue(const std::string& caller, double seconds) {
    const auto waits = std::make_shared<std::atomic<bool>>(false);
    threads_.emplace_back([this, caller, seconds, waits] {
      const auto turn = queue_.Enter(caller, 3, [&] {
        *waits = true;
        return false;
      });
      ASSERT_TRUE(turn.ok());
      served_.push_back(caller);  // one at a time
      now_ = now_ + seconds;
    });
    while (!*waits) std::this_thread::yield();
  }

  std::vector<std::string> Served() {
    for (std::thread& thread : threads_) thread.join();
    return served_;
  }

  std::atomic<double> now_ = 0;
  FairQueue queue_{{1, [this] { return now_.load(); }}};
  std::vector<std::thread> threads_;
  std::vector<std::string> served_;
};

TEST_F(FairQueueTest, OneWhoComesLaterIsServedBetweenThoseOfOneWithMuchWork) {
  {
    const Turn first = Take("much");
    now_ = 1;
    Queue("much", 1);
    Queue("much", 1);
    Queue("little", 1);
  }
  EXPECT_EQ(Served(), (std::vector<std::string>{"little", "much", "much"}));
}

TEST_F(FairQueueTest, ChargesWhatATurnTook) {
  {
    const Turn first = Take("other");
    Queue("dear", 10);
    Queue("dear", 10);
    Queue("cheap", 1);
    Queue("cheap", 1);
    Queue("cheap", 1);
  }
  EXPECT_EQ(Served(), (std::vector<std::string>{"dear", "cheap", "cheap", "cheap", "dear"}));
}

TEST_F(FairQueueTest, WhatOneUsedWhileAloneIsNotHeldAgainstIt) {
  for (int i = 0; i < 100; ++i) {
    const Turn turn = Take("early");
    now_ = now_ + 1;
  }
  {
    const Turn turn = Take("late");
    Queue("late", 1);
    Queue("late", 1);
    Queue("early", 1);
    now_ = now_ + 2;
  }
  const auto served = Served();
  EXPECT_NE(served.back(), "early");
}

TEST_F(FairQueueTest, RefusesMoreThanMayWait) {
  std::optional<Turn> held(Take("a"));
  for (int i = 0; i < 3; ++i) Queue("a", 1);
  const auto refused = queue_.Enter("a", 3, [] { return false; });
  EXPECT_EQ(refused.status().code(), Code::kResourceExhausted);
  Queue("b", 1);  // another caller has a count of its own
  held.reset();
  EXPECT_EQ(Served().size(), 4u);
}

TEST_F(FairQueueTest, ACancelledCallerLeavesNoTrace) {
  {
    const Turn held = Take("a");
    for (int i = 0; i < 10; ++i)
      EXPECT_EQ(queue_.Enter("b", 3, [] { return true; }).status().code(), Code::kUnavailable);
    Queue("b", 1);
  }
  EXPECT_EQ(Served(), std::vector<std::string>{"b"});
}

TEST_F(FairQueueTest, RunsAsManyAtOnceAsAllowed) {
  FairQueue two({2, [this] { return now_.load(); }});
  const auto first = two.Enter("a", 3, [] { return false; });
  const auto second = two.Enter("a", 3, [] { return false; });
  EXPECT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(two.Enter("b", 3, [] { return true; }).ok());
}

}  // namespace
}  // namespace kpr
