// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string whisper(std::string_view channel, std::string_view rest = R"(,"data":{})") {
    return R"({"event":"client-x","channel":)" + json_string(channel) + std::string(rest) + "}";
}

class ClientEvent : public ::testing::Test {
protected:
    ClientEvent() {
        for (Client* client : {sender_.get(), receiver_.get()}) {
            client->say(subscribe("room"));
            client->link.resumes = 0;
        }
    }

    /// What the other member gets; the sender must get nothing.
    std::vector<std::string> relayed(const std::string& message) {
        EXPECT_THAT(sender_->say(message), IsEmpty());
        return receiver_->link.take_sent();
    }

    /// What the sender is told; the other member must get nothing.
    std::vector<std::string> refused(const std::string& message) {
        auto answers = sender_->say(message);
        EXPECT_THAT(receiver_->link.take_sent(), IsEmpty());
        EXPECT_FALSE(sender_->link.closed);
        return answers;
    }

    SessionWorld world_;
    std::unique_ptr<Client> sender_ = world_.connect(1);
    std::unique_ptr<Client> receiver_ = world_.connect(2);
};

TEST_F(ClientEvent, r060_reaches_the_others_and_not_the_sender) {
    const auto third = world_.connect(3);
    third->say(subscribe("room"));
    const std::string frame = R"({"event":"client-x","channel":"room","data":{"a":1}})";
    EXPECT_THAT(relayed(whisper("room", R"(,"data":{"a":1})")), ElementsAre(frame));
    EXPECT_THAT(third->link.take_sent(), ElementsAre(frame));
}

TEST_F(ClientEvent, r061_carries_its_data_byte_by_byte) {
    for (const std::string data :
         {"{}",
          "[]",
          "1.0",
          "\"5\"",
          "null",
          "9223372036854775807",
          "1E300",
          R"({"0":{},"a":[ {} ,[]], "b" : "\u00e4\/" })",
          R"("{\"not\":\"decoded\"}")"}) {
        EXPECT_THAT(
            relayed(whisper("room", ",\"data\":" + data)),
            ElementsAre(R"({"event":"client-x","channel":"room","data":)" + data + "}")
        );
    }
    EXPECT_THAT(
        relayed(whisper("room", "")),
        ElementsAre(R"({"event":"client-x","channel":"room","data":null})")
    );
}

TEST_F(ClientEvent, r062_takes_the_user_from_the_subscription_and_drops_the_rest) {
    sender_->say(subscribe_as(1, "presence-room", R"({"user_id":7})"));
    receiver_->say(subscribe_as(2, "presence-room", R"({"user_id":"8"})"));
    sender_->link.take_sent();
    const std::string forged =
        R"(,"user_id":"admin","channels":["other"],"data":1,"socket_id":"1")";
    for (const auto senders :
         {config::ClientEventSenders::members, config::ClientEventSenders::all}) {
        world_.settings().accept_client_events_from = senders;
        EXPECT_THAT(
            relayed(whisper("presence-room", forged)),
            ElementsAre(R"({"event":"client-x","channel":"presence-room","data":1,"user_id":7})")
        );
        EXPECT_THAT(
            relayed(whisper("room", forged)),
            ElementsAre(R"({"event":"client-x","channel":"room","data":1})")
        );
    }
    receiver_->say(whisper("presence-room"));
    EXPECT_THAT(
        sender_->link.take_sent(),
        ElementsAre(R"({"event":"client-x","channel":"presence-room","data":{},"user_id":"8"})")
    );
}

TEST_F(ClientEvent, r065_needs_a_channel) {
    for (const std::string rest :
         {"", R"(,"channel":"")", R"(,"channel":5)", R"(,"channel":null)", R"(,"channel":["a"])"}) {
        SCOPED_TRACE(rest);
        EXPECT_THAT(refused(R"({"event":"client-x")" + rest + "}"), ElementsAre(invalid_message));
    }
}

TEST_F(ClientEvent, r063_mode_none_refuses_everybody) {
    world_.settings().accept_client_events_from = config::ClientEventSenders::none;
    const auto refusal = error_text(4301, "The app does not have client messaging enabled.");
    EXPECT_THAT(refused(whisper("room")), ElementsAre(refusal));
    EXPECT_THAT(refused(whisper("elsewhere")), ElementsAre(refusal));
}

TEST_F(ClientEvent, r063_mode_members_refuses_who_is_not_in_the_channel) {
    const auto refusal = error_text(4009, "The client is not a member of the specified channel.");
    receiver_->say(subscribe("elsewhere"));
    EXPECT_THAT(refused(whisper("elsewhere")), ElementsAre(refusal));
    EXPECT_THAT(refused(whisper("nowhere")), ElementsAre(refusal));
    sender_->say(unsubscribe("room"));
    EXPECT_THAT(refused(whisper("room")), ElementsAre(refusal));
}

TEST_F(ClientEvent, r063_mode_all_lets_anybody_speak) {
    world_.settings().accept_client_events_from = config::ClientEventSenders::all;
    receiver_->say(subscribe("elsewhere"));
    EXPECT_THAT(
        relayed(whisper("elsewhere")),
        ElementsAre(R"({"event":"client-x","channel":"elsewhere","data":{}})")
    );
}

TEST_F(ClientEvent, r064_stays_in_its_app) {
    const auto stranger = world_.connect(3, 1);
    stranger->say(subscribe("room"));
    EXPECT_THAT(relayed(whisper("room")), ::testing::SizeIs(1));
    EXPECT_THAT(stranger->link.take_sent(), IsEmpty());
}

TEST_F(ClientEvent, bounds_its_name_and_its_data) {
    const std::string start = R"({"event":"client-)";
    const std::string end = R"(","channel":"room","data":"12345"})";
    EXPECT_THAT(relayed(start + std::string(193, 'n') + end), ::testing::SizeIs(1));
    EXPECT_THAT(
        refused(start + std::string(194, 'n') + end),
        ElementsAre(error_text(4301, "The event name is longer than 200 characters."))
    );
}

