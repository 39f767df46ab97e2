// SPDX-License-Identifier: MIT
#include "passed_node.hpp"

#include <gmock/gmock.h>

#include <array>

namespace fanfare::cluster {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

AppIds apps_of(std::initializer_list<std::string> ids) {
    AppIds apps;
    for (const std::string& id : ids) apps.add(static_cast<AppIndex>(apps.size()), id);
    return apps;
}

/// As another process knows it, in which the app is another number and one is gone.
PassedNode passed(const PassedNode& node) {
    return decode_node(encode(node, apps_of({"shop", "gone"})), apps_of({"other", "shop"}));
}

TEST(PassedNode, goes_on_as_the_same_node) {
    PassedNode node;
    node.lease = {{"n1", 3}, 1'700'000'000'000};
    node.servers = "run ids";
    node.doubt_left = std::chrono::milliseconds(700);
    node.last_op = 1;
    node.last_token = 2;
    node.next_seq = 3;
    node.heard = {{"n2", 77}};
    node.counts = {{"n2", {{"shop", 5}, {"gone", 6}}}};
    node.handled = {0, 1'700'000'000'000'001};
    node.strangers = {{9, "elsewhere", "room", channels::Happening::Kind::member_added, "\"ann\""}};
    node.owed_counts = {{0, "large"}, {1, "large"}};
    const PassedNode next = passed(node);
    EXPECT_EQ(next.lease.node, node.lease.node);
    EXPECT_EQ(next.lease.deadline, node.lease.deadline);
    EXPECT_EQ(next.servers, "run ids");
    EXPECT_EQ(next.doubt_left, std::chrono::milliseconds(700));
    EXPECT_THAT(
        (std::array{next.last_op, next.last_token, next.next_seq}), ElementsAre(1U, 2U, 3U)
    );
    EXPECT_THAT(next.heard, ElementsAre(Pair("n2", 77)));
    ASSERT_THAT(next.counts, SizeIs(1));
    EXPECT_EQ(next.counts[0].node, "n2");
    EXPECT_THAT(next.counts[0].connections, ElementsAre(Pair("shop", 5), Pair("gone", 6)));
    EXPECT_EQ(next.handled, node.handled);
    ASSERT_THAT(next.strangers, SizeIs(1));
    EXPECT_EQ(next.strangers[0].kind, channels::Happening::Kind::member_added);
    EXPECT_EQ(next.strangers[0].detail, "\"ann\"");
    ASSERT_THAT(next.owed_counts, SizeIs(1));
    EXPECT_EQ(next.owed_counts[0].name, "large");
}

TEST(PassedNode, knows_who_is_where) {
    const channels::Member ann{"ann", "\"ann\"", "{}", R"({"user_id":"ann"})"};
    PassedNode node;
    PassedChannel room{{0, "presence-room"}, {}, {ann}, {{"n2", 8}}, 4, 3};
    room.roster = {{{"n1", 1}, 0, ann}, {{"n2", 1}, 0, ann}};
    node.lease.node = {"n1", 1};
    node.channels = {room, {{1, "of an app that is gone"}, {}, {}, {}, 0, 0}};
    const PassedNode next = passed(node);
    ASSERT_THAT(next.channels, SizeIs(1));
    const PassedChannel& channel = next.channels[0];
    EXPECT_EQ(channel.key.app, 1U);
    EXPECT_EQ(channel.key.name, "presence-room");
    EXPECT_THAT(channel.heard, ElementsAre(Pair("n2", 8)));
    EXPECT_EQ(channel.count, 4U);
    EXPECT_EQ(channel.subscriptions, 3U);
    ASSERT_THAT(channel.roster, SizeIs(2));
    EXPECT_EQ(channel.roster[1].node.text(), "n2.1");
    EXPECT_EQ(channel.roster[1].member.channel_data_json, R"({"user_id":"ann"})");
    ASSERT_THAT(channel.users, SizeIs(1));
    EXPECT_EQ(channel.users[0].user_id, "ann");
}

TEST(PassedNode, that_is_none_is_refused) {
    EXPECT_THROW(decode_node("", {}), std::exception);
    EXPECT_THROW(decode_node("{}", {}), std::exception);
    EXPECT_THAT(
        passed({{{"n", 1}, 0}, {}, {}, 0, 0, 1, {}, {}, {}, {}, {}, {}}).channels, IsEmpty()
    );
}

}  // namespace

}  // namespace fanfare::cluster
