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
using ::testing::HasSubstr;

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
};

// A cluster takes some seconds to come about, hence several steps to a test.

TEST_F(ClientOfCluster, works_with_the_master_of_each_slot) {
    Options with_dead_seed = options();
    with_dead_seed.endpoints.insert(
        with_dead_seed.endpoints.begin(), Endpoint{"127.0.0.1", free_port(), {}}
    );
    ClientWorld world(with_dead_seed);
    ASSERT_TRUE(world.come_up()) << world.log();
    EXPECT_EQ(std::ranges::count(world.servers[0], ','), 2);
    EXPECT_EQ(world.client.publish_command(), "SPUBLISH");

    // A script and a message for each of many slots.
    int answers = 0;
    for (int i = 0; i < 300; ++i) world.client.subscribe("topic" + std::to_string(i));
    ASSERT_TRUE(world.wait_for([&] { return world.events.size() == 301; }));
    for (int i = 0; i < 300; ++i) {
        const std::string key = "key" + std::to_string(i);
        const std::array<std::string_view, 1> keys{key};
        const std::array<std::string_view, 1> arguments{"x"};
        world.client.run(world.scripts[0], keys, arguments, [&](const Reply& reply) {
            if (reply.elements.size() == 3) ++answers;
        });
        world.client.publish("topic" + std::to_string(i), "!", nullptr);
    }
    ASSERT_TRUE(world.wait_for([&] { return answers == 300 && world.events.size() == 601; }));
    EXPECT_THAT(world.events, Contains("topic299: !"));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_GT(std::stoi(cluster_.node(i).ask({"DBSIZE"})), 50);
        EXPECT_NE(cluster_.node(i).ask({"PUBSUB", "SHARDCHANNELS"}), "");
    }
}

TEST_F(ClientOfCluster, follows_slots_that_move) {
    ClientWorld world(options());
    ASSERT_TRUE(world.come_up()) << world.log();
    const std::uint16_t slot = hash_slot("foo");  // of the last master
    const auto value_of_foo = [&] {
        const auto answer = world.ask({"GET", "foo"});
        return answer ? answer->text : "";
    };

    // From under a subscription.
    world.client.subscribe("foo");
    ASSERT_TRUE(world.wait_for_event("subscribed foo"));
    ASSERT_TRUE(world.ask({"SET", "foo", "bar"}));
    cluster_.move_slot(slot, 2, 0);
    ASSERT_TRUE(world.wait_for_event("down"));
    EXPECT_THAT(world.down_reason, HasSubstr("the server has ended the subscription of foo"));
    EXPECT_EQ(world.servers.front(), world.servers.back());
    EXPECT_TRUE(world.wait_for([&] { return world.client.is_up() && value_of_foo() == "bar"; }));

    // Found by a command. Until the others have heard of it, more than one attempt may be needed.
    cluster_.move_slot(slot, 0, 1);
    const auto downs = std::ranges::count(world.events, "down");
    EXPECT_EQ(value_of_foo(), "");
    EXPECT_GT(std::ranges::count(world.events, "down"), downs);
    EXPECT_THAT(world.down_reason, HasSubstr("MOVED 12182 127.0.0.1:"));
    EXPECT_TRUE(world.wait_for([&] { return world.client.is_up() && value_of_foo() == "bar"; }));

    // Without any command.
    cluster_.move_slot(slot, 1, 2);
    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("have other slots") > 0; }));
    EXPECT_TRUE(world.wait_for([&] { return world.client.is_up() && value_of_foo() == "bar"; }));
}

TEST_F(ClientOfCluster, follows_failovers) {
    const std::size_t replica = cluster_.add_replica_of(0);
    ClientWorld world(options());
    ASSERT_TRUE(world.come_up()) << world.log();
    const auto is_with_others = [&] { return world.servers.back() != world.servers.front(); };

    // While all nodes live.
    cluster_.fail_over_to(replica);
    ASSERT_TRUE(world.wait_for([&] { return world.client.is_up() && is_with_others(); }))
        << world.log();

    // And back, when the new master dies.
    cluster_.node(replica).stop();
    ASSERT_TRUE(world.wait_for([&] { return world.client.is_up() && !is_with_others(); }))
        << world.log();
    EXPECT_TRUE(world.ask({"SET", "bar", "value"}));  // slot 5061
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
