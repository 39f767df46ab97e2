// SPDX-License-Identifier: MIT
#include "fanfare/apps/app.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fanfare::apps {
namespace {

TEST(ConnectionLease, holds_one_place_as_long_as_it_lives) {
    ConnectionCount count;
    {
        const auto lease = ConnectionLease::acquire(count, 1);
        ASSERT_TRUE(lease);
        EXPECT_EQ(count.open, 1U);
    }
    EXPECT_EQ(count.open, 0U);
}

TEST(ConnectionLease, r010_is_refused_at_the_limit_and_leaves_no_trace) {
    ConnectionCount count;
    const auto one = ConnectionLease::acquire(count, 2);
    auto two = ConnectionLease::acquire(count, 2);
    EXPECT_FALSE(ConnectionLease::acquire(count, 2));
    EXPECT_FALSE(ConnectionLease::acquire(count, 2));
    EXPECT_EQ(count.open, 2U);
    two.reset();
    EXPECT_TRUE(ConnectionLease::acquire(count, 2));
}

TEST(ConnectionLease, counts_without_a_limit_too) {
    ConnectionCount count;
    std::vector<ConnectionLease> leases;
    for (int i = 0; i < 100; ++i) leases.push_back(*ConnectionLease::acquire(count, std::nullopt));
    EXPECT_EQ(count.open, 100U);
    EXPECT_FALSE(ConnectionLease::acquire(count, 100)) << "a limit that came later";
    leases.clear();
    EXPECT_EQ(count.open, 0U);
}

TEST(ConnectionLease, a_limit_of_zero_admits_nobody) {
    ConnectionCount count;
    EXPECT_FALSE(ConnectionLease::acquire(count, 0));
    EXPECT_EQ(count.open, 0U);
}

TEST(ConnectionLease, moves_with_its_place) {
    ConnectionCount count;
    auto lease = ConnectionLease::acquire(count, std::nullopt);
    {
        const ConnectionLease moved(std::move(*lease));
        lease.reset();
        EXPECT_EQ(count.open, 1U);
    }
    EXPECT_EQ(count.open, 0U);
}

TEST(ConnectionLease, r010_a_limit_holds_between_threads) {
    constexpr std::uint32_t limit = 3;
    ConnectionCount count;
    std::atomic<std::uint32_t> held{0};
    std::atomic<bool> was_exceeded{false};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5'000; ++i) {
                const auto lease = ConnectionLease::acquire(count, limit);
                if (!lease) continue;
                if (held.fetch_add(1) >= limit) was_exceeded = true;
                held.fetch_sub(1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(was_exceeded);
    EXPECT_EQ(count.open, 0U);
}

}  // namespace
}  // namespace fanfare::apps
