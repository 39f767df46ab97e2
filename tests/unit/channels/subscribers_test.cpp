// SPDX-License-Identifier: MIT
#include "fanfare/channels/subscribers.hpp"

#include "support/subscribers_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace fanfare::channels {
namespace {

using testing::CountingSubscriber;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::SubscribersProgram;
using ::testing::UnorderedElementsAre;

constexpr ChannelRef news{0, "news"};

struct Three {
    Subscribers subscribers;
    CountingSubscriber a{0, {1, 1}};
    CountingSubscriber b{0, {1, 2}};
    CountingSubscriber c{0, {1, 3}};
    BufferPtr message = make_buffer(EncodedFrame("x"));

    std::size_t deliver(ChannelRef channel, std::optional<protocol::SocketId> except = {}) {
        const auto received = [this] { return a.received + b.received + c.received; };
        const std::size_t before = received();
        subscribers.deliver(channel, message, except);
        return received() - before;
    }
};

TEST(Subscribers, deliver_to_everybody_in_the_channel_and_nobody_else) {
    Three three;
    three.subscribers.add(three.a, news, nullptr);
    three.subscribers.add(three.b, news, nullptr);
    three.subscribers.add(three.c, {0, "sports"}, nullptr);
    EXPECT_EQ(three.deliver(news), 2U);
    EXPECT_EQ(three.a.received, 1U);
    EXPECT_EQ(three.b.received, 1U);
    EXPECT_EQ(three.c.received, 0U);
}

TEST(Subscribers, r086_skip_the_excepted_connection) {
    Three three;
    three.subscribers.add(three.a, news, nullptr);
    three.subscribers.add(three.b, news, nullptr);
    EXPECT_EQ(three.deliver(news, three.a.socket_id()), 1U);
    EXPECT_EQ(three.a.received, 0U);
    EXPECT_EQ(three.deliver(news, protocol::SocketId{9, 9}), 2U) << "an unknown id is harmless";
}

TEST(Subscribers, r064_keep_apps_apart) {
    Three three;
    CountingSubscriber other(1, {2, 1});
    three.subscribers.add(three.a, news, nullptr);
    three.subscribers.add(other, {1, "news"}, nullptr);
    EXPECT_EQ(three.deliver(news), 1U);
    EXPECT_EQ(other.received, 0U);
}

TEST(Subscribers, forget_a_channel_with_its_last_subscriber) {
    Three three;
    three.subscribers.add(three.a, news, nullptr);
    EXPECT_NE(three.subscribers.find(news), nullptr);
    three.subscribers.remove(three.a, 0);
    EXPECT_EQ(three.subscribers.find(news), nullptr);
    EXPECT_EQ(three.deliver(news), 0U);
}

TEST(Subscribers, do_not_refer_to_the_callers_channel_name) {
    Three three;
    auto name = std::make_unique<std::string>("a-name-that-is-longer-than-any-small-string-buffer");
    three.subscribers.add(three.a, {0, *name}, nullptr);
    name.reset();
    EXPECT_NE(
        three.subscribers.find({0, "a-name-that-is-longer-than-any-small-string-buffer"}), nullptr
    );
}

TEST(Subscribers, identities_follow_their_subscription_when_another_is_removed) {
    Three three;
    for (const auto* name : {"p1", "p2", "p3"}) {
        three.subscribers.add(
            three.a, {0, name}, std::make_unique<MemberIdentity>(MemberIdentity{name, name})
        );
    }
    three.subscribers.remove(three.a, 0);
    ASSERT_EQ(three.a.subscriptions().size(), 2U);
    for (const auto& subscription : three.a.subscriptions()) {
        EXPECT_EQ(subscription.identity->user_id, subscription.channel->key.name);
    }
}

TEST(Subscribers, r073_find_a_user_by_its_identities_of_the_moment) {
    Three three;
    const auto as = [](const char* user) {
        return std::make_unique<MemberIdentity>(MemberIdentity{user, user});
    };
    three.subscribers.add(three.a, {0, "p1"}, as("1"));
    three.subscribers.add(three.a, {0, "p2"}, as("1"));
    three.subscribers.add(three.b, {0, "p1"}, as("1"));
    three.subscribers.add(three.c, {0, "p1"}, as("2"));
    EXPECT_THAT(
        three.subscribers.find_user(0, "1"), UnorderedElementsAre(&three.a, &three.a, &three.b)
    );
    EXPECT_THAT(three.subscribers.find_user(1, "1"), IsEmpty());
    three.subscribers.change_identity(three.a, 0, as("2"));
    three.subscribers.remove(three.b, 0);
    EXPECT_THAT(three.subscribers.find_user(0, "1"), ElementsAre(&three.a));
    EXPECT_THAT(three.subscribers.find_user(0, "2"), UnorderedElementsAre(&three.a, &three.c));
    EXPECT_EQ(three.a.subscriptions()[0].identity->user_id, "2");
    three.subscribers.remove(three.a, 1);
    EXPECT_THAT(three.subscribers.find_user(0, "1"), IsEmpty());
}

TEST(Subscribers, agree_with_a_naive_model_in_random_programs) {
    for (unsigned seed = 0; seed < 60; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint8_t> program(900);
        for (auto& byte : program) byte = static_cast<std::uint8_t>(random());
        SubscribersProgram world;
        ASSERT_EQ(world.run(program), "") << "seed " << seed;
    }
}

}  // namespace
}  // namespace fanfare::channels
