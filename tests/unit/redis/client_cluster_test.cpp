// SPDX-License-Identifier: MIT
#include "client_world.hpp"
#include "hash_slot.hpp"
#include "support/redis_cluster.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis::testing {
namespace {

using fanfare::testing::free_port;
using fanfare::testing::RedisCluster;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientOfCluster : public ::testing::Test {
protected:
    Options options() {
        Options options;
        options.topology = Topology::cluster;
        options.endpoints = {{"127.0.0.1", cluster_.node(0).port(), {}}};
        options.timeout = 1'000ms;
        return options;
    }

    RedisCluster cluster_;
    ClientWorld world_{options()};
};

TEST_F(ClientOfCluster, asks_the_master_of_the_key) {
    ASSERT_TRUE(world_.come_up()) << world_.log();
    EXPECT_EQ(std::ranges::count(world_.servers[0], ','), 2);
    EXPECT_EQ(world_.client.publish_command(), "SPUBLISH");
    int answers = 0;
    for (int i = 0; i < 300; ++i) {
        const std::string key = "key" + std::to_string(i);
        const std::array<std::string_view, 3> command{"SET", key, "value"};
        world_.client.command(key, command, [&](const Reply& reply) {
            if (reply.text == "OK") ++answers;
        });
    }
    ASSERT_TRUE(world_.wait_for([&] { return answers == 300 || !world_.client.is_up(); }));
    int keys = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const int size = std::stoi(cluster_.node(i).ask({"DBSIZE"}));
        EXPECT_GT(size, 50);
        keys += size;
    }
    EXPECT_EQ(keys, 300);
    EXPECT_THAT(world_.events, ElementsAre("up"));
}

TEST_F(ClientOfCluster, runs_scripts_where_their_keys_are) {
    ASSERT_TRUE(world_.come_up());
    int answers = 0;
    for (const std::string_view key : {"a", "b", "c", "d", "e", "f"}) {
        const std::array<std::string_view, 1> keys{key};
        const std::array<std::string_view, 1> arguments{"x"};
        world_.client.run(world_.scripts[0], keys, arguments, [&](const Reply& reply) {
            if (reply.elements.size() == 3) ++answers;
        });
    }
    EXPECT_TRUE(world_.wait_for([&] { return answers == 6; }));
}

TEST_F(ClientOfCluster, messages_are_sharded) {
    ASSERT_TRUE(world_.come_up());
    for (int i = 0; i < 100; ++i) world_.client.subscribe("topic" + std::to_string(i));
    ASSERT_TRUE(world_.wait_for([&] { return world_.events.size() == 101; }));
    world_.events.clear();

    for (int i = 0; i < 100; ++i) world_.client.publish("topic" + std::to_string(i), "!", nullptr);

    ASSERT_TRUE(world_.wait_for([&] { return world_.events.size() == 100; }));
    EXPECT_THAT(world_.events, Contains("topic99: !"));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NE(cluster_.node(i).ask({"PUBSUB", "SHARDCHANNELS"}), "");
    }
}

TEST_F(ClientOfCluster, follows_a_slot_that_moves_away_from_a_subscription) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("foo");  // slot 12182, of the last master
    ASSERT_TRUE(world_.wait_for_event("subscribed foo"));

    cluster_.move_slot(hash_slot("foo"), 2, 0);

    ASSERT_TRUE(world_.wait_for_event("down"));
    EXPECT_THAT(world_.down_reason, HasSubstr("the server has ended the subscription of foo"));
    ASSERT_TRUE(world_.come_up(2));
    EXPECT_EQ(world_.servers[0], world_.servers[1]);
    world_.client.subscribe("foo");
    EXPECT_TRUE(world_.wait_for_event("subscribed foo", 2));
    EXPECT_EQ(cluster_.node(0).ask({"PUBSUB", "SHARDCHANNELS"}), "foo");
}

TEST_F(ClientOfCluster, follows_a_slot_that_is_found_moved) {
    ASSERT_TRUE(world_.come_up());
    ASSERT_TRUE(world_.ask({"SET", "foo", "bar"}));
    cluster_.move_slot(hash_slot("foo"), 2, 0);
    EXPECT_FALSE(world_.ask({"GET", "foo"}));
    EXPECT_THAT(world_.down_reason, HasSubstr("MOVED 12182 127.0.0.1:"));

    // Until a seed has heard of it, further attempts may follow.
    ASSERT_TRUE(world_.wait_for([&] {
        if (!world_.client.is_up()) return false;
        const auto answer = world_.ask({"GET", "foo"});
        return answer && answer->text == "bar";
    }));
}

TEST_F(ClientOfCluster, sees_by_itself_that_a_slot_has_moved) {
    ASSERT_TRUE(world_.come_up());
    cluster_.move_slot(hash_slot("foo"), 2, 0);

    ASSERT_TRUE(world_.wait_for_event("down"));
    EXPECT_EQ(world_.down_reason, "the masters are others, or have other slots");
    EXPECT_TRUE(world_.come_up(2));
}

TEST_F(ClientOfCluster, asks_the_next_seed) {
    Options with_dead_seed = options();
    with_dead_seed.endpoints.insert(
        with_dead_seed.endpoints.begin(), Endpoint{"127.0.0.1", free_port(), {}}
    );
    ClientWorld world(with_dead_seed);
    EXPECT_TRUE(world.come_up()) << world.log();
    EXPECT_EQ(world.count_in_log("unreachable"), 0U);
}

TEST_F(ClientOfCluster, follows_a_failover) {
    const std::size_t replica = cluster_.add_replica_of(1);
    ASSERT_TRUE(world_.come_up());
    cluster_.node(1).stop();
    ASSERT_TRUE(world_.wait_for_event("down"));

    ASSERT_TRUE(world_.come_up(2)) << world_.log();
    EXPECT_NE(world_.servers[0], world_.servers[1]);
    EXPECT_THAT(cluster_.node(replica).ask({"INFO", "replication"}), HasSubstr("role:master"));
    EXPECT_TRUE(world_.ask({"SET", "bar", "value"}));  // slot 5061
}

TEST_F(ClientOfCluster, follows_a_failover_while_all_nodes_live) {
    const std::size_t replica = cluster_.add_replica_of(0);
    ASSERT_TRUE(world_.come_up());
    ASSERT_EQ(cluster_.node(replica).ask({"CLUSTER", "FAILOVER"}), "OK");

    ASSERT_TRUE(world_.wait_for([&] {
        return world_.servers.size() > 1 && world_.servers.back() != world_.servers.front();
    })) << world_.log();
}

TEST(ClientOfNoCluster, says_that_the_server_is_none) {
    const RedisServer server;
    Options options = options_for(server);
    options.topology = Topology::cluster;
    ClientWorld world(options);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("CLUSTER: ERR This instance has cluster support disabled"));
}

}  // namespace
}  // namespace fanfare::redis::testing