TEST_F(ClientEvent, counts_the_characters_of_its_name) {
    const std::string start = R"({"event":"client-)";
    const std::string end = R"(","channel":"room","data":1})";
    std::string umlauts;
    for (int i = 0; i < 193; ++i) umlauts += "\xc3\xa4";
    EXPECT_THAT(relayed(start + umlauts + end), ::testing::SizeIs(1));
    EXPECT_THAT(refused(start + umlauts + "x" + end), ::testing::SizeIs(1));
}

TEST_F(ClientEvent, measures_the_bytes_that_its_data_stand_for) {
    world_.settings().max_event_data = 5;
    const auto refusal = error_text(4301, "The event data is larger than 5 bytes.");
    for (const std::string data : {R"("12345")", R"("\n\"\u0041\/5")", "12345", "[1,2]"}) {
        EXPECT_THAT(relayed(whisper("room", ",\"data\":" + data)), ::testing::SizeIs(1)) << data;
    }
    for (const std::string data : {R"("123456")", R"("\u00e4\u00e4\u00e4")", "123456", "[1, 2]"}) {
        EXPECT_THAT(refused(whisper("room", ",\"data\":" + data)), ElementsAre(refusal)) << data;
    }
}

TEST_F(ClientEvent, comes_as_often_as_it_likes_unless_the_app_says_otherwise) {
    for (int i = 0; i < 1'000; ++i) EXPECT_THAT(relayed(whisper("room")), ::testing::SizeIs(1));
}

TEST_F(ClientEvent, may_come_only_so_often_in_a_second) {
    world_.settings().max_client_events_per_second = 10;
    const auto refusal = error_text(4301, "Rate limit exceeded");
    for (int i = 0; i < 10; ++i) EXPECT_THAT(relayed(whisper("room")), ::testing::SizeIs(1));
    EXPECT_THAT(refused(whisper("room")), ElementsAre(refusal));
    EXPECT_THAT(sender_->say(subscribe("other")), ElementsAre(succeeded("other")));
    receiver_->say(whisper("room"));
    EXPECT_THAT(sender_->link.take_sent(), ::testing::SizeIs(1)) << "each has its own";
    world_.clock().advance(std::chrono::milliseconds{100});
    EXPECT_THAT(relayed(whisper("room")), ::testing::SizeIs(1));
    EXPECT_THAT(refused(whisper("room")), ElementsAre(refusal));
}

TEST_F(ClientEvent, may_be_forbidden_on_public_channels) {
    world_.settings().client_events_public = false;
    EXPECT_THAT(
        refused(whisper("room")),
        ElementsAre(error_text(4301, "Client events are not allowed on public channels."))
    );
    const std::string secret = "private-encrypted-room";
    sender_->say(subscribe(secret, auth_of(secret, "", 1)));
    receiver_->say(subscribe(secret, auth_of(secret, "", 2)));
    EXPECT_THAT(
        relayed(whisper(secret, R"(,"data":{"nonce":"n","ciphertext":"c"})")),
        ElementsAre(R"({"event":"client-x","channel":"private-encrypted-room",)"
                    R"("data":{"nonce":"n","ciphertext":"c"}})")
    );
}

}  // namespace
}  // namespace fanfare::sessions::testing
