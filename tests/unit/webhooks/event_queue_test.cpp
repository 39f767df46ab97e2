// SPDX-License-Identifier: MIT
#include "event_queue.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace fanfare::webhooks {
namespace {

using namespace std::chrono_literals;

class EventQueueTest : public ::testing::Test {
protected:
    void push(const std::string& name, const std::string& channel) {
        queue_.push({name, channel, "{}", 0}, clock_.now());
    }

    [[nodiscard]] std::string channels() {
        std::string all;
        while (!queue_.is_empty()) all += queue_.pop().channel;
        return all;
    }

    testing::ManualClock clock_;
    EventQueue queue_;
};

TEST_F(EventQueueTest, keeps_the_order_of_arrival_over_both_kinds) {
    push("client_event", "a");
    push("channel_occupied", "b");
    push("client_event", "c");
    push("client_event", "d");
    push("channel_vacated", "e");
    EXPECT_EQ(queue_.size(), 5U);
    EXPECT_EQ(channels(), "abcde");
}

TEST_F(EventQueueTest, drops_the_oldest_client_event_first_and_then_the_oldest) {
    push("channel_occupied", "a");
    push("client_event", "b");
    push("client_event", "c");
    push("channel_vacated", "d");
    queue_.drop();
    queue_.drop();
    queue_.drop();
    EXPECT_EQ(channels(), "d");
}

TEST_F(EventQueueTest, knows_since_when_its_oldest_waits) {
    const auto start = clock_.now();
    push("channel_occupied", "a");
    clock_.advance(10ms);
    push("client_event", "b");
    EXPECT_EQ(queue_.oldest(), start);
    queue_.pop();
    EXPECT_EQ(queue_.oldest(), start + 10ms);
}

TEST_F(EventQueueTest, counts_the_bytes_it_holds) {
    EXPECT_EQ(queue_.bytes(), 0U);
    push("client_event", "a");
    const std::size_t one = queue_.bytes();
    push("channel_occupied", std::string(1'000, 'x'));
    EXPECT_EQ(queue_.bytes(), 2 * one + 999);
    queue_.pop();
    queue_.drop();
    EXPECT_EQ(queue_.bytes(), 0U);
}

}  // namespace
}  // namespace fanfare::webhooks
