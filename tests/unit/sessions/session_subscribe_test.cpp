// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string subscription_error(
    std::string_view channel, std::string_view type, std::string_view error, int status
) {
    const std::string data = R"({"type":)" + json_string(type) + R"(,"error":)" +
                             json_string(error) + R"(,"status":)" + std::to_string(status) + "}";
    return R"({"event":"pusher:subscription_error","data":)" + json_string(data) +
           R"(,"channel":)" + json_string(channel) + "}";
}

auto is_auth_error(std::string_view channel) {
    return ElementsAre(
        subscription_error(channel, "AuthError", "Connection is unauthorized", 401),
        error_text(4009, "Connection is unauthorized")
    );
}

auto is_invalid_channel(std::string_view channel) {
    return ElementsAre(
        subscription_error(
            channel,
            "InvalidChannel",
            "The channel name is empty, too long or has a forbidden character",
            4009
        ),
        error_text(4009, "Invalid channel name.")
    );
}

auto is_limit_reached(std::string_view channel, std::string_view text) {
    return ElementsAre(
        subscription_error(channel, "LimitReached", text, 4301), error_text(4301, text)
    );
}

std::string subscribe_raw(std::string_view data) {
    return R"({"event":"pusher:subscribe","data":)" + std::string(data) + "}";
}

class Subscribe : public ::testing::Test {
protected:
    [[nodiscard]] std::size_t subscriptions(std::string_view channel) {
        return world_.hub().home().stats({0, channel}).subscriptions;
    }

    SessionWorld world_;
    std::unique_ptr<Client> client_ = world_.connect();
};

TEST_F(Subscribe, confirms_and_then_delivers) {
    world_.publish("news", "before", R"("1")");
    EXPECT_THAT(client_->say(subscribe("news")), ElementsAre(succeeded("news")));
    world_.publish("news", "after", R"("2")");
    EXPECT_THAT(
        client_->link.take_sent(), ElementsAre(R"({"event":"after","data":"2","channel":"news"})")
    );
    EXPECT_EQ(client_->link.resumes, 1U);
    EXPECT_FALSE(client_->session->is_busy());
}

