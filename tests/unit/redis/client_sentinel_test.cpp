// SPDX-License-Identifier: MIT
#include "client_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis::testing {
namespace {

using fanfare::testing::free_port;
using fanfare::testing::wait_for_answer;
using ::testing::HasSubstr;

std::string local(const RedisServer& server) {
    return "127.0.0.1 " + std::to_string(server.port());
}

/// A master, its replica, and a sentinel that watches them.
class ClientOfSentinel : public ::testing::Test {
protected:
    ClientOfSentinel() {
        wait_for_answer(master_, {"INFO", "replication"}, "state=online");
        sentinel_ = std::make_unique<RedisServer>(
            std::vector<std::string>{
                "sentinel monitor main " + local(master_) + " 1",
                "sentinel down-after-milliseconds main 500",
                "sentinel failover-timeout main 1000"},
            true
        );
        wait_for_answer(
            *sentinel_, {"SENTINEL", "REPLICAS", "main"}, std::to_string(replica_.port())
        );
        options_ = options_for(*sentinel_);
        options_.topology = Topology::sentinel;
        options_.master_name = "main";
        options_.timeout = 1'000ms;
    }

    RedisServer master_{{"repl-diskless-sync-delay 0"}};
    RedisServer replica_{{"replicaof " + local(master_)}};
    std::unique_ptr<RedisServer> sentinel_;
    Options options_;
};

TEST_F(ClientOfSentinel, works_with_the_master) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();
    EXPECT_THAT(master_.ask({"INFO", "server"}), HasSubstr("run_id:" + world.servers[0]));
    EXPECT_TRUE(world.ask({"SET", "key", "value"}));
}

TEST_F(ClientOfSentinel, follows_when_the_master_dies) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();
    master_.stop();

    ASSERT_TRUE(world.come_up(2)) << world.log();
    EXPECT_THAT(replica_.ask({"INFO", "server"}), HasSubstr("run_id:" + world.servers[1]));
    EXPECT_TRUE(world.ask({"SET", "key", "value"}));
}

TEST_F(ClientOfSentinel, follows_when_the_master_freezes) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();
    master_.freeze();

    ASSERT_TRUE(world.come_up(2)) << world.log();
    EXPECT_THAT(replica_.ask({"INFO", "server"}), HasSubstr("run_id:" + world.servers[1]));
}

TEST_F(ClientOfSentinel, follows_a_failover_on_command) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();
    // Until the sentinel has heard from the replica, it finds none that is good enough.
    wait_for_answer(*sentinel_, {"SENTINEL", "FAILOVER", "main"}, "OK");

    ASSERT_TRUE(world.wait_for([&] {
        return world.servers.size() > 1 && world.servers.back() != world.servers.front();
    })) << world.log();
}

TEST_F(ClientOfSentinel, sees_by_itself_that_the_master_is_another) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up()) << world.log();
    const RedisServer other;  // the old master goes on and has not heard of it
    sentinel_->ask({"SENTINEL", "REMOVE", "main"});
    sentinel_->ask({"SENTINEL", "MONITOR", "main", "127.0.0.1", std::to_string(other.port()), "1"});

    ASSERT_TRUE(world.come_up(2)) << world.log();
    EXPECT_EQ(world.down_reason, "the masters are others, or have other slots");
    EXPECT_THAT(other.ask({"INFO", "server"}), HasSubstr("run_id:" + world.servers[1]));
}

TEST_F(ClientOfSentinel, stays_while_no_sentinel_answers) {
    ClientWorld world(options_);
    ASSERT_TRUE(world.come_up());
    sentinel_->stop();
    const auto notices = [&] { return world.count_in_log("masters not confirmed"); };
    ASSERT_TRUE(world.wait_for([&] { return notices() >= 2; }));
    EXPECT_EQ(world.events.size(), 1U);
    EXPECT_TRUE(world.ask({"PING"}));
}

TEST_F(ClientOfSentinel, asks_the_next_sentinel) {
    options_.endpoints.insert(options_.endpoints.begin(), Endpoint{"127.0.0.1", free_port(), {}});
    ClientWorld world(options_);
    EXPECT_TRUE(world.come_up()) << world.log();
}

TEST_F(ClientOfSentinel, says_what_each_sentinel_said) {
    const Endpoint dead{"127.0.0.1", free_port(), {}};
    options_.endpoints.push_back(dead);
    options_.master_name = "unknown";
    ClientWorld world(options_);
    world.client.start();

    ASSERT_TRUE(world.wait_for([&] { return world.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world.log(), HasSubstr("the sentinel knows no master \"unknown\""));
    EXPECT_THAT(
        world.log(), HasSubstr(std::to_string(dead.port) + ": cannot connect: Connection refused")
    );
}

TEST_F(ClientOfSentinel, has_a_password_of_its_own) {
    sentinel_->ask({"CONFIG", "SET", "requirepass", "sesame"});
    sentinel_->ask({"ACL", "SETUSER", "default", ">sesame"});
    sentinel_->use_password("sesame");
    master_.ask({"CONFIG", "SET", "requirepass", "secret"});
    master_.use_password("secret");
    options_.credentials.password = "secret";
    options_.sentinel_credentials.password = "sesame";
    ClientWorld world(options_);
    EXPECT_TRUE(world.come_up()) << world.log();
}

}  // namespace
}  // namespace fanfare::redis::testing
