// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gtest/gtest.h>

namespace fanfare::sessions::testing {
namespace {

const std::string client_event = R"({"event":"client-a","channel":"room","data":1})";

/// A client of the first app, and what is counted about it.
class SessionCounters : public ::testing::Test {
protected:
    void expect_one(Counter counter) { EXPECT_EQ(world_.counters().of(counter), 1U); }

    [[nodiscard]] std::uint64_t total() {
        std::uint64_t total = 0;
        for (const CounterName& name : counter_names()) total += world_.counters().of(name.counter);
        return total;
    }

    SessionWorld world_;
    std::unique_ptr<Client> client_ = world_.connect();
};

TEST_F(SessionCounters, nothing_is_counted_of_a_client_that_is_served) {
    client_->say(subscribe("room"));
    client_->say(subscribe("private-room", auth_of("private-room")));
    client_->say(client_event);
    client_->say(unsubscribe("room"));
    client_->session->on_closed();
    EXPECT_EQ(total(), 0U);
}

TEST_F(SessionCounters, messages_and_their_bytes_are_counted_by_app) {
    const AppActivity& app = world_.counters().activity().of_app(0);
    const std::uint64_t greeting = app.sent_bytes.value();
    EXPECT_EQ(app.connections_opened.value(), 1U);
    EXPECT_EQ(app.messages_sent.value(), 1U) << "connection_established";
    const std::string text = subscribe("room");
    client_->say(text);
    EXPECT_EQ(app.messages_received.value(), 1U);
    EXPECT_EQ(app.received_bytes.value(), text.size());
    EXPECT_EQ(app.messages_sent.value(), 2U);
    EXPECT_GT(app.sent_bytes.value(), greeting);
    const auto second = world_.connect(2);
    second->say(subscribe("room"));
    second->say(client_event);
    EXPECT_EQ(app.events.value(), 1U);
    EXPECT_EQ(app.deliveries.value(), 1U) << "to the other one";
    EXPECT_EQ(app.messages_sent.value(), 5U);
    client_->session->on_closed();
    client_->session->on_closed();
    EXPECT_EQ(app.connections_opened.value(), 2U);
    EXPECT_EQ(app.connections_closed.value(), 1U);
    EXPECT_EQ(world_.counters().activity().of_app(1).messages_sent.value(), 0U);
}

TEST_F(SessionCounters, presence_limits) {
    world_.settings().max_presence_members = 1;
    world_.settings().max_presence_member_size = 40;
    client_->say(subscribe_as(1234, "presence-a", R"({"user_id":1})"));
    const auto second = world_.connect(2);
    second->say(subscribe_as(2, "presence-a", R"({"user_id":2})"));
    expect_one(Counter::subscription_over_member_limit);
    second->say(subscribe_as(2, "presence-b", R"({"user_id":2,"user_info":"0123456789012345"})"));
    expect_one(Counter::subscription_member_size);
    second->say(subscribe_as(2, "presence-b", R"({"user_id":null})"));
    expect_one(Counter::subscription_member);
    EXPECT_EQ(total(), 3U);
}

TEST_F(SessionCounters, client_events_that_are_not_allowed) {
    world_.settings().accept_client_events_from = config::ClientEventSenders::none;
    client_->say(client_event);
    expect_one(Counter::client_event_disabled);
    world_.settings().accept_client_events_from = config::ClientEventSenders::all;
    world_.settings().client_events_public = false;
    client_->say(client_event);
    expect_one(Counter::client_event_public_channel);
    EXPECT_EQ(total(), 2U);
}

TEST_F(SessionCounters, ends_of_connections) {
    client_->session->on_backlog_full();
    expect_one(Counter::closed_slow_reader);
    world_.connect(2)->session->on_no_pong();
    expect_one(Counter::closed_no_pong);
    EXPECT_EQ(total(), 2U);
}

}  // namespace
}  // namespace fanfare::sessions::testing
