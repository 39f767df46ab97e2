// SPDX-License-Identifier: MIT
#include "fanfare/sessions/address_counts.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace fanfare::sessions {
namespace {

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

TEST(AddressCounts, let_an_address_have_so_many_and_forget_it_after_the_last) {
    AddressCounts counts;
    auto one = counts.acquire(address("192.0.2.1"), 2);
    auto two = counts.acquire(address("192.0.2.1"), 2);
    ASSERT_TRUE(one && two);
    EXPECT_FALSE(counts.acquire(address("192.0.2.1"), 2));
    EXPECT_TRUE(counts.acquire(address("192.0.2.2"), 2)) << "another one";
    one.reset();
    EXPECT_TRUE(counts.acquire(address("192.0.2.1"), 2));
    EXPECT_EQ(counts.size(), 1U);
    two.reset();
    EXPECT_EQ(counts.size(), 0U);
}

TEST(AddressCounts, count_ipv6_by_its_first_64_bits) {
    AddressCounts counts;
    const auto one = counts.acquire(address("2001:db8:0:1::1"), 1);
    EXPECT_FALSE(counts.acquire(address("2001:db8:0:1:ffff:ffff:ffff:ffff"), 1));
    EXPECT_TRUE(counts.acquire(address("2001:db8:0:2::1"), 1));
    EXPECT_TRUE(counts.acquire(address("192.0.2.1"), 1)) << "IPv4 counts in full";
}

TEST(AddressCounts, a_lease_moves_with_its_place) {
    AddressCounts counts;
    {
        auto lease = counts.acquire(address("192.0.2.1"), 1);
        const AddressLease moved(std::move(*lease));
        lease.reset();
        EXPECT_EQ(counts.size(), 1U);
        const AddressLease uncounted;
    }
    EXPECT_EQ(counts.size(), 0U);
}

TEST(AddressCounts, a_limit_holds_between_threads) {
    constexpr std::uint32_t limit = 3;
    AddressCounts counts;
    std::atomic<std::uint32_t> held{0};
    std::atomic<bool> was_exceeded{false};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 5'000; ++i) {
                // A neighbour that comes and goes, so that the map grows and shrinks.
                const auto neighbour =
                    counts.acquire(address("192.0.2." + std::to_string(thread * 50 + i % 50)), 1);
                const auto lease = counts.acquire(address("2001:db8::1"), limit);
                if (!lease) continue;
                if (held.fetch_add(1) >= limit) was_exceeded = true;
                held.fetch_sub(1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(was_exceeded);
    EXPECT_EQ(counts.size(), 0U);
}

}  // namespace
}  // namespace fanfare::sessions