TEST_F(Subscribe, r032_reads_data_that_is_a_string_of_json) {
    EXPECT_THAT(
        client_->say(subscribe_raw(R"("{\"channel\":\"a\"}")")), ElementsAre(succeeded("a"))
    );
    EXPECT_THAT(
        client_->say(subscribe_raw(R"("\"{\\\"channel\\\":\\\"a\\\"}\"")")),
        ElementsAre(invalid_message)
    ) << "once, not twice";
}

TEST_F(Subscribe, rule_1_wants_an_object_with_a_channel) {
    for (const std::string data :
         {"null",
          "5",
          "[]",
          "{}",
          R"("text")",
          R"("[]")",
          R"("")",
          R"({"channel":5})",
          R"({"channel":null})",
          R"({"channel":["a"]})",
          R"({"Channel":"a"})"}) {
        SCOPED_TRACE(data);
        EXPECT_THAT(client_->say(subscribe_raw(data)), ElementsAre(invalid_message));
    }
    const auto another = world_.connect(5);
    EXPECT_THAT(another->say(R"({"event":"pusher:subscribe"})"), ElementsAre(invalid_message));
    EXPECT_THAT(
        another->say(R"({"event":"pusher:subscribe","channel":"a"})"), ElementsAre(invalid_message)
    );
}

TEST_F(Subscribe, r038_rule_2_wants_a_valid_channel_name) {
    const std::string longest(200, 'x');
    EXPECT_THAT(client_->say(subscribe(longest)), ElementsAre(succeeded(longest)));
    for (const std::string& channel :
         {std::string(),
          longest + "x",
          std::string("a b"),
          std::string("a:b"),
          std::string("a/b"),
          std::string("\xc3\xa4")}) {
        SCOPED_TRACE(channel);
        EXPECT_THAT(client_->say(subscribe(channel)), is_invalid_channel(channel));
    }
    EXPECT_THAT(
        client_->say(subscribe_raw(R"({"channel":"a b","auth":5})")), is_invalid_channel("a b")
    ) << "before rule 3";
    world_.settings().channel_charset = config::ChannelCharset::lenient;
    EXPECT_THAT(client_->say(subscribe("a:b")), ElementsAre(succeeded("a:b")));
}

TEST_F(Subscribe, rule_3_wants_strings_for_auth_and_channel_data) {
    for (const std::string rest :
         {R"("auth":5)",
          R"("auth":{})",
          R"("auth":[])",
          R"("auth":true)",
          R"("channel_data":{"user_id":1})",
          R"("channel_data":5)",
          R"("channel_data":"[]")",
          R"("channel_data":"text")",
          R"("channel_data":"5")"}) {
        SCOPED_TRACE(rest);
        EXPECT_THAT(
            client_->say(subscribe_raw(R"({"channel":"a",)" + rest + "}")),
            ElementsAre(invalid_message)
        );
    }
    for (const std::string rest :
         {R"("auth":null)", R"("auth":"")", R"("channel_data":null)", R"("channel_data":"")"}) {
        SCOPED_TRACE(rest);
        EXPECT_THAT(
            client_->say(subscribe_raw(R"({"channel":"a",)" + rest + "}")),
            ElementsAre(succeeded("a"))
        );
    }
}

TEST_F(Subscribe, r039_rule_4_caps_the_subscriptions_of_a_connection) {
    world_.settings().max_subscriptions = 2;
    client_->say(subscribe("a"));
    client_->say(subscribe("b"));
    const std::string text = "A connection may have 2 subscriptions at most.";
    EXPECT_THAT(client_->say(subscribe("c")), is_limit_reached("c", text));
    EXPECT_THAT(client_->say(subscribe("private-c", "x")), is_limit_reached("private-c", text))
        << "before rule 5";
    EXPECT_THAT(client_->say(subscribe("b")), ElementsAre(succeeded("b"))) << "this one it has";
    client_->say(unsubscribe("a"));
    EXPECT_THAT(client_->say(subscribe("c")), ElementsAre(succeeded("c")));
}

TEST_F(Subscribe, r040_rule_5_accepts_the_vector_and_no_single_change_of_it) {
    const std::string channel = "private-foobar";
    const std::string signature =
        "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";
    const std::string key(app_key);
    std::string upper = signature;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::string flipped = signature;
    flipped.back() = '5';
    for (const std::string& auth :
         {std::string(),
          signature,
          ":" + signature,
          "other-key:" + signature,
          key + ":",
          key + signature,
          key + ":" + upper,
          key + ":" + flipped,
          key + ":" + signature.substr(1),
          key + ":" + signature + "0",
          key + ": " + signature,
          key + "::" + signature,
          auth_of("private-foobaz"),
          auth_of(channel, "", 1235),
          auth_of(channel, R"({"user_id":1})")}) {
        SCOPED_TRACE(auth);
        EXPECT_THAT(client_->say(subscribe(channel, auth)), is_auth_error(channel));
        EXPECT_EQ(subscriptions(channel), 0U);
    }
    EXPECT_THAT(client_->say(subscribe(channel)), is_auth_error(channel));
    EXPECT_THAT(
        client_->say(subscribe(channel, key + ":" + signature)), ElementsAre(succeeded(channel))
    );
}

TEST_F(Subscribe, r041_channel_data_is_signed_on_private_channels_too) {
    const std::string channel = "private-a";
    const std::string data = R"({"user_id":1})";
    EXPECT_THAT(client_->say(subscribe(channel, auth_of(channel), data)), is_auth_error(channel));
    EXPECT_THAT(
        client_->say(subscribe(channel, auth_of(channel, data), data)),
        ElementsAre(succeeded(channel))
    );
}

TEST_F(Subscribe, r044_prefixes_count_with_their_hyphen_and_in_lower_case) {
    for (const char* channel : {"privatefoo", "presencefoo", "cachefoo", "Private-x", "privat"}) {
        EXPECT_THAT(client_->say(subscribe(channel)), ElementsAre(succeeded(channel)));
    }
}

TEST_F(Subscribe, r059_rule_6_keeps_reserved_channels_closed) {
    for (const char* channel : {"#server-to-user-7", "#other"}) {
        EXPECT_THAT(client_->say(subscribe(channel)), is_auth_error(channel));
        EXPECT_THAT(client_->say(subscribe(channel, auth_of(channel))), is_auth_error(channel));
        EXPECT_EQ(subscriptions(channel), 0U);
    }
}

TEST_F(Subscribe, r035_twice_answers_twice_and_counts_once) {
    client_->say(subscribe("a"));
    EXPECT_THAT(client_->say(subscribe("a")), ElementsAre(succeeded("a")));
    EXPECT_EQ(subscriptions("a"), 1U);
    world_.publish("a", "e", R"("")");
    EXPECT_EQ(client_->link.take_sent().size(), 1U);
    client_->say(unsubscribe("a"));
    EXPECT_EQ(subscriptions("a"), 0U);
}

TEST_F(Subscribe, r036_a_refusal_is_told_in_the_frames_that_the_app_wants) {
    const auto say = [&](config::SubscriptionErrors wanted) {
        world_.settings().subscription_errors = wanted;
        return client_->say(subscribe("private-x", "bad"));
    };
    EXPECT_THAT(say(config::SubscriptionErrors::both), is_auth_error("private-x"));
    EXPECT_THAT(
        say(config::SubscriptionErrors::reverb),
        ElementsAre(error_text(4009, "Connection is unauthorized"))
    );
    EXPECT_THAT(
        say(config::SubscriptionErrors::channel),
        ElementsAre(subscription_error("private-x", "AuthError", "Connection is unauthorized", 401))
    );
    EXPECT_FALSE(client_->link.closed);
    EXPECT_TRUE(world_.hub().home().list(0, "").empty()) << "no trace";
}

TEST_F(Subscribe, r033_unsubscribe_is_silent_and_final) {
    client_->say(subscribe("a"));
    EXPECT_THAT(client_->say(unsubscribe("a")), IsEmpty());
    world_.publish("a", "e", R"("")");
    EXPECT_THAT(client_->link.take_sent(), IsEmpty());
    EXPECT_THAT(client_->say(unsubscribe("a")), IsEmpty());
    EXPECT_THAT(client_->say(unsubscribe("no such channel")), IsEmpty());
    for (const std::string data : {"{}", R"({"channel":null})", R"({"channel":1})", "null", "[]"}) {
        EXPECT_THAT(
            client_->say(R"({"event":"pusher:unsubscribe","data":)" + data + "}"),
            ElementsAre(invalid_message)
        );
    }
}

TEST_F(Subscribe, apps_do_not_see_each_other_s_channels) {
    const auto other = world_.connect(9, 1);
    other->say(subscribe("a"));
    client_->say(subscribe("a"));
    other->link.take_sent();
    world_.publish("a", "e", R"("")");
    EXPECT_EQ(client_->link.take_sent().size(), 1U);
    EXPECT_THAT(other->link.take_sent(), IsEmpty());
}

}  // namespace
}  // namespace fanfare::sessions::testing
