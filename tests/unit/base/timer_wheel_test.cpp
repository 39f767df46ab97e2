// SPDX-License-Identifier: MIT
#include "fanfare/base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <vector>

namespace fanfare {
namespace {

using namespace std::chrono_literals;
using TimePoint = TimerWheel::TimePoint;

constexpr TimePoint start = TimePoint{} + 12'345'678ms;

/// Says when it fired, or does what it is told.
class TestTimer final : public Timer {
public:
    std::function<void()> action;
    int fired = 0;

private:
    void on_timer() override {
        ++fired;
        if (action) action();
    }
};

/// A wheel that is turned in steps, as a shard's loop does.
struct TurnedWheel {
    TimePoint now = start;
    TimerWheel wheel{start};

    void arm(Timer& timer, std::chrono::milliseconds delay) { wheel.arm(timer, now, delay); }

    void turn(std::chrono::milliseconds by) {
        now += by;
        wheel.advance(now);
    }
};

/// How long after arming a timer fires, on a loop that turns every millisecond.
std::chrono::milliseconds delay_of(
    std::chrono::milliseconds phase, std::chrono::milliseconds delay
) {
    TurnedWheel loop;
    loop.turn(phase);
    TestTimer timer;
    loop.arm(timer, delay);
    const TimePoint armed = loop.now;
    while (timer.fired == 0) loop.turn(1ms);
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop.now - armed);
}

TEST(TimerWheel, never_fires_early_whatever_the_phase) {
    for (const auto phase : {0ms, 1ms, 50ms, 99ms}) {
        for (const auto delay : {0ms, 1ms, 50ms, 99ms, 100ms, 101ms, 250ms, 1'000ms}) {
            EXPECT_GE(delay_of(phase, delay), delay) << phase.count() << ' ' << delay.count();
        }
    }
}

TEST(TimerWheel, fires_within_one_tick_after_a_delay_of_whole_ticks) {
    for (const auto phase : {0ms, 1ms, 50ms, 99ms}) {
        for (const auto delay : {100ms, 200ms, 1'000ms, 30'000ms}) {
            EXPECT_LE(delay_of(phase, delay), delay + TimerWheel::tick)
                << phase.count() << ' ' << delay.count();
        }
    }
}

TEST(TimerWheel, fires_within_one_tick_after_any_delay) {
    for (const auto phase : {0ms, 1ms, 50ms, 99ms}) {
        for (const auto delay : {1ms, 50ms, 99ms, 101ms, 250ms}) {
            EXPECT_LE(delay_of(phase, delay), delay + TimerWheel::tick)
                << phase.count() << ' ' << delay.count();
        }
    }
}

TEST(TimerWheel, fires_once) {
    TurnedWheel loop;
    TestTimer timer;
    loop.arm(timer, 1s);
    for (int i = 0; i < 3'000; ++i) loop.turn(100ms);  // almost three turns
    EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, waits_longer_than_one_turn_of_the_wheel) {
    for (const auto delay : {102'300ms, 102'400ms, 102'500ms, 1'000'000ms}) {
        TurnedWheel loop;
        TestTimer timer;
        loop.arm(timer, delay);
        while (loop.now + 100ms < start + delay) {
            loop.turn(100ms);
            ASSERT_EQ(timer.fired, 0) << delay.count();
        }
        loop.turn(300ms);
        EXPECT_EQ(timer.fired, 1) << delay.count();
    }
}

TEST(TimerWheel, catches_up_after_a_long_pause) {
    TurnedWheel loop;
    TestTimer soon;
    TestTimer later;
    TestTimer much_later;
    loop.arm(soon, 1s);
    loop.arm(later, 150s);
    loop.arm(much_later, 2h);
    loop.turn(1h);
    EXPECT_EQ(soon.fired, 1);
    EXPECT_EQ(later.fired, 1);
    EXPECT_EQ(much_later.fired, 0);
    loop.turn(1h + 1s);
    EXPECT_EQ(much_later.fired, 1);
}

TEST(TimerWheel, counts_a_delay_from_now_when_armed_before_the_wheel_caught_up) {
    TurnedWheel loop;
    loop.now += 10min;  // the loop slept; the wheel has not been turned yet
    TestTimer timer;
    loop.arm(timer, 1s);
    loop.turn(999ms);
    EXPECT_EQ(timer.fired, 0);
    loop.turn(101ms);
    EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, a_timer_may_arm_itself_again) {
    TurnedWheel loop;
    TestTimer timer;
    timer.action = [&] { loop.arm(timer, 1s); };
    loop.arm(timer, 1s);
    for (int i = 0; i < 1'100; ++i) loop.turn(100ms);
    EXPECT_GE(timer.fired, 99);
    EXPECT_LE(timer.fired, 110);
}

TEST(TimerWheel, a_timer_that_arms_itself_again_fires_once_in_a_long_jump) {
    TurnedWheel loop;
    TestTimer timer;
    timer.action = [&] { loop.arm(timer, 1s); };
    loop.arm(timer, 1s);
    loop.turn(1h);
    EXPECT_EQ(timer.fired, 1);
    loop.turn(1'100ms);
    EXPECT_EQ(timer.fired, 2);
}

// In its own callback a timer comes into the slot it is just being taken out of.
TEST(TimerWheel, a_timer_may_arm_itself_for_about_one_turn) {
    for (const auto delay : {102'200ms, 102'300ms, 102'400ms, 102'500ms}) {
        TurnedWheel loop;
        TestTimer timer;
        TimePoint armed;
        timer.action = [&] {
            armed = loop.now;
            loop.arm(timer, delay);
        };
        loop.arm(timer, 1s);
        while (timer.fired == 0) loop.turn(100ms);
        const TimePoint first = armed;
        while (timer.fired == 1) loop.turn(100ms);
        EXPECT_GE(loop.now - first, delay);
        EXPECT_LE(loop.now - first, delay + TimerWheel::tick);
    }
}

TEST(TimerWheel, arming_again_replaces_the_deadline) {
    TurnedWheel loop;
    TestTimer timer;
    loop.arm(timer, 1s);
    loop.turn(900ms);
    loop.arm(timer, 1s);
    loop.turn(900ms);
    EXPECT_EQ(timer.fired, 0);
    loop.turn(200ms);
    EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, a_cancelled_timer_does_not_fire) {
    TurnedWheel loop;
    TestTimer timer;
    loop.arm(timer, 1s);
    timer.cancel_timer();
    timer.cancel_timer();
    loop.turn(1h);
    EXPECT_EQ(timer.fired, 0);
    loop.arm(timer, 1s);
    loop.turn(1h);
    EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, a_timer_may_destroy_itself) {
    TurnedWheel loop;
    auto timer = std::make_unique<TestTimer>();
    timer->action = [&] { timer.reset(); };
    loop.arm(*timer, 1s);
    loop.turn(2s);
    EXPECT_EQ(timer, nullptr);
}

// Both are due in the same tick, so the second is already out of its slot when the first ends it.
TEST(TimerWheel, a_timer_may_destroy_another_that_is_due_with_it) {
    TurnedWheel loop;
    auto first = std::make_unique<TestTimer>();
    auto second = std::make_unique<TestTimer>();
    int destroyed = 0;
    first->action = [&] { second.reset(), ++destroyed; };
    second->action = [&] { first.reset(), ++destroyed; };
    loop.arm(*first, 1s);
    loop.arm(*second, 1s);
    loop.turn(2s);
    EXPECT_EQ(destroyed, 1);
    EXPECT_TRUE((first == nullptr) != (second == nullptr));
}

TEST(TimerWheel, a_timer_may_postpone_another_that_is_due_with_it) {
    TurnedWheel loop;
    TestTimer first;
    TestTimer second;
    first.action = [&] { loop.arm(second, 10s); };
    loop.arm(first, 1s);
    loop.arm(second, 1s);
    loop.turn(2s);
    EXPECT_EQ(first.fired, 1);
    EXPECT_EQ(second.fired, 0);
    loop.turn(11s);
    EXPECT_EQ(second.fired, 1);
}

TEST(TimerWheel, a_timer_that_throws_does_not_lose_those_that_are_due_with_it) {
    TurnedWheel loop;
    std::array<TestTimer, 3> timers;
    timers[1].action = [] { throw std::runtime_error("thrown by a timer"); };
    for (TestTimer& timer : timers) loop.arm(timer, 1s);
    TestTimer later;
    loop.arm(later, 1'500ms);
    EXPECT_THROW(loop.turn(2s), std::runtime_error);
    loop.turn(TimerWheel::tick);
    for (const TestTimer& timer : timers) EXPECT_EQ(timer.fired, 1);
    EXPECT_EQ(later.fired, 1);
}

TEST(TimerWheel, a_destroyed_timer_leaves_the_wheel) {
    TurnedWheel loop;
    TestTimer stays;
    {
        TestTimer goes;
        loop.arm(goes, 1s);
        loop.arm(stays, 1s);
    }
    loop.turn(2s);
    EXPECT_EQ(stays.fired, 1);
}

TEST(TimerWheel, timers_may_outlive_the_wheel) {
    TestTimer timer;
    {
        TurnedWheel loop;
        loop.arm(timer, 1s);
    }
    timer.cancel_timer();
    EXPECT_EQ(timer.fired, 0);
}

// Many timers, random delays and uneven turns: each is as punctual as the turns allow.
TEST(TimerWheel, many_random_timers_are_punctual) {
    std::mt19937 random(7);
    const auto below = [&](int limit) { return static_cast<int>(random() % unsigned(limit)); };
    TurnedWheel loop;

    struct Awaited {
        TestTimer timer;
        TimePoint deadline;
        bool is_done = false;
    };

    std::vector<std::unique_ptr<Awaited>> timers;
    TimePoint last = loop.now;
    for (int step = 0; step < 4'000; ++step) {
        if (timers.size() < 500) {
            auto& added = *timers.emplace_back(std::make_unique<Awaited>());
            const std::chrono::milliseconds delay(below(5) == 0 ? below(300'000) : below(5'000));
            loop.arm(added.timer, delay);
            added.deadline = loop.now + delay;
        }
        last = loop.now;
        loop.turn(std::chrono::milliseconds(below(100) == 0 ? below(20'000) : below(150)));
        for (auto& awaited : timers) {
            if (awaited->is_done) continue;
            if (awaited->timer.fired == 0) {
                ASSERT_LT(loop.now, awaited->deadline + 2 * TimerWheel::tick) << "late";
            } else {
                ASSERT_GE(loop.now, awaited->deadline) << "early";
                awaited->is_done = true;
            }
        }
    }
    ASSERT_EQ(timers.size(), 500U);
    loop.turn(300s);
    for (const auto& awaited : timers) EXPECT_EQ(awaited->timer.fired, 1);
}

}  // namespace
}  // namespace fanfare
