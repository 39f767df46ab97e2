// SPDX-License-Identifier: MIT
#include "followed_channel.hpp"

#include "message_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::cluster {

namespace {

using testing::member_of;

FollowedChannel presence_channel() {
    return FollowedChannel(channels::ChannelKey(0, "presence-lobby"));
}

channels::JoinRequest request_of(std::uint32_t low) {
    return {
        {channels::ChannelKey(0, "presence-lobby"), 0, std::nullopt, 0, std::nullopt},
        {0, {1, low}},
        false};
}

TEST(FollowedChannel, counts_subscriptions_by_shard) {
    FollowedChannel channel(channels::ChannelKey(0, "news"));
    EXPECT_FALSE(channel.remove_subscription(0));
    channel.add_subscription(0);
    channel.add_subscription(3);
    channel.add_subscription(3);
    EXPECT_EQ(channel.subscriptions(), 3U);
    EXPECT_FALSE(channel.remove_subscription(1));
    EXPECT_TRUE(channel.remove_subscription(3));
    EXPECT_TRUE(channel.remove_subscription(3));
    EXPECT_FALSE(channel.remove_subscription(3));
    EXPECT_EQ(channel.shards, (std::vector<std::pair<unsigned, std::uint64_t>>{{0, 1}}));
}

TEST(FollowedChannel, is_idle_when_nobody_is_in_it_or_wants_to_be) {
    FollowedChannel channel = presence_channel();
    EXPECT_TRUE(channel.is_idle());
    channel.waiting.push_back(request_of(1));
    EXPECT_FALSE(channel.is_idle());
    channel.waiting.clear();
    channel.pending.push_back({1, request_of(1), std::nullopt});
    EXPECT_FALSE(channel.is_idle());
    channel.pending.clear();
    channel.add_subscription(0);
    EXPECT_FALSE(channel.is_idle());
    channel.remove_subscription(0);
    EXPECT_TRUE(channel.is_idle());
}

TEST(FollowedChannel, takes_each_message_of_an_origin_once) {
    FollowedChannel channel = presence_channel();
    EXPECT_TRUE(channel.heard.is_news("a", 5));
    EXPECT_FALSE(channel.heard.is_news("a", 5));
    EXPECT_FALSE(channel.heard.is_news("a", 4));
    EXPECT_TRUE(channel.heard.is_news("b", 1));
    EXPECT_TRUE(channel.heard.is_news("a", 9));
    EXPECT_FALSE(channel.heard.is_news("b", 1));
}

TEST(FollowedChannel, confirms_with_the_members_of_the_moment) {
    FollowedChannel channel = presence_channel();
    const auto text = [&] { return std::string(channel.confirmation().text()); };
    const std::string empty = text();
    EXPECT_TRUE(channel.roster_join(self, member_of("u")));
    const std::string one = text();
    EXPECT_NE(one, empty);
    EXPECT_NE(one.find("u"), std::string::npos);
    EXPECT_FALSE(channel.roster_join(1, member_of("u")));
    EXPECT_EQ(channel.roster_leave(self, "u"), std::nullopt);
    EXPECT_EQ(text(), one);
    EXPECT_EQ(channel.roster_leave(1, "u"), "\"u\"");
    EXPECT_EQ(text(), empty);
}

TEST(FollowedChannel, announces_its_users_as_facts) {
    FollowedChannel channel = presence_channel();
    channel.users["u"] = {member_of("u"), 2, 7, true};
    channel.users["v"] = {member_of("v"), 1, 9, false};
    const auto announced = channel.announce_users(false);
    ASSERT_EQ(announced.size(), 2U);
    EXPECT_EQ(announced[0].op, 7U);
    EXPECT_TRUE(announced[0].is_join);
    EXPECT_EQ(announced[0].max_members, 0U);
    EXPECT_EQ(announced[1].member.user_id, "v");
    EXPECT_TRUE(channel.users["v"].is_announced);
}

TEST(FollowedChannel, knows_the_connection_that_changes_its_user) {
    FollowedChannel channel = presence_channel();
    channel.pending.push_back({1, request_of(1), std::nullopt});
    channel.pending.push_back({2, request_of(2), FollowedChannel::LocalUser{member_of("u"), 1}});
    EXPECT_EQ(channel.changer(1), std::nullopt);
    EXPECT_EQ(channel.changer(2), (protocol::SocketId{1, 2}));
    EXPECT_EQ(channel.changer(3), std::nullopt);
}

}  // namespace

}  // namespace fanfare::cluster
