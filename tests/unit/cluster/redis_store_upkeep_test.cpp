// SPDX-License-Identifier: MIT
#include "redis_store_fixture.hpp"

#include <gmock/gmock.h>

// Burials, leases and questions, on a real Redis.
namespace fanfare::cluster::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using RedisStoreUpkeep = RedisStoreFixture;

// ---- burial

TEST_F(RedisStoreUpkeep, a_buried_node_leaves_no_trace_and_each_channel_hears_it_once) {
    driver->heartbeat(a.node, true, std::chrono::seconds(10));
    driver->update(lobby, a, 2, true, {joins("u", 1), joins("v", 2)});
    driver->update(lobby, b, 1, true, {joins("v", 1)});
    driver->update(news, a, 5, true);
    driver->heard();
    driver->bury(a.node);
    EXPECT_THAT(
        driver->heard(), UnorderedElementsAre("presence-lobby: gone a.1", "news: gone a.1")
    );
    EXPECT_EQ(users_of(lobby), "announced v(b.1)");
    EXPECT_EQ(driver->stats(news).subscriptions, 0U);
    driver->update(lobby, b, 0, false, {leaves("v", 2)});
    EXPECT_EQ(server->ask({"KEYS", "*"}), "");
}

TEST_F(RedisStoreUpkeep, burying_twice_says_nothing_more) {
    driver->update(news, a, 5, true);
    driver->bury(a.node);
    driver->heard();
    driver->bury(a.node);
    EXPECT_THAT(driver->heard(), IsEmpty());
}

