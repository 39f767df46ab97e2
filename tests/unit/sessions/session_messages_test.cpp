// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::string nested(unsigned depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Session, r002_greets_with_its_socket_id_and_the_activity_timeout) {
    SessionWorld world;
    world.settings().activity_timeout = 77s;
    Client client;
    auto place = apps::ConnectionLease::acquire(world.node(), {});
    auto quota = apps::ConnectionLease::acquire(world.connections_of_app(), {});
    client.session = std::make_unique<Session>(
        world.context(),
        *world.apps().find_by_id("3"),
        world.apps().find_by_id("3")->number_of(app_key),
        protocol::SocketId{12, 34},
        Leases{std::move(*place), std::move(*quota)},
        client.link
    );
    EXPECT_THAT(
        client.link.sent,
        ElementsAre(R"({"event":"pusher:connection_established","data":)"
                    R"("{\"socket_id\":\"12.34\",\"activity_timeout\":77}"})")
    );
}

TEST(Session, r030_answers_malformed_messages_with_4200_and_works_on) {
    SessionWorld world;
    for (const std::string& text : std::vector<std::string>{
             "",
             " ",
             "hello",
             R"({"event":"pusher:ping"} x)",
             R"({"event":"pusher:ping"}{})",
             "\xef\xbb\xbf{\"event\":\"pusher:ping\"}",
             R"({"event":"pusher:ping",})",
             "null",
             "true",
             "1",
             R"("pusher:ping")",
             "[]",
             R"(["pusher:ping"])",
             "{}",
             R"({"data":{}})",
             R"({"event":""})",
             R"({"event":null})",
             R"({"event":5})",
             R"({"event":{}})",
             R"({"event":["pusher:ping"]})",
             R"({'event':'pusher:ping'})",
             "{\"event\":\"pusher:ping\",\"data\":\"\xff\"}",
             std::string("{\"event\":\"pusher:ping\"}\0", 24),
             R"({"event":"pusher:ping","data":)" + nested(64) + "}"}) {
        SCOPED_TRACE(text);
        const auto client = world.connect();
        EXPECT_THAT(client->say(text), ElementsAre(invalid_message));
        EXPECT_FALSE(client->link.closed);
        EXPECT_THAT(client->say(R"({"event":"pusher:ping"})"), ElementsAre(pong_text));
    }
}

TEST(Session, accepts_what_is_unusual_but_right) {
    SessionWorld world;
    for (const std::string& text : std::vector<std::string>{
             " \t\r\n{ \"event\" : \"pusher:ping\" }\n ",
             R"({"data":{},"event":"pusher:ping","x":[1,{"y":null}]})",
             R"({"event":"client-x","event":"pusher:ping"})",
             R"({"event":"pusher\u003aping"})",
             R"({"event":"pusher:ping","data":)" + nested(63) + "}"}) {
        SCOPED_TRACE(text);
        EXPECT_THAT(world.connect()->say(text), ElementsAre(pong_text));
    }
}

TEST(Session, r016_answers_a_ping_with_a_pong_whatever_its_data) {
    SessionWorld world;
    const auto client = world.connect();
    for (const std::string data : {"{}", "null", "5", "\"text\"", "[1]", "true"}) {
        EXPECT_THAT(
            client->say(R"({"event":"pusher:ping","data":)" + data + "}"), ElementsAre(pong_text)
        );
    }
    EXPECT_THAT(client->say(R"({"event":"pusher:pong","data":{}})"), IsEmpty());
    EXPECT_THAT(client->say(R"({"event":"pusher:pong"})"), IsEmpty());
}

TEST(Session, r031_answers_unknown_pusher_events_with_4200) {
    SessionWorld world;
    const auto client = world.connect();
    for (const std::string event :
         {"pusher:pusher:ping", "pusher:connection_established", "pusher:", "pusher:Ping"}) {
        SCOPED_TRACE(event);
        EXPECT_THAT(
            client->say(R"({"event":")" + event + R"(","channel":"c"})"),
            ElementsAre(invalid_message)
        );
    }
}

TEST(Session, r031_ignores_other_events_that_have_a_channel) {
    SessionWorld world;
    const auto client = world.connect();
    for (const std::string event :
         {"custom", "pusher_internal:x", "Client-x", "pusher", "client"}) {
        SCOPED_TRACE(event);
        const std::string start = R"({"event":")" + event + "\"";
        EXPECT_THAT(client->say(start + R"(,"channel":"c"})"), IsEmpty());
        EXPECT_THAT(client->say(start + R"(,"channel":""})"), IsEmpty());
        EXPECT_THAT(client->say(start + R"(,"channel":5})"), ElementsAre(invalid_message));
        EXPECT_THAT(client->say(start + "}"), ElementsAre(invalid_message));
    }
}

TEST(Session, closes_with_4100_after_20_malformed_messages_in_10_seconds) {
    SessionWorld world;
    const auto client = world.connect();
    for (int i = 0; i < 20; ++i) EXPECT_THAT(client->say("x"), ElementsAre(invalid_message));
    EXPECT_FALSE(client->link.closed);
    EXPECT_THAT(client->say("x"), ElementsAre(error_text(4100, "Over capacity")));
    EXPECT_EQ(client->link.closed, (FakeLink::Close{4100, "Over capacity"}));
}

