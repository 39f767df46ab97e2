// SPDX-License-Identifier: MIT
#include "retry_policy.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fanfare::webhooks {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// The pauses of a request that fails at once, again and again.
std::vector<milliseconds> pauses(const RandomSource& random) {
    testing::ManualClock clock;
    RetryPolicy policy(clock.now());
    std::vector<milliseconds> all;
    while (const auto next = policy.next(clock.now(), random)) {
        all.push_back(std::chrono::duration_cast<milliseconds>(*next - clock.now()));
        clock.advance(all.back());
    }
    return all;
}

TEST(RetryPolicy, r103_doubles_the_pause_up_to_a_minute_for_five_minutes) {
    const std::vector<milliseconds> expected{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s};
    EXPECT_EQ(pauses([] { return 0; }), expected);
}

TEST(RetryPolicy, adds_up_to_a_quarter) {
    std::vector<milliseconds> all = pauses([] { return 250; });
    ASSERT_GE(all.size(), 2U);
    EXPECT_EQ(all[0], 1'250ms);
    EXPECT_EQ(all[1], 2'250ms);
    EXPECT_EQ(pauses([] { return 251; })[0], 1'000ms);
}

TEST(RetryPolicy, counts_the_time_that_attempts_take) {
    testing::ManualClock clock;
    RetryPolicy policy(clock.now());
    clock.advance(299s);
    EXPECT_TRUE(policy.next(clock.now(), [] { return 0; }));
    clock.advance(1s);
    EXPECT_FALSE(policy.next(clock.now(), [] { return 0; }));
}

}  // namespace
}  // namespace fanfare::webhooks
