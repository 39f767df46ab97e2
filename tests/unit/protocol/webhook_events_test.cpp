// SPDX-License-Identifier: MIT
#include "fanfare/protocol/webhook_events.hpp"

#include <gtest/gtest.h>

// The texts are those of protocol.md section 6, byte for byte.
namespace fanfare::protocol::webhook_events {
namespace {

TEST(WebhookEvents, of_channels_carry_the_channel) {
    EXPECT_EQ(channel_occupied("c"), R"({"name":"channel_occupied","channel":"c"})");
    EXPECT_EQ(channel_vacated("c"), R"({"name":"channel_vacated","channel":"c"})");
}

TEST(WebhookEvents, of_members_carry_the_user_id_as_a_string) {
    EXPECT_EQ(
        member_added("presence-c", "7"),
        R"({"name":"member_added","channel":"presence-c","user_id":"7"})"
    );
    EXPECT_EQ(
        member_removed("presence-c", "a\"b"),
        R"({"name":"member_removed","channel":"presence-c","user_id":"a\"b"})"
    );
}

TEST(WebhookEvents, r105_client_event_carries_the_sender) {
    EXPECT_EQ(
        client_event("private-c", "client-e", R"("text")", {1, 2}, {}),
        R"({"name":"client_event","channel":"private-c","event":"client-e","data":"text","socket_id":"1.2"})"
    );
    EXPECT_EQ(
        client_event("presence-c", "client-e", R"("text")", {1, 2}, "7"),
        R"({"name":"client_event","channel":"presence-c","event":"client-e","data":"text","socket_id":"1.2","user_id":"7"})"
    );
}

TEST(WebhookEvents, r105_client_event_keeps_the_escapes_of_a_string) {
    EXPECT_EQ(
        client_event("c", "e", R"("\u00e4\/")", {1, 2}, {}),
        R"({"name":"client_event","channel":"c","event":"e","data":"\u00e4\/","socket_id":"1.2"})"
    );
}

TEST(WebhookEvents, r105_client_event_makes_a_string_of_any_other_data) {
    EXPECT_EQ(
        client_event("c", "e", R"({"n":1.50, "s":"\n"})", {1, 2}, {}),
        R"({"name":"client_event","channel":"c","event":"e","data":"{\"n\":1.50, \"s\":\"\\n\"}","socket_id":"1.2"})"
    );
    EXPECT_EQ(
        client_event("c", "e", "", {1, 2}, {}),
        R"({"name":"client_event","channel":"c","event":"e","data":"null","socket_id":"1.2"})"
    );
}

TEST(WebhookEvents, r105_cache_miss_and_subscription_count) {
    EXPECT_EQ(cache_miss("cache-c"), R"({"name":"cache_miss","channel":"cache-c"})");
    EXPECT_EQ(
        subscription_count("c", 12),
        R"({"name":"subscription_count","channel":"c","subscription_count":12})"
    );
}

}  // namespace
}  // namespace fanfare::protocol::webhook_events
