// SPDX-License-Identifier: MIT
#include "fanfare/base/mailbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace fanfare {
namespace {

using Log = std::vector<int>;

struct Wakes {
    int count = 0;

    std::function<void()> counter() {
        return [this] { ++count; };
    }
};

TEST(Mailbox, runs_messages_in_the_order_of_posting) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    for (int i = 0; i < 100; ++i) box.post([i](Log& log) { log.push_back(i); });
    Log log;
    box.drain(log);
    ASSERT_EQ(log.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(log[static_cast<std::size_t>(i)], i);
}

TEST(Mailbox, knows_how_many_wait) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    EXPECT_EQ(box.size(), 0U);
    box.post([](Log&) {});
    box.post([](Log&) {});
    EXPECT_EQ(box.size(), 2U);
    Log log;
    box.drain(log);
    EXPECT_EQ(box.size(), 0U);
}

TEST(Mailbox, wakes_once_per_burst) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    Log log;
    for (int i = 0; i < 5; ++i) box.post([](Log&) {});
    EXPECT_EQ(wakes.count, 1);
    box.drain(log);
    EXPECT_EQ(wakes.count, 1);
    for (int i = 0; i < 5; ++i) box.post([](Log&) {});
    EXPECT_EQ(wakes.count, 2);
}

TEST(Mailbox, runs_each_message_once) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    Log log;
    box.post([](Log& l) { l.push_back(1); });
    box.drain(log);
    box.drain(log);
    EXPECT_EQ(log, (Log{1}));
}

TEST(Mailbox, keeps_what_a_message_posts_for_the_next_drain_and_wakes_again) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    box.post([&](Log& log) {
        log.push_back(1);
        box.post([](Log& l) { l.push_back(3); });
    });
    box.post([](Log& log) { log.push_back(2); });
    Log log;
    box.drain(log);
    EXPECT_EQ(log, (Log{1, 2}));
    EXPECT_EQ(wakes.count, 2);
    box.drain(log);
    EXPECT_EQ(log, (Log{1, 2, 3}));
}

TEST(Mailbox, lets_go_of_a_message_after_running_it) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    const auto owned = std::make_shared<int>(1);
    box.post([owned](Log&) {});
    EXPECT_EQ(owned.use_count(), 2);
    Log log;
    box.drain(log);
    EXPECT_EQ(owned.use_count(), 1);
}

TEST(Mailbox, a_message_that_throws_takes_nothing_with_it) {
    Wakes wakes;
    Mailbox<Log> box(wakes.counter());
    Log log;
    box.post([](Log& l) { l.push_back(1); });
    box.post([](Log&) { throw std::runtime_error("first"); });
    box.post([](Log&) { throw std::runtime_error("second"); });
    box.post([](Log& l) { l.push_back(2); });
    try {
        box.drain(log);
        ADD_FAILURE() << "the exception is lost";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "first");
    }
    EXPECT_EQ(log, (Log{1, 2}));
    box.post([](Log& l) { l.push_back(3); });
    EXPECT_EQ(wakes.count, 2) << "or the shard is deaf from here on";
    box.drain(log);
    EXPECT_EQ(log, (Log{1, 2, 3}));
}

TEST(Mailbox, drops_what_was_never_run_when_it_ends) {
    Wakes wakes;
    const auto owned = std::make_shared<int>(1);
    {
        Mailbox<Log> box(wakes.counter());
        box.post([owned](Log&) { FAIL() << "nobody drained"; });
    }
    EXPECT_EQ(owned.use_count(), 1);
}

/// A receiver that sleeps until it is woken, like a shard.
class Sleeper {
public:
    std::function<void()> waker() {
        return [this] {
            const std::lock_guard lock(mutex_);
            is_woken_ = true;
            woken_.notify_one();
        };
    }

    void wait() {
        std::unique_lock lock(mutex_);
        woken_.wait(lock, [this] { return is_woken_; });
        is_woken_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable woken_;
    bool is_woken_ = false;
};

// The receiver sleeps for ever if one wake is lost.
TEST(Mailbox, loses_nothing_between_threads_and_keeps_each_posters_order) {
    constexpr int posters = 4;
    constexpr int messages = 5'000;

    struct Receiver {
        std::array<int, posters> next{};
        int received = 0;
        bool in_order = true;
    };

    Sleeper sleeper;
    Mailbox<Receiver> box(sleeper.waker());
    std::vector<std::thread> threads;
    for (std::size_t poster = 0; poster < posters; ++poster) {
        threads.emplace_back([&box, poster] {
            for (int i = 0; i < messages; ++i) {
                box.post([poster, i](Receiver& receiver) {
                    receiver.in_order = receiver.in_order && receiver.next[poster] == i;
                    receiver.next[poster] = i + 1;
                    ++receiver.received;
                });
            }
        });
    }
    Receiver receiver;
    while (receiver.received < posters * messages) {
        sleeper.wait();
        box.drain(receiver);
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(receiver.in_order);
}

// A posts to C and then to B; B thereupon posts to C: C sees A's message first, every time.
TEST(Mailbox, order_is_causal_across_three_threads) {
    constexpr int rounds = 3'000;

    struct C {
        int from_a = 0;
        int from_b = 0;
        bool is_causal = true;
    };

    struct B {
        int relayed = 0;
    };

    Sleeper b_sleeper;
    Sleeper c_sleeper;
    Mailbox<B> b_box(b_sleeper.waker());
    Mailbox<C> c_box(c_sleeper.waker());

    std::thread a_thread([&] {
        for (int i = 0; i < rounds; ++i) {
            c_box.post([](C& c) { ++c.from_a; });
            b_box.post([&c_box](B& b) {
                ++b.relayed;
                c_box.post([](C& c) {
                    ++c.from_b;
                    c.is_causal = c.is_causal && c.from_a >= c.from_b;
                });
            });
        }
    });
    std::thread b_thread([&] {
        B b;
        while (b.relayed < rounds) {
            b_sleeper.wait();
            b_box.drain(b);
        }
    });
    C c;
    while (c.from_b < rounds) {
        c_sleeper.wait();
        c_box.drain(c);
    }
    a_thread.join();
    b_thread.join();
    EXPECT_TRUE(c.is_causal);
    EXPECT_EQ(c.from_a, rounds);
}

}  // namespace
}  // namespace fanfare
