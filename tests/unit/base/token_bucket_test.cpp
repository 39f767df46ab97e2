// SPDX-License-Identifier: MIT
#include "fanfare/base/token_bucket.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fanfare {
namespace {

using fanfare::testing::ManualClock;
using namespace std::chrono_literals;

/// How many pass at once.
int take_all(TokenBucket& bucket, const ManualClock& clock, std::uint32_t rate) {
    int taken = 0;
    while (taken < 1'000 && bucket.take(clock.now(), rate)) ++taken;
    return taken;
}

TEST(TokenBucket, holds_as_many_as_pass_in_a_second) {
    const ManualClock clock;
    for (const int rate : {1, 3, 7, 10, 60}) {
        TokenBucket bucket;
        EXPECT_EQ(take_all(bucket, clock, static_cast<std::uint32_t>(rate)), rate);
    }
}

TEST(TokenBucket, fills_evenly_and_never_over) {
    ManualClock clock;
    TokenBucket bucket;
    EXPECT_EQ(take_all(bucket, clock, 10), 10);
    clock.advance(99ms);
    EXPECT_EQ(take_all(bucket, clock, 10), 0);
    clock.advance(1ms);
    EXPECT_EQ(take_all(bucket, clock, 10), 1);
    clock.advance(250ms);
    EXPECT_EQ(take_all(bucket, clock, 10), 2);
    clock.advance(50ms);
    EXPECT_EQ(take_all(bucket, clock, 10), 1) << "the half of before was kept";
    clock.advance(1h);
    EXPECT_EQ(take_all(bucket, clock, 10), 10);
}

TEST(TokenBucket, refusals_cost_nothing) {
    ManualClock clock;
    TokenBucket bucket;
    EXPECT_EQ(take_all(bucket, clock, 2), 2);
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(bucket.take(clock.now(), 2));
    clock.advance(500ms);
    EXPECT_EQ(take_all(bucket, clock, 2), 1);
}

TEST(SharedTokenBucket, is_a_token_bucket) {
    ManualClock clock;
    SharedTokenBucket bucket;
    EXPECT_TRUE(bucket.take(clock.now(), 2));
    EXPECT_TRUE(bucket.take(clock.now(), 2));
    EXPECT_FALSE(bucket.take(clock.now(), 2));
    clock.advance(500ms);
    EXPECT_TRUE(bucket.take(clock.now(), 2));
    EXPECT_FALSE(bucket.take(clock.now(), 2));
}

TEST(SharedTokenBucket, gives_no_token_to_two_threads) {
    constexpr std::uint32_t rate = 10'000;
    const ManualClock clock;
    SharedTokenBucket bucket;
    std::atomic<std::uint32_t> taken{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            while (bucket.take(clock.now(), rate)) ++taken;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(taken, rate);
}

}  // namespace
}  // namespace fanfare
