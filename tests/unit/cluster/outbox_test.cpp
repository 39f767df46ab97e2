// SPDX-License-Identifier: MIT
#include "outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::cluster {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutboxTest : public ::testing::Test {
protected:
    std::uint64_t add(const std::string& message, bool is_here = false) {
        Outbox::Entry entry{0, channels::ChannelKey(0, "news"), message, false, is_here, {}};
        entry.on_accepted = [this, message] { accepted.push_back(message); };
        return outbox.add(std::move(entry)).seq;
    }

    std::vector<std::string> deliver_on_away() {
        std::vector<std::string> delivered;
        outbox.on_away([&](const Outbox::Entry& entry) { delivered.push_back(entry.message); });
        return delivered;
    }

    std::vector<std::string> untaken() {
        std::vector<std::string> messages;
        outbox.for_each_untaken([&](const Outbox::Entry& e) { messages.push_back(e.message); });
        return messages;
    }

    Outbox outbox{10};
    std::vector<std::string> accepted;
};

TEST_F(OutboxTest, numbers_its_messages_from_one) {
    EXPECT_EQ(outbox.next_seq(), 1U);
    EXPECT_EQ(add("a"), 1U);
    EXPECT_EQ(add("b"), 2U);
    EXPECT_EQ(outbox.next_seq(), 3U);
}

TEST_F(OutboxTest, keeps_a_message_until_it_is_taken_and_has_come_back) {
    const auto seq = add("a");
    outbox.on_taken(seq);
    EXPECT_EQ(outbox.bytes(), 1U);
    EXPECT_TRUE(outbox.on_return(seq));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, may_see_a_message_come_back_before_it_hears_that_it_was_taken) {
    const auto seq = add("a");
    EXPECT_TRUE(outbox.on_return(seq));
    EXPECT_THAT(accepted, IsEmpty());
    EXPECT_THAT(untaken(), ElementsAre("a"));
    outbox.on_taken(seq);
    EXPECT_THAT(accepted, ElementsAre("a"));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, does_not_wait_for_the_return_of_what_is_not_wanted_here) {
    outbox.on_taken(add("a", true));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, says_once_that_a_message_is_accepted) {
    const auto seq = add("a");
    outbox.on_taken(seq);
    outbox.on_taken(seq);
    EXPECT_THAT(deliver_on_away(), ElementsAre("a"));
    EXPECT_THAT(accepted, ElementsAre("a"));
}

TEST_F(OutboxTest, is_bounded_but_takes_one_message_of_any_size) {
    EXPECT_TRUE(outbox.has_room(1'000));
    add("1234567");
    EXPECT_TRUE(outbox.has_room(3));
    EXPECT_FALSE(outbox.has_room(4));
}

TEST_F(OutboxTest, makes_room_in_the_order_of_its_messages) {
    const auto first = add("1234");
    const auto second = add("5678");
    outbox.on_taken(second);
    EXPECT_TRUE(outbox.on_return(second));
    EXPECT_EQ(outbox.bytes(), 8U);  // behind the first
    outbox.on_taken(first);
    EXPECT_TRUE(outbox.on_return(first));
    EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, delivers_what_has_not_come_back_when_redis_goes_away) {
    const auto first = add("a");
    const auto second = add("b");
    add("c");
    outbox.on_taken(first);
    EXPECT_TRUE(outbox.on_return(first));
    outbox.on_taken(second);
    EXPECT_THAT(deliver_on_away(), ElementsAre("b", "c"));
    EXPECT_THAT(accepted, ElementsAre("a", "b", "c"));
    EXPECT_THAT(deliver_on_away(), IsEmpty());
}

TEST_F(OutboxTest, sends_again_what_was_not_taken_and_does_not_deliver_it_again) {
    const auto first = add("a");
    const auto second = add("b");
    outbox.on_taken(first);
    deliver_on_away();
    EXPECT_THAT(untaken(), ElementsAre("b"));
    EXPECT_FALSE(outbox.on_return(first));
    EXPECT_FALSE(outbox.on_return(second));
    outbox.on_taken(second);
    EXPECT_EQ(outbox.bytes(), 0U);
    EXPECT_THAT(accepted, ElementsAre("a", "b"));

    const auto third = add("c");
    EXPECT_TRUE(outbox.on_return(third));
}

TEST_F(OutboxTest, does_not_deliver_a_channel_that_nobody_follows) {
    add("a");
    outbox.add({0, channels::ChannelKey(1, "news"), "b", false, false, {}});
    outbox.add({0, std::nullopt, "c", false, true, {}});
    outbox.forget({0, "news"});
    EXPECT_THAT(deliver_on_away(), ElementsAre("b"));
    EXPECT_THAT(untaken(), ElementsAre("a", "b", "c"));
}

TEST_F(OutboxTest, knows_nothing_of_foreign_numbers) {
    outbox.on_taken(0);
    outbox.on_taken(9);
    add("a");
    outbox.on_taken(0);
    outbox.on_taken(2);
    EXPECT_THAT(untaken(), ElementsAre("a"));
}

// Whoever is told may say the next thing at once.
TEST_F(OutboxTest, may_be_filled_while_it_tells_of_acceptance) {
    Outbox::Entry entry{0, std::nullopt, "a", false, true, {}};
    entry.on_accepted = [this] { add("b"); };
    outbox.on_taken(outbox.add(std::move(entry)).seq);
    EXPECT_THAT(untaken(), ElementsAre("b"));
}

}  // namespace

}  // namespace fanfare::cluster