TEST(Session, forgives_malformed_messages_after_10_seconds) {
    SessionWorld world;
    const auto client = world.connect();
    for (int window = 0; window < 5; ++window) {
        for (int i = 0; i < 20; ++i) client->say("x");
        world.clock().advance(10s);
    }
    EXPECT_FALSE(client->link.closed);
}

class RateLimited : public ::testing::Test {
protected:
    RateLimited() {
        world_.settings().rate_limiting = {true, 3, 60s, false};
        client_ = world_.connect();
    }

    const std::string limited_ = error_text(4301, "Rate limit exceeded");
    SessionWorld world_;
    std::unique_ptr<Client> client_;
};

TEST_F(RateLimited, r025_drops_the_message_over_the_limit_and_says_4301) {
    for (const char* channel : {"a", "b", "c"}) {
        EXPECT_THAT(client_->say(subscribe(channel)), ElementsAre(succeeded(channel)));
    }
    EXPECT_THAT(client_->say(subscribe("d")), ElementsAre(limited_));
    EXPECT_THAT(client_->say("malformed"), ElementsAre(limited_));
    EXPECT_FALSE(client_->link.closed);
    EXPECT_EQ(world_.hub().home().stats({0, "d"}).subscriptions, 0U);
}

TEST_F(RateLimited, r025_counts_anew_after_the_window_that_the_first_message_began) {
    client_->say(subscribe("a"));
    world_.clock().advance(59s);
    client_->say(subscribe("b"));
    client_->say("malformed counts too");
    EXPECT_THAT(client_->say(subscribe("c")), ElementsAre(limited_));
    world_.clock().advance(1s);
    EXPECT_THAT(client_->say(subscribe("c")), ElementsAre(succeeded("c")));
}

TEST_F(RateLimited, r025_does_not_count_pings_and_answers_them_over_the_limit) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_THAT(client_->say(R"({"event":"pusher:ping"})"), ElementsAre(pong_text));
        EXPECT_THAT(client_->say(R"({"event":"pusher:pong"})"), IsEmpty());
    }
    for (int i = 0; i < 4; ++i) client_->say(subscribe("a"));
    EXPECT_THAT(client_->say(R"({"event":"pusher:ping"})"), ElementsAre(pong_text));
}

TEST_F(RateLimited, r014_closes_with_4100_and_not_4301_if_it_is_to_close) {
    world_.settings().rate_limiting.terminate_on_limit = true;
    for (int i = 0; i < 3; ++i) client_->say(subscribe("a"));
    EXPECT_THAT(client_->say(subscribe("a")), ElementsAre(limited_));
    EXPECT_EQ(client_->link.closed, (FakeLink::Close{4100, "Rate limit exceeded"}));
}

TEST(Session, r019_pings_in_the_way_that_the_client_understands) {
    SessionWorld world;
    const auto client = world.connect();
    client->session->on_silence();
    EXPECT_THAT(client->link.take_sent(), ElementsAre(ping_text));
    client->link.understands_ping = true;
    client->session->on_silence();
    EXPECT_THAT(client->link.take_sent(), IsEmpty());
    EXPECT_EQ(client->link.pings, 1U);
}

TEST(Session, takes_its_limits_from_the_app) {
    SessionWorld world;
    world.settings().ping_interval = 5s;
    world.settings().pong_timeout = 7s;
    world.settings().max_message_size = 99;
    const auto client = world.connect();
    EXPECT_EQ(client->session->liveness().ping_interval, 5s);
    EXPECT_EQ(client->session->liveness().pong_timeout, 7s);
    EXPECT_EQ(client->session->max_message_size(), 99U);
}

TEST(Session, r013_tells_why_before_it_closes) {
    SessionWorld world;
    const auto silent = world.connect(1);
    silent->session->on_no_pong();
    EXPECT_THAT(
        silent->link.sent, ElementsAre(error_text(4201, "Pong reply not received in time"))
    );
    EXPECT_EQ(silent->link.closed, (FakeLink::Close{4201, "Pong reply not received in time"}));
    const auto slow = world.connect(2);
    slow->session->on_backlog_full();
    EXPECT_THAT(slow->link.sent, ElementsAre(error_text(4100, "Over capacity")));
    EXPECT_EQ(slow->link.closed, (FakeLink::Close{4100, "Over capacity"}));
    const auto drained = world.connect(3);
    for (auto* subscriber : std::vector(world.hub().subscribers())) {
        if (subscriber != nullptr) subscriber->on_drain();
    }
    EXPECT_EQ(
        drained->link.closed, (FakeLink::Close{4200, "Server closed. Please reconnect shortly."})
    );
    EXPECT_EQ(silent->link.sent_after_close + slow->link.sent_after_close, 0U);
}

TEST(Session, leaves_its_channels_and_gives_its_places_back_when_the_link_closes) {
    SessionWorld world;
    auto client = world.connect();
    client->say(subscribe("a"));
    EXPECT_EQ(world.node().open, 1U);
    EXPECT_EQ(world.connections_of_app().open, 1U);
    client->session->on_closed();
    EXPECT_EQ(world.hub().home().stats({0, "a"}).subscriptions, 0U);
    EXPECT_EQ(world.connections_of_app().open, 0U);
    EXPECT_EQ(world.node().open, 1U) << "the link has its descriptor still";
    client->session.reset();
    EXPECT_EQ(world.node().open, 0U);
    EXPECT_EQ(world.connections_of_app().open, 0U);
}

}  // namespace
}  // namespace fanfare::sessions::testing
