// SPDX-License-Identifier: MIT
#include "fanfare/sessions/window_counter.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace fanfare::sessions {
namespace {

using fanfare::testing::ManualClock;
using namespace std::chrono_literals;

TEST(WindowCounter, allows_as_many_as_the_limit_in_a_window) {
    const ManualClock clock;
    WindowCounter counter;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(counter.take(clock.now(), 3, 10s));
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(counter.take(clock.now(), 3, 10s));
}

TEST(WindowCounter, begins_a_window_with_the_first_event_after_the_last_one_ended) {
    ManualClock clock;
    WindowCounter counter;
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    clock.advance(9s);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    EXPECT_FALSE(counter.take(clock.now(), 2, 10s));
    clock.advance(1s);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    clock.advance(9'999ms);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    EXPECT_FALSE(counter.take(clock.now(), 2, 10s));
    clock.advance(1h);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    clock.advance(9s);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
    clock.advance(1s);
    EXPECT_TRUE(counter.take(clock.now(), 2, 10s));
}

TEST(WindowCounter, allows_nothing_with_a_limit_of_zero) {
    ManualClock clock;
    WindowCounter counter;
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(counter.take(clock.now(), 0, 1s));
        clock.advance(2s);
    }
}

}  // namespace
}  // namespace fanfare::sessions
