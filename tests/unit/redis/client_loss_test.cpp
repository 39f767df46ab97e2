// SPDX-License-Identifier: MIT
#include "client_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ClientLoss : public ::testing::Test {
protected:
    RedisServer server_;
    ClientWorld world_{options_for(server_)};
};

TEST_F(ClientLoss, killed_connections_are_made_anew) {
    ASSERT_TRUE(world_.come_up());
    for (const char* type : {"normal", "pubsub"}) {
        world_.events.clear();
        world_.client.subscribe("topic");  // without, it is no pubsub client
        ASSERT_TRUE(world_.wait_for_event("subscribed topic"));

        EXPECT_NE(server_.ask({"CLIENT", "KILL", "TYPE", type}), "0");

        ASSERT_TRUE(world_.wait_for_event("up"));
        EXPECT_THAT(world_.events, ElementsAre("subscribed topic", "down", "up"));
        EXPECT_EQ(world_.down_reason, "closed by the server");
    }
    EXPECT_EQ(world_.servers[0], world_.servers[1]);
    EXPECT_EQ(server_.ask({"PUBSUB", "CHANNELS"}), "");
}

TEST_F(ClientLoss, both_connections_go_together) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("topic");
    ASSERT_TRUE(world_.wait_for_event("subscribed topic"));

    server_.ask({"CLIENT", "KILL", "TYPE", "pubsub"});

    ASSERT_TRUE(world_.come_up(2));
    const auto clients = server_.ask({"CLIENT", "LIST"});
    EXPECT_EQ(std::ranges::count(clients, '\n'), 3) << clients;  // two of ours and the asker
}

TEST_F(ClientLoss, commands_without_an_answer_are_dropped) {
    ASSERT_TRUE(world_.come_up());
    const auto token = std::make_shared<int>();
    bool is_answered = false;
    constexpr std::array<std::string_view, 3> command{"BLPOP", "nothing comes", "0"};
    world_.client.command("", command, [token, &is_answered](const Reply&) { is_answered = true; });
    std::ptrdiff_t owners_when_down = 0;
    world_.on_event = [&](std::string_view event) {
        if (event == "down") owners_when_down = token.use_count();
    };
    ASSERT_TRUE(world_.wait_for([&] { return world_.client.backlog() == 0; }));

    server_.stop();

    ASSERT_TRUE(world_.wait_for_event("down"));
    EXPECT_EQ(owners_when_down, 1);
    EXPECT_FALSE(is_answered);
    EXPECT_FALSE(world_.client.is_up());
}

TEST_F(ClientLoss, a_restarted_server_is_another_one) {
    ASSERT_TRUE(world_.come_up());
    server_.stop();
    ASSERT_TRUE(world_.wait_for_event("down"));
    ASSERT_TRUE(world_.wait_for([&] { return world_.count_in_log("unreachable") == 1; }));
    EXPECT_THAT(world_.log(), HasSubstr("cannot connect: Connection refused"));

    server_.start();

    ASSERT_TRUE(world_.come_up(2));
    EXPECT_NE(world_.servers[0], world_.servers[1]);
    EXPECT_TRUE(world_.ask({"PING"}));
    EXPECT_THAT(world_.events, ElementsAre("up", "down", "up"));
}

TEST_F(ClientLoss, a_flushed_script_is_loaded_anew) {
    ASSERT_TRUE(world_.come_up());
    server_.ask({"SCRIPT", "FLUSH"});
    const std::array<std::string_view, 1> keys{"key"};
    world_.client.run(world_.scripts[0], keys, {}, nullptr);

    ASSERT_TRUE(world_.come_up(2));
    EXPECT_THAT(world_.down_reason, HasSubstr("NOSCRIPT"));
    EXPECT_EQ(server_.ask({"SCRIPT", "EXISTS", world_.scripts[0].sha1}), "1");
}

TEST_F(ClientLoss, a_master_that_becomes_a_replica_is_left) {
    ASSERT_TRUE(world_.come_up());
    server_.ask({"REPLICAOF", "127.0.0.1", std::to_string(fanfare::testing::free_port())});
    world_.ask({"SET", "key", "value"});

    ASSERT_TRUE(world_.wait_for_event("down"));
    EXPECT_THAT(world_.down_reason, HasSubstr("READONLY"));
    ASSERT_TRUE(world_.wait_for([&] { return world_.count_in_log("not a master but a slave"); }));

    server_.ask({"REPLICAOF", "NO", "ONE"});
    EXPECT_TRUE(world_.come_up(2));
}

