// SPDX-License-Identifier: MIT
#include "hub_shards.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace fanfare::channels::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

INSTANTIATE_TEST_SUITE_P(Shards, HubTest, ::testing::Values(1U, 3U));

TEST_P(HubTest, a_join_is_confirmed_and_delivers_from_then_on) {
    shards.publish({event(news, "early")});
    shards.join(a, news);
    shards.publish({event(news, "late")});
    EXPECT_THAT(a.got, ElementsAre(StartsWith(succeeded), "late"));
    EXPECT_THAT(a.results, ElementsAre(JoinResult::joined));
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r033_nothing_comes_after_leaving) {
    shards.join(a, news);
    shards.join(b, news);
    (void)a.take();
    shards.network.hub(0).leave(a, news);
    shards.publish({event(news, "x")});
    EXPECT_THAT(a.got, IsEmpty());
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r033_an_event_under_way_does_not_come_after_leaving) {
    shards.join(b, news);
    (void)b.take();
    shards.network.hub(0).publish({event(news, "x")}, nullptr);
    if (GetParam() == 1) (void)b.take();  // it came at once
    shards.of(b).leave(b, news);
    shards.settle();
    EXPECT_THAT(b.got, IsEmpty());
}

TEST_P(HubTest, leaving_a_channel_one_is_not_in_has_no_effect) {
    shards.join(b, news);
    shards.network.hub(0).leave(a, news);
    shards.network.hub(0).leave(a, {0, "never-heard-of"});
    shards.settle();
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
}

TEST_P(HubTest, r035_joining_again_confirms_again_and_counts_once) {
    shards.join(a, news);
    shards.join(a, news);
    EXPECT_THAT(a.take(), ElementsAre(StartsWith(succeeded), StartsWith(succeeded)));
    EXPECT_EQ(shards.stats(news).subscriptions, 1U);
    shards.publish({event(news, "x")});
    EXPECT_THAT(a.got, ElementsAre("x"));
    shards.network.hub(0).leave(a, news);
    shards.settle();
    EXPECT_FALSE(shards.stats(news).is_occupied());
}

TEST_P(HubTest, r086_the_excepted_connection_is_left_out_on_any_shard) {
    shards.join(a, news);
    shards.join(b, news);
    (void)a.take();
    (void)b.take();
    shards.publish({{ChannelKey(news), EncodedFrame("x"), b.socket_id()}});
    shards.publish({{ChannelKey(news), EncodedFrame("y"), protocol::SocketId{9, 9}}});
    EXPECT_THAT(a.got, ElementsAre("x", "y"));
    EXPECT_THAT(b.got, ElementsAre("y"));
}

TEST_P(HubTest, r064_the_same_name_in_two_apps_is_two_channels) {
    Listener other(1, {3, 3});
    shards.network.hub(0).attach(other);
    shards.join(a, news);
    shards.network.hub(0).join(other, {1, "news"}, std::nullopt, 0);
    shards.settle();
    (void)other.take();
    shards.publish({event(news, "x")});
    EXPECT_THAT(other.got, IsEmpty());
    shards.network.hub(0).detach(other);
    shards.settle();
}

TEST_P(HubTest, r084_a_list_reaches_a_subscriber_in_its_order) {
    std::vector<std::string> names;
    for (int i = 0; i < 12; ++i) names.push_back("c" + std::to_string(i));
    for (const std::string& name : names) shards.join(b, {0, name});
    for (int round = 0; round < 20; ++round) {
        std::ranges::shuffle(names, shards.random);
        std::vector<Publication> list;
        for (const std::string& name : names) list.push_back(event({0, name}, name));
        (void)b.take();
        shards.publish(std::move(list));
        ASSERT_EQ(b.got, names);
    }
}

TEST_P(HubTest, r087_stats_are_those_of_each_channel_in_the_lists_order) {
    shards.join(a, news);
    shards.join(b, news);
    shards.join(a, room, member("1"));
    std::vector<ChannelStats> stats;
    shards.network.hub(0).stats(
        {ChannelKey(room), ChannelKey(0, "empty"), ChannelKey(news)},
        [&](std::vector<ChannelStats> answer) { stats = std::move(answer); }
    );
    shards.settle();
    ASSERT_EQ(stats.size(), 3U);
    EXPECT_EQ(stats[0].users, 1U);
    EXPECT_FALSE(stats[1].is_occupied());
    EXPECT_EQ(stats[2].subscriptions, 2U);
}

TEST_P(HubTest, publishing_nothing_is_done_at_once) {
    bool is_done = false;
    shards.publish({}, [&](bool is_accepted) { is_done = is_accepted; });
    EXPECT_TRUE(is_done);
}

TEST_P(HubTest, detaching_leaves_every_channel) {
    Listener goes(0, {5, 5});
    shards.network.hub(0).attach(goes);
    for (const auto* name : {"a", "b", "c", "d"}) {
        shards.network.hub(0).join(goes, {0, name}, std::nullopt, 0);
        shards.settle();
    }
    shards.network.hub(0).join(goes, room, member("9"), 0);
    shards.settle();
    shards.join(b, room, member("1"));
    (void)b.take();
    shards.network.hub(0).detach(goes);
    shards.settle();
    EXPECT_THAT(goes.subscriptions(), IsEmpty());
    for (const auto* name : {"a", "b", "c", "d"})
        EXPECT_FALSE(shards.stats({0, name}).is_occupied());
    EXPECT_THAT(b.got, ElementsAre(StartsWith(removed)));
}

TEST_P(HubTest, asks_a_shard_and_brings_the_answer_home) {
    shards.join(b, news);
    std::size_t answer = 0;
    shards.network.hub(0).ask<std::size_t>(
        shards.last,
        [](Hub& hub) { return hub.subscribers().size(); },
        [&](std::size_t size) { answer = size; }
    );
    shards.settle();
    EXPECT_GE(answer, 1U);
}

TEST_P(HubTest, r093_asks_all_shards_and_orders_the_answers_by_shard) {
    std::vector<const Hub*> answers;
    shards.network.hub(0).ask_all<const Hub*>(
        [](Hub& hub) { return &hub; },
        [&](std::vector<const Hub*> hubs) { answers = std::move(hubs); }
    );
    shards.settle();
    ASSERT_EQ(answers.size(), GetParam());
    for (unsigned shard = 0; shard < GetParam(); ++shard) {
        EXPECT_EQ(answers[shard], &shards.network.hub(shard));
    }
}

TEST(HubOnOneShard, every_hop_is_a_plain_call) {
    CausalNetwork network(1);
    Hub& hub = network.hub(0);
    Listener listener(0, {1, 1});
    hub.attach(listener);
    hub.join(listener, news, std::nullopt, 0);
    bool is_done = false;
    hub.publish({event(news, "x")}, [&](bool is_accepted) { is_done = is_accepted; });
    EXPECT_THAT(listener.got, ElementsAre(StartsWith(succeeded), "x"));
    EXPECT_TRUE(is_done);
    hub.detach(listener);
    EXPECT_FALSE(hub.home().stats(news).is_occupied());
    Random random(1);
    EXPECT_FALSE(network.deliver_some(random)) << "nothing was posted";
}

TEST(HomeOfAChannel, is_the_same_for_every_shard_and_spread_over_all) {
    std::vector<int> hits(4);
    for (int i = 0; i < 400; ++i) {
        const std::string name = "channel-" + std::to_string(i);
        ++hits[home_of({0, name}, 4)];
        EXPECT_EQ(home_of({0, name}, 1), 0U);
    }
    for (const int count : hits) EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace fanfare::channels::testing
