// SPDX-License-Identifier: MIT
#include "fanfare/channels/channel_home.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::channels {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr ChannelRef news{0, "news"};
constexpr ChannelRef room{0, "presence-room"};

Member member(const std::string& id) {
    return {id, '"' + id + '"', "{}", R"({"user_id":")" + id + R"(","user_info":{}})"};
}

ChannelHome::JoinOutcome join_room(
    ChannelHome& home, const std::string& user, unsigned shard = 0, std::size_t max_members = 0
) {
    return home.join({ChannelKey(room), shard, member(user), max_members});
}

std::vector<unsigned> shards(const ChannelHome& home, ChannelRef channel) {
    std::vector<unsigned> result;
    home.for_each_shard(channel, [&](unsigned shard) { result.push_back(shard); });
    return result;
}

TEST(ChannelHome, a_public_join_is_confirmed_and_not_announced) {
    ChannelHome home;
    const auto outcome = home.join({ChannelKey(news), 3, std::nullopt, 0});
    EXPECT_EQ(outcome.result, JoinResult::joined);
    ASSERT_TRUE(outcome.confirmation);
    EXPECT_EQ(
        outcome.confirmation->text(),
        R"({"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"news"})"
    );
    EXPECT_FALSE(outcome.announcement);
    EXPECT_THAT(shards(home, news), ElementsAre(3U));
}

TEST(ChannelHome, counts_connections_and_remembers_their_shards) {
    ChannelHome home;
    for (const unsigned shard : {0U, 2U, 2U}) {
        (void)home.join({ChannelKey(news), shard, std::nullopt, 0});
    }
    EXPECT_EQ(home.stats(news).subscriptions, 3U);
    EXPECT_THAT(shards(home, news), UnorderedElementsAre(0U, 2U));
    (void)home.leave(news, 2, "");
    EXPECT_THAT(shards(home, news), UnorderedElementsAre(0U, 2U));
    (void)home.leave(news, 2, "");
    EXPECT_THAT(shards(home, news), ElementsAre(0U));
    EXPECT_EQ(home.stats(news).subscriptions, 1U);
}

TEST(ChannelHome, r036_a_channel_ends_with_its_last_connection) {
    ChannelHome home;
    (void)home.join({ChannelKey(news), 0, std::nullopt, 0});
    EXPECT_TRUE(home.stats(news).is_occupied());
    (void)home.leave(news, 0, "");
    EXPECT_FALSE(home.stats(news).is_occupied());
    EXPECT_THAT(home.list(0, ""), IsEmpty());
    EXPECT_THAT(shards(home, news), IsEmpty());
}

TEST(ChannelHome, leaves_of_strangers_change_nothing) {
    ChannelHome home;
    EXPECT_FALSE(home.leave(news, 0, ""));
    (void)home.join({ChannelKey(news), 0, std::nullopt, 0});
    EXPECT_FALSE(home.leave(news, 1, ""));
    EXPECT_EQ(home.stats(news).subscriptions, 1U);
}

TEST(ChannelHome, r047_a_new_member_is_announced_and_in_its_own_list) {
    ChannelHome home;
    (void)join_room(home, "1");
    const auto outcome = join_room(home, "2");
    ASSERT_TRUE(outcome.announcement);
    EXPECT_EQ(
        outcome.announcement->text(),
        R"({"event":"pusher_internal:member_added","data":"{\"user_id\":\"2\",\"user_info\":{}}","channel":"presence-room"})"
    );
    ASSERT_TRUE(outcome.confirmation);
    EXPECT_EQ(
        outcome.confirmation->text(),
        R"({"event":"pusher_internal:subscription_succeeded","data":"{\"presence\":{\"count\":2,\"ids\":[\"1\",\"2\"],\"hash\":{\"1\":{},\"2\":{}}}}","channel":"presence-room"})"
    );
}

TEST(ChannelHome, r046_a_second_connection_of_a_user_is_neither_announced_nor_missed) {
    ChannelHome home;
    EXPECT_TRUE(join_room(home, "1", 0).announcement);
    EXPECT_FALSE(join_room(home, "1", 1).announcement);
    EXPECT_EQ(home.stats(room).subscriptions, 2U);
    EXPECT_EQ(home.stats(room).users, 1U);
    EXPECT_FALSE(home.leave(room, 0, "1")->farewell);
    const auto outcome = home.leave(room, 1, "1");
    ASSERT_TRUE(outcome && outcome->farewell);
    EXPECT_TRUE(outcome->is_last);
    EXPECT_EQ(
        outcome->farewell->text(),
        R"({"event":"pusher_internal:member_removed","data":"{\"user_id\":\"1\"}","channel":"presence-room"})"
    );
}

