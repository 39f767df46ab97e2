// SPDX-License-Identifier: MIT
#include "fanfare/protocol/frames.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

// The texts are those of protocol.md section 4, byte for byte.
namespace fanfare::protocol::frames {
namespace {

using namespace std::chrono_literals;

TEST(Frames, r002_connection_established_carries_a_string) {
    EXPECT_EQ(
        connection_established({1, 2}, 30s),
        R"({"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":30}"})"
    );
}

TEST(Frames, ping_and_pong_have_no_data) {
    EXPECT_EQ(ping(), R"({"event":"pusher:ping"})");
    EXPECT_EQ(pong(), R"({"event":"pusher:pong"})");
}

TEST(Frames, error_carries_code_and_message) {
    EXPECT_EQ(
        error(errors::unauthorized),
        R"({"event":"pusher:error","data":"{\"code\":4009,\"message\":\"Connection is unauthorized\"}"})"
    );
    EXPECT_EQ(
        error({4301, "a \"quoted\" text"}),
        R"({"event":"pusher:error","data":"{\"code\":4301,\"message\":\"a \\\"quoted\\\" text\"}"})"
    );
}

TEST(Frames, subscription_succeeded_carries_an_empty_object) {
    EXPECT_EQ(
        subscription_succeeded("c"),
        R"({"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"c"})"
    );
}

TEST(Frames, r045_presence_subscription_succeeded_carries_the_list) {
    EXPECT_EQ(
        presence_subscription_succeeded(
            "presence-c", R"({"count":2,"ids":["1","2"],"hash":{"1":{},"2":{"name":"B"}}})"
        ),
        R"({"event":"pusher_internal:subscription_succeeded","data":"{\"presence\":{\"count\":2,\"ids\":[\"1\",\"2\"],\"hash\":{\"1\":{},\"2\":{\"name\":\"B\"}}}}","channel":"presence-c"})"
    );
}

TEST(Frames, r036_subscription_error_names_type_text_and_status) {
    EXPECT_EQ(
        subscription_error("private-x", {"AuthError", "Connection is unauthorized", 401}),
        R"({"event":"pusher:subscription_error","data":"{\"type\":\"AuthError\",\"error\":\"Connection is unauthorized\",\"status\":401}","channel":"private-x"})"
    );
}

TEST(Frames, member_added_carries_the_channel_data_as_signed) {
    EXPECT_EQ(
        member_added("presence-c", R"({"user_id":2,"user_info":{"name":"B"}})"),
        R"({"event":"pusher_internal:member_added","data":"{\"user_id\":2,\"user_info\":{\"name\":\"B\"}}","channel":"presence-c"})"
    );
}

TEST(Frames, member_removed_keeps_the_type_of_the_id) {
    EXPECT_EQ(
        member_removed("presence-c", R"("2")"),
        R"({"event":"pusher_internal:member_removed","data":"{\"user_id\":\"2\"}","channel":"presence-c"})"
    );
    EXPECT_EQ(
        member_removed("presence-c", "2"),
        R"({"event":"pusher_internal:member_removed","data":"{\"user_id\":2}","channel":"presence-c"})"
    );
}

TEST(Frames, r085_event_copies_its_data) {
    EXPECT_EQ(
        event("E", R"("{\"id\":1}")", "c"), R"({"event":"E","data":"{\"id\":1}","channel":"c"})"
    );
    EXPECT_EQ(
        event("E", "\"a\\/\\u00e9\xc3\xa9 \"", "c"),
        "{\"event\":\"E\",\"data\":\"a\\/\\u00e9\xc3\xa9 \",\"channel\":\"c\"}"
    );
}

TEST(Frames, names_are_escaped) {
    EXPECT_EQ(
        event("App\\Events\\\"X\"", R"("d")", "c\"d"),
        R"({"event":"App\\Events\\\"X\"","data":"d","channel":"c\"d"})"
    );
    EXPECT_EQ(
        subscription_succeeded("\"\n"),
        R"({"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"\"\n"})"
    );
}

TEST(Frames, r060_client_event_has_its_key_order_and_the_user_of_a_presence_channel) {
    EXPECT_EQ(
        client_event("client-x", "presence-c", R"({"a":1})", R"("7")"),
        R"({"event":"client-x","channel":"presence-c","data":{"a":1},"user_id":"7"})"
    );
    EXPECT_EQ(
        client_event("client-x", "private-c", "[]", ""),
        R"({"event":"client-x","channel":"private-c","data":[]})"
    );
    EXPECT_EQ(
        client_event("client-x", "c", "1.0", "7"),
        R"({"event":"client-x","channel":"c","data":1.0,"user_id":7})"
    );
}

TEST(Frames, client_event_without_data_says_null) {
    EXPECT_EQ(
        client_event("client-x", "c", "", ""), R"({"event":"client-x","channel":"c","data":null})"
    );
}

TEST(Frames, data_of_internal_frames_is_a_string_of_json) {
    for (const std::string& text :
         {connection_established({9, 8}, 5s),
          error(errors::invalid_message),
          subscription_succeeded("c\\\"d"),
          presence_subscription_succeeded("p", R"({"count":0,"ids":[],"hash":{}})"),
          subscription_error("\"", {"A\"", "\\", 1}),
          member_added("p", R"({"user_id":"\"","user_info":{}})"),
          member_removed("p", R"("\u0000")")}) {
        const auto frame = nlohmann::json::parse(text);
        EXPECT_TRUE(nlohmann::json::parse(frame.at("data").get<std::string>()).is_object()) << text;
    }
}

}  // namespace
}  // namespace fanfare::protocol::frames
