// SPDX-License-Identifier: MIT
#include "client_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Tests that each have a server of their own are few; the others share one.
class ClientOfOneServer : public ::testing::Test {
protected:
    static void SetUpTestSuite() { server_ = std::make_unique<RedisServer>(); }

    static void TearDownTestSuite() { server_.reset(); }

    static std::unique_ptr<RedisServer> server_;
    ClientWorld world_{options_for(*server_)};
};

std::unique_ptr<RedisServer> ClientOfOneServer::server_;

TEST_F(ClientOfOneServer, comes_up_with_the_run_id) {
    ASSERT_TRUE(world_.come_up()) << world_.log();

    EXPECT_TRUE(world_.client.is_up());
    EXPECT_THAT(server_->ask({"INFO", "server"}), HasSubstr("run_id:" + world_.servers[0]));
    EXPECT_THAT(server_->ask({"CLIENT", "LIST"}), HasSubstr("name=fanfare"));
}

TEST_F(ClientOfOneServer, answers_come_in_order) {
    ASSERT_TRUE(world_.come_up());
    std::vector<std::int64_t> answers;
    constexpr std::array<std::string_view, 2> command{"INCR", "order"};
    for (int i = 0; i < 20'000; ++i) {
        world_.client.command("order", command, [&](const Reply& reply) {
            answers.push_back(reply.integer);
        });
    }
    EXPECT_GT(world_.client.backlog(), 20'000U);
    EXPECT_THAT(answers, IsEmpty());

    ASSERT_TRUE(world_.wait_for([&] { return answers.size() == 20'000; }));
    EXPECT_TRUE(std::ranges::is_sorted(answers));
    EXPECT_EQ(answers.back(), 20'000);
    EXPECT_EQ(world_.client.backlog(), 0U);
}

TEST_F(ClientOfOneServer, an_error_of_a_command_is_an_answer) {
    ASSERT_TRUE(world_.come_up());

    ASSERT_TRUE(world_.ask({"SET", "text", "x"}));
    const auto answer = world_.ask({"INCR", "text"});

    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->is_error());
    EXPECT_THAT(answer->text, HasSubstr("not an integer"));
}

TEST_F(ClientOfOneServer, runs_scripts) {
    ASSERT_TRUE(world_.come_up());
    const std::array<std::string_view, 1> keys{"script key"};
    const std::array<std::string_view, 1> arguments{std::string_view("a\0b", 3)};
    std::optional<Reply> answer;
    world_.client.run(world_.scripts[0], keys, arguments, [&](Reply reply) { answer = reply; });

    ASSERT_TRUE(world_.wait_for([&] { return answer.has_value(); }));
    ASSERT_EQ(answer->elements.size(), 3U) << answer->text;
    EXPECT_EQ(answer->elements[0].text, "script key");
    EXPECT_EQ(answer->elements[1].text, std::string_view("a\0b", 3));
    EXPECT_EQ(answer->elements[2].integer, 1);
}

TEST_F(ClientOfOneServer, messages_arrive) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("news");
    ASSERT_TRUE(world_.wait_for_event("subscribed news"));
    std::int64_t receivers = -1;
    world_.client.publish("news", "hello", [&](const Reply& reply) { receivers = reply.integer; });

    EXPECT_TRUE(world_.wait_for_event("news: hello"));
    EXPECT_TRUE(world_.wait_for([&] { return receivers == 1; }));
}

TEST_F(ClientOfOneServer, has_caught_up_when_all_that_was_published_has_arrived) {
    ASSERT_TRUE(world_.come_up());
    int caught_up = 0;
    const auto note = [&] { ++caught_up; };
    world_.client.catch_up(note);  // nothing is subscribed: the server answers in another form
    EXPECT_FALSE(world_.client.is_idle());
    ASSERT_TRUE(world_.wait_for([&] { return caught_up == 1; }));
    EXPECT_TRUE(world_.client.is_idle());
    world_.client.subscribe("news");
    ASSERT_TRUE(world_.wait_for_event("subscribed news"));
    for (int i = 0; i < 1'000; ++i) server_->ask({"PUBLISH", "news", std::to_string(i)});
    world_.client.catch_up(note);
    world_.client.catch_up(note);
    ASSERT_TRUE(world_.wait_for([&] { return caught_up == 3; }));
    EXPECT_EQ(world_.events.back(), "news: 999");
}

int calls(const RedisServer& server, const std::string& command) {
    const std::string stats = server.ask({"INFO", "commandstats"});
    const std::string field = "cmdstat_" + command + ":calls=";
    const auto at = stats.find(field);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + field.size()));
}

TEST_F(ClientOfOneServer, topics_of_one_turn_share_commands) {
    ASSERT_TRUE(world_.come_up());
    server_->ask({"CONFIG", "RESETSTAT"});
    for (int i = 0; i < 5'000; ++i) world_.client.subscribe("topic" + std::to_string(i));
    EXPECT_GT(world_.client.backlog(), 5'000U);

    ASSERT_TRUE(world_.wait_for([&] { return world_.events.size() == 5'001; }));
    EXPECT_EQ(world_.events[1], "subscribed topic0");
    EXPECT_EQ(world_.events[5'000], "subscribed topic4999");
    EXPECT_EQ(calls(*server_, "subscribe"), 5);
    EXPECT_EQ(world_.client.backlog(), 0U);

    for (int i = 0; i < 5'000; ++i) world_.client.unsubscribe("topic" + std::to_string(i));
    ASSERT_TRUE(world_.wait_for([&] { return server_->ask({"PUBSUB", "CHANNELS"}).empty(); }));
    EXPECT_EQ(calls(*server_, "unsubscribe"), 5);
    EXPECT_TRUE(world_.client.is_up());
}

TEST_F(ClientOfOneServer, the_last_word_about_a_topic_counts) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("a");
    world_.client.unsubscribe("a");
    world_.client.unsubscribe("b");
    world_.client.subscribe("b");
    world_.client.subscribe("a");
    world_.client.unsubscribe("a");
    ASSERT_TRUE(world_.wait_for_event("subscribed a", 2));

    ASSERT_TRUE(world_.wait_for([&] { return server_->ask({"PUBSUB", "CHANNELS"}) == "b"; }));
    EXPECT_TRUE(world_.client.is_up());
}

TEST_F(ClientOfOneServer, large_messages_arrive_in_order) {
    ASSERT_TRUE(world_.come_up());
    world_.client.subscribe("bulk");
    ASSERT_TRUE(world_.wait_for_event("subscribed bulk"));
    for (const char c : {'a', 'b', 'c'}) {
        world_.client.publish("bulk", std::string(3'000'000, c), nullptr);
    }
    ASSERT_TRUE(world_.wait_for([&] { return world_.events.size() == 5; }));
    EXPECT_EQ(world_.events[2], "bulk: " + std::string(3'000'000, 'a'));
    EXPECT_EQ(world_.events[4], "bulk: " + std::string(3'000'000, 'c'));
}

/// Callbacks may go on asking; each answer comes in a turn of its own.
TEST_F(ClientOfOneServer, an_answer_can_lead_to_the_next_command) {
    ASSERT_TRUE(world_.come_up());
    constexpr std::array<std::string_view, 1> ping{"PING"};
    int answers = 0;
    std::function<void(Reply)> again = [&](const Reply&) {
        if (++answers < 1'000) world_.client.command("", ping, again);
    };
    world_.client.command("", ping, again);
    EXPECT_TRUE(world_.wait_for([&] { return answers == 1'000; }));
}

TEST_F(ClientOfOneServer, while_down_nothing_is_taken) {
    constexpr std::array<std::string_view, 1> ping{"PING"};
    world_.client.command("", ping, [](const Reply&) { FAIL(); });
    world_.client.subscribe("topic");
    EXPECT_EQ(world_.client.backlog(), 0U);
    ASSERT_TRUE(world_.come_up());
    EXPECT_TRUE(world_.ask({"PING"}));
    EXPECT_THAT(world_.events, ElementsAre("up"));
}

}  // namespace
}  // namespace fanfare::redis::testing