TEST_F(RedisStoreUpkeep, a_node_is_buried_out_of_hundreds_of_channels) {
    std::vector<std::string> names;
    for (int i = 0; i < 4'000; ++i) names.push_back("presence-" + std::to_string(i));
    std::vector<std::string> expected;
    for (const std::string& name : names) {
        const ChannelWrite write{{"app", name}, a, 1, true, false, {}};
        driver->store().update(write, {joins("u", 1)}, [](const auto&) {});
        driver->store().subscribe({"app", name});
        expected.push_back(name + ": gone a.1");
    }
    EXPECT_EQ(driver->holdings(a.node).size(), names.size());
    driver->listen({"app", "the-last"});
    driver->heard();
    driver->bury(a.node);
    EXPECT_THAT(driver->heard(), ::testing::UnorderedElementsAreArray(expected));
    EXPECT_EQ(server->ask({"DBSIZE"}), "0");
}

TEST_F(RedisStoreUpkeep, two_may_bury_at_once) {
    for (int i = 0; i < 100; ++i) {
        driver->update({"app", "presence-" + std::to_string(i)}, a, 1, true, {joins("u", 1)});
    }
    int done = 0;
    driver->store().bury(a.node, {}, [&] { ++done; });
    driver->store().bury(a.node, {}, [&] { ++done; });
    driver->wait_for([&] { return done == 2; });
    EXPECT_EQ(server->ask({"DBSIZE"}), "0");
}

// ---- leases

TEST_F(RedisStoreUpkeep, a_heartbeat_tells_of_all_nodes) {
    NodeInfo info;
    info.is_syncing = true;
    info.channels = 3;
    info.queued_bytes = 1U << 31;
    info.lag_us = 250;
    info.version = "1.2";
    info.address = "10.0.0.1:8080";
    info.connections = {{"app", 7}, {"other \xff", 1}};
    driver->heartbeat(a.node, true, std::chrono::seconds(5), info);
    const Heartbeat heartbeat = driver->heartbeat(b.node, true, std::chrono::seconds(9));
    EXPECT_FALSE(heartbeat.is_dead);
    EXPECT_EQ(heartbeat.deadline, heartbeat.now + 9'000);
    ASSERT_EQ(heartbeat.nodes.size(), 2U);
    const NodeEntry& entry = heartbeat.nodes[0];
    EXPECT_EQ(entry.node, a.node);
    EXPECT_LE(entry.deadline, heartbeat.now + 5'000);
    EXPECT_TRUE(entry.info.is_syncing);
    EXPECT_EQ(entry.info.channels, 3U);
    EXPECT_EQ(entry.info.queued_bytes, 1U << 31);
    EXPECT_EQ(entry.info.lag_us, 250);
    EXPECT_EQ(entry.info.version, "1.2");
    EXPECT_EQ(entry.info.address, "10.0.0.1:8080");
    EXPECT_THAT(entry.info.connections, ElementsAre(Pair("app", 7U), Pair("other \uFFFD", 1U)));
    EXPECT_EQ(heartbeat.nodes[1].node, b.node);
}

TEST_F(RedisStoreUpkeep, a_lease_is_renewed_while_it_lasts) {
    const Heartbeat first = driver->heartbeat(a.node, true, std::chrono::seconds(5));
    const Heartbeat second = driver->heartbeat(a.node, false, std::chrono::seconds(60));
    EXPECT_FALSE(second.is_dead);
    EXPECT_GT(second.deadline, first.deadline);
    ASSERT_EQ(second.nodes.size(), 1U);
    EXPECT_EQ(second.nodes[0].deadline, second.deadline);
}

TEST_F(RedisStoreUpkeep, who_has_no_lease_is_dead) {
    const Heartbeat unknown = driver->heartbeat(a.node, false, std::chrono::seconds(5));
    EXPECT_TRUE(unknown.is_dead);
    EXPECT_GT(unknown.now, 0);
    EXPECT_THAT(unknown.nodes, IsEmpty());
    EXPECT_EQ(server->ask({"DBSIZE"}), "0");

    driver->heartbeat(a.node, true, std::chrono::seconds(5));
    driver->bury(a.node);
    EXPECT_TRUE(driver->heartbeat(a.node, false, std::chrono::seconds(5)).is_dead);
}

TEST_F(RedisStoreUpkeep, a_lease_that_is_over_is_not_renewed_but_still_told) {
    const Heartbeat first = driver->heartbeat(a.node, true, std::chrono::milliseconds(50));
    Heartbeat seen = first;
    while (seen.now <= first.deadline) {
        seen = driver->heartbeat(b.node, true, std::chrono::seconds(10));
    }
    EXPECT_THAT(seen.nodes, ::testing::SizeIs(2));  // until somebody buries it
    EXPECT_TRUE(driver->heartbeat(a.node, false, std::chrono::seconds(10)).is_dead);
}

// ---- questions

TEST_F(RedisStoreUpkeep, list_finds_the_occupied_channels_of_an_app) {
    for (const Lease& lease : {a, b}) driver->heartbeat(lease.node, true, std::chrono::hours(1));
    driver->update(lobby, a, 2, true, {joins("u", 1), joins("v", 2)});
    driver->update(lobby, b, 1, true, {joins("u", 1)});
    driver->update(news, b, 4, true);
    driver->update({"app", "presence-:{%}"}, b, 1, true, {joins("u", 1)});
    driver->update({"app2", "news"}, a, 9, true);
    driver->update({"app", "presence-only-user"}, b, 0, true, {joins("u", 1)});

    const auto summary = [](const channels::ChannelHome::Listing& listing) {
        std::vector<std::string> texts;
        for (const auto& [name, stats] : listing) {
            texts.push_back(
                name + ' ' + std::to_string(stats.subscriptions) + ' ' + std::to_string(stats.users)
            );
        }
        return texts;
    };
    EXPECT_THAT(
        summary(driver->list("app", "")),
        UnorderedElementsAre("presence-lobby 3 2", "news 4 0", "presence-:{%} 1 1")
    );
    EXPECT_THAT(
        summary(driver->list("app", "presence-")),
        UnorderedElementsAre("presence-lobby 3 2", "presence-:{%} 1 1")
    );
    EXPECT_THAT(driver->list("nobody", ""), IsEmpty());
}

TEST_F(RedisStoreUpkeep, without_nodes_there_are_no_channels) {
    EXPECT_THAT(driver->list("app", ""), IsEmpty());
    EXPECT_EQ(driver->stats(news).subscriptions, 0U);
    EXPECT_EQ(driver->stats(news).users, 0U);
    EXPECT_THAT(driver->user_ids(lobby), IsEmpty());
    EXPECT_THAT(driver->holdings(a.node), IsEmpty());
}

TEST_F(RedisStoreUpkeep, holdings_are_the_channels_with_anything_of_the_node) {
    driver->update(news, a, 1, true);
    driver->announce(lobby, a, 0, {joins("u", 1)}, 0);
    driver->update({"a:b%", "x:y{z}%41"}, a, 1, true);
    driver->update({"app", "others"}, b, 1, true);
    EXPECT_THAT(
        driver->holdings(a.node),
        UnorderedElementsAre(
            Pair("app", "news"), Pair("app", "presence-lobby"), Pair("a:b%", "x:y{z}%41")
        )
    );
}

TEST_F(RedisStoreUpkeep, name_spaces_share_nothing) {
    RedisDriver other(options_for(*server), "other");
    other.listen(lobby);
    driver->heartbeat(a.node, true, std::chrono::hours(1));
    driver->update(lobby, a, 1, true, {joins("u", 1)});
    EXPECT_THAT(other.heard(), IsEmpty());
    EXPECT_EQ(other.stats(lobby).subscriptions, 0U);
    EXPECT_THAT(other.holdings(a.node), IsEmpty());
    EXPECT_TRUE(other.heartbeat(a.node, false, std::chrono::hours(1)).is_dead);
}

// ---- refusals

TEST_F(RedisStoreUpkeep, a_redis_without_memory_is_given_up) {
    server->ask({"CONFIG", "SET", "maxmemory", "1"});
    bool is_answered = false;
    const ChannelWrite write{news, a, 1, true, false, {}};
    driver->store().update(write, {}, [&](const auto&) { is_answered = true; });
    EXPECT_THROW(driver->wait_for([&] { return is_answered; }), std::runtime_error);
    EXPECT_THAT(driver->down_reason, ::testing::HasSubstr("OOM"));
    server->ask({"CONFIG", "SET", "maxmemory", "0"});
}

}  // namespace

}  // namespace fanfare::cluster::testing