TEST(ChannelHome, r053_a_full_channel_refuses_new_users_only) {
    ChannelHome home;
    (void)join_room(home, "1", 0, 2);
    (void)join_room(home, "2", 0, 2);
    const auto refused = join_room(home, "3", 1, 2);
    EXPECT_EQ(refused.result, JoinResult::channel_full);
    EXPECT_FALSE(refused.confirmation);
    EXPECT_FALSE(refused.announcement);
    EXPECT_EQ(join_room(home, "2", 1, 2).result, JoinResult::joined);
    EXPECT_THAT(home.user_ids(room), ElementsAre("1", "2"));
    EXPECT_EQ(home.stats(room).subscriptions, 3U) << "the refused one left no trace";
}

TEST(ChannelHome, r053_a_limit_of_one_admits_the_first_user) {
    ChannelHome home;
    EXPECT_EQ(join_room(home, "1", 0, 1).result, JoinResult::joined);
    EXPECT_EQ(join_room(home, "2", 0, 1).result, JoinResult::channel_full);
    (void)home.leave(room, 0, "1");
    EXPECT_EQ(join_room(home, "2", 0, 1).result, JoinResult::joined);
}

TEST(ChannelHome, no_limit_admits_everybody) {
    ChannelHome home;
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(join_room(home, std::to_string(i)).result, JoinResult::joined);
    }
    EXPECT_EQ(home.stats(room).users, 200U);
}

TEST(ChannelHome, r035_confirms_again_without_counting) {
    ChannelHome home;
    (void)join_room(home, "1");
    const EncodedFrame again = home.confirm(room);
    EXPECT_NE(again.text().find(R"(\"count\":1)"), std::string_view::npos);
    EXPECT_EQ(home.stats(room).subscriptions, 1U);
    (void)home.join({ChannelKey(news), 0, std::nullopt, 0});
    EXPECT_NE(home.confirm(news).text().find("subscription_succeeded"), std::string_view::npos);
    EXPECT_EQ(home.stats(news).subscriptions, 1U);
}

TEST(ChannelHome, r045_writes_the_members_down_only_when_they_change) {
    ChannelHome home;
    const auto written = [&] { return home.confirm(room).wire(); };
    (void)join_room(home, "1");
    const std::string_view first = written();
    EXPECT_EQ(written().data(), first.data()) << "the very same bytes";
    (void)join_room(home, "1", 1);
    EXPECT_EQ(written().data(), first.data()) << "a second tab";
    (void)home.leave(room, 1, "1");
    EXPECT_EQ(written().data(), first.data());

    (void)join_room(home, "2");
    EXPECT_THAT(written(), ::testing::HasSubstr(R"(\"ids\":[\"1\",\"2\"])"));
    (void)home.join({ChannelKey(room), 0, member("3"), 0, "2"});
    EXPECT_THAT(written(), ::testing::HasSubstr(R"(\"ids\":[\"1\",\"3\"])"));
    (void)home.leave(room, 0, "1");
    EXPECT_THAT(written(), ::testing::HasSubstr(R"(\"ids\":[\"3\"])"));
}

TEST(ChannelHome, r090_lists_the_channels_of_one_app_by_prefix) {
    ChannelHome home;
    (void)home.join({ChannelKey(news), 0, std::nullopt, 0});
    (void)home.join({{0, "newspaper"}, 0, std::nullopt, 0});
    (void)home.join({{1, "news"}, 0, std::nullopt, 0});
    (void)join_room(home, "1");
    const auto names = [&](AppIndex app, std::string_view prefix) {
        std::vector<std::string> result;
        for (const auto& [name, stats] : home.list(app, prefix)) result.push_back(name);
        return result;
    };
    EXPECT_THAT(names(0, ""), UnorderedElementsAre("news", "newspaper", "presence-room"));
    EXPECT_THAT(names(0, "news"), UnorderedElementsAre("news", "newspaper"));
    EXPECT_THAT(names(0, "presence-"), ElementsAre("presence-room"));
    EXPECT_THAT(names(1, ""), ElementsAre("news"));
    EXPECT_THAT(names(2, ""), IsEmpty());
}

TEST(ChannelHome, r092_names_no_users_where_there_are_none) {
    ChannelHome home;
    EXPECT_THAT(home.user_ids(room), IsEmpty());
    (void)home.join({ChannelKey(news), 0, std::nullopt, 0});
    EXPECT_THAT(home.user_ids(news), IsEmpty());
    EXPECT_EQ(home.stats(news).users, 0U);
}

}  // namespace
}  // namespace fanfare::channels