TEST_F(ClientLoss, a_stopped_client_says_nothing) {
    ASSERT_TRUE(world_.come_up());
    bool is_answered = false;
    constexpr std::array<std::string_view, 1> command{"PING"};
    world_.client.command("", command, [&](const Reply&) { is_answered = true; });
    world_.client.stop();
    EXPECT_FALSE(world_.client.is_up());
    server_.stop();

    world_.wait_for([] { return false; }, 50ms);
    EXPECT_THAT(world_.events, ElementsAre("up"));
    EXPECT_FALSE(is_answered);
}

/// Whatever the Client tells, it may be stopped there.
TEST_F(ClientLoss, stops_inside_of_any_event) {
    for (const std::string last : {"up", "subscribed topic", "topic: text", "down"}) {
        ClientWorld world(options_for(server_));
        world.on_event = [&](std::string_view event) {
            if (event == last) return world.client.stop();
            if (event == "up") world.client.subscribe("topic");
            if (event == "subscribed topic") {
                world.client.publish("topic", "text", nullptr);
                world.client.publish("topic", "text", nullptr);
            }
            if (event == "topic: text") server_.ask({"CLIENT", "KILL", "TYPE", "pubsub"});
        };
        world.client.start();
        ASSERT_TRUE(world.wait_for_event(last)) << last;
        world.wait_for([] { return false; }, 20ms);
        EXPECT_EQ(world.events.back(), last);
    }
}

TEST_F(ClientLoss, a_stopped_client_starts_again) {
    ASSERT_TRUE(world_.come_up());
    world_.client.stop();
    world_.client.start();
    EXPECT_TRUE(world_.wait_for_event("up", 2));
    EXPECT_TRUE(world_.ask({"PING"}));
}

/// Without another turn for the Client to clean up in.
TEST_F(ClientLoss, ends_before_its_loop_in_whatever_state) {
    for (std::size_t turns = 0; turns < 20; ++turns) {
        boost::asio::io_context context{1};
        Client client(context, options_for(server_), world_.scripts, world_.logger(), world_);
        client.start();
        for (std::size_t i = 0; i < turns; ++i) context.run_one_for(20ms);
        client.subscribe("topic");
        client.publish("topic", "text", nullptr);
    }
}

class ClientSilence : public ::testing::Test {
protected:
    static constexpr auto timeout = 600ms;

    static Options options_of(const RedisServer& server) {
        Options options = options_for(server);
        options.timeout = timeout;
        return options;
    }

    /// How often the server was asked, by whomever.
    int pings() const {
        const std::string stats = server_.ask({"INFO", "commandstats"});
        constexpr std::string_view field = "cmdstat_ping:calls=";
        return std::stoi(stats.substr(stats.find(field) + field.size()));
    }

    void wait_for_pings(int count) {
        ASSERT_TRUE(world_.wait_for([&, end = pings() + count] { return pings() >= end; }));
    }

    RedisServer server_;
    ClientWorld world_{options_of(server_)};
};

TEST_F(ClientSilence, a_frozen_server_is_noticed_in_time) {
    ASSERT_TRUE(world_.come_up());
    server_.freeze();
    const auto frozen = std::chrono::steady_clock::now();

    ASSERT_TRUE(world_.wait_for_event("down"));
    EXPECT_LT(std::chrono::steady_clock::now() - frozen, timeout * 1.4);
    EXPECT_EQ(world_.down_reason, "silent for 600 ms");

    // The kernel still accepts for it.
    ASSERT_TRUE(world_.wait_for([&] { return world_.count_in_log("unreachable") > 0; }));
    EXPECT_THAT(world_.log(), HasSubstr("login unanswered for 600 ms"));
    server_.thaw();
    ASSERT_TRUE(world_.come_up(2));
    EXPECT_EQ(world_.servers[0], world_.servers[1]);
}

TEST_F(ClientSilence, an_idle_server_is_not_silent) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("topic");
    wait_for_pings(6);
    EXPECT_THAT(world_.events, ElementsAre("up", "subscribed topic"));
}

TEST_F(ClientSilence, a_loop_that_stood_still_does_not_blame_the_server) {
    ASSERT_TRUE(world_.come_up());
    const auto end = std::chrono::steady_clock::now() + timeout * 2;
    while (std::chrono::steady_clock::now() < end) {
    }
    wait_for_pings(4);
    EXPECT_THAT(world_.events, ElementsAre("up"));
}

}  // namespace
}  // namespace fanfare::redis::testing
