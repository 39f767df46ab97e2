// SPDX-License-Identifier: MIT
#include "support/session_world.hpp"

#include <gmock/gmock.h>

namespace fanfare::sessions::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view room = "presence-room";

std::string members(std::string_view list_json) {
    return succeeded(room, R"({"presence":)" + std::string(list_json) + "}");
}

std::string member_event(std::string_view kind, std::string_view data) {
    return R"({"event":"pusher_internal:member_)" + std::string(kind) + R"(","data":)" +
           json_string(data) + R"(,"channel":"presence-room"})";
}

/// The answers to the join of a new connection, which stays.
class Presence : public ::testing::Test {
protected:
    std::vector<std::string> join(std::string_view channel_data) {
        clients_.push_back(world_.connect(++last_number_));
        return join_again(channel_data);
    }

    /// The last client once more.
    std::vector<std::string> join_again(std::string_view channel_data) {
        return last().say(subscribe_as(last_number_, room, channel_data));
    }

    Client& last() { return *clients_.back(); }

    SessionWorld world_;
    std::uint32_t last_number_ = 0;
    std::vector<std::unique_ptr<Client>> clients_;
};

void expect_refusal(const std::vector<std::string>& answers, int code, const char* type) {
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_THAT(answers[0], HasSubstr(R"("event":"pusher:subscription_error")"));
    EXPECT_THAT(answers[0], HasSubstr(type));
    EXPECT_THAT(answers[1], HasSubstr(R"({\"code\":)" + std::to_string(code)));
}

TEST_F(Presence, r041_accepts_the_signature_of_the_vector) {
    const auto client = world_.connect(1234);
    const std::string data = R"({"user_id":10,"user_info":{"name":"Mr. Channels"}})";
    const std::string auth =
        std::string(app_key) + ":31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80";
    EXPECT_THAT(
        client->say(subscribe("presence-foobar", auth, data)),
        ElementsAre(succeeded(
            "presence-foobar",
            R"({"presence":{"count":1,"ids":["10"],"hash":{"10":{"name":"Mr. Channels"}}}})"
        ))
    );
}

TEST_F(Presence, r045_lists_members_in_the_order_in_which_they_came) {
    join(R"({"user_id":"b","user_info":{"n":1}})");
    join(R"({"user_id":0})");
    EXPECT_THAT(
        join(R"({"user_id":"a","user_info":[1.0,"x"]})"),
        ElementsAre(
            members(R"({"count":3,"ids":["b","0","a"],"hash":{"b":{"n":1},"0":{},"a":[1.0,"x"]}})")
        )
    );
}

TEST_F(Presence, r046_r047_members_come_and_go_by_user_and_not_by_connection) {
    join(R"({"user_id":"watcher"})");
    Client& watcher = last();
    join(R"({"user_id":7,"user_info":{"a":1},"extra":true})");
    EXPECT_THAT(
        watcher.link.take_sent(),
        ElementsAre(member_event("added", R"({"user_id":7,"user_info":{"a":1},"extra":true})"))
    );
    EXPECT_THAT(
        join(R"({"user_id":"7","user_info":{"other":1}})"),
        ElementsAre(members(R"({"count":2,"ids":["watcher","7"],"hash":{"watcher":{},"7":{"a":1}}})"
        ))
    ) << "r050: the number and the text are one user";
    clients_.pop_back();
    EXPECT_THAT(watcher.link.take_sent(), IsEmpty());
    clients_.pop_back();
    EXPECT_THAT(watcher.link.take_sent(), ElementsAre(member_event("removed", R"({"user_id":7})")));
}

TEST_F(Presence, r051_a_missing_user_info_is_an_empty_object) {
    join(R"({"user_id":"watcher"})");
    Client& watcher = last();
    join(R"({"user_id":"x"} )");
    EXPECT_THAT(
        watcher.link.take_sent(),
        ElementsAre(member_event("added", R"({"user_id":"x","user_info":{}})"))
    );
}

TEST_F(Presence, r051_so_is_one_that_is_null) {
    join(R"({"user_id":"watcher"})");
    Client& watcher = last();
    for (const auto& [given, shown] :
         {std::pair{R"({"user_id":"x","user_info":null})", R"({"user_id":"x","user_info":{}})"},
          {R"({"user_info" : null , "user_id":"y"})", R"({"user_info" : {} , "user_id":"y"})"},
          {R"({"user_id":"z","user_info":"null"})", R"({"user_id":"z","user_info":"null"})"}}) {
        join(given);
        EXPECT_THAT(watcher.link.take_sent(), ElementsAre(member_event("added", shown)));
    }
}

TEST_F(Presence, r051_refuses_a_member_without_a_usable_user_id) {
    for (const std::string& data :
         {std::string("{}"),
          std::string(R"({"user_id":null})"),
          std::string(R"({"user_id":""})"),
          std::string(R"({"user_id":[]})"),
          std::string(R"({"user_id":{}})"),
          std::string(R"({"user_id":true})"),
          std::string(R"({"user_info":{}})")}) {
        SCOPED_TRACE(data);
        expect_refusal(join(data), 4009, "InvalidData");
    }
    const auto client = world_.connect(500);
    expect_refusal(client->say(subscribe(room, auth_of(room, "", 500))), 4009, "InvalidData");
    EXPECT_TRUE(world_.hub().home().list(0, "").empty());
}

TEST_F(Presence, bounds_the_characters_of_a_user_id) {
    std::string longest;
    for (int i = 0; i < 128; ++i) longest += "\xc3\xa4";
    EXPECT_THAT(join(R"({"user_id":")" + longest + "\"}"), ::testing::SizeIs(1));
    const auto answers = join(R"({"user_id":")" + longest + "x\"}");
    expect_refusal(answers, 4009, "InvalidData");
    EXPECT_EQ(answers[1], error_text(4009, "The user_id is longer than 128 characters."));
}

TEST_F(Presence, r040_checks_the_signature_before_the_member) {
    const auto client = world_.connect(500);
    expect_refusal(client->say(subscribe(room, "bad", "{}")), 4009, "AuthError");
    expect_refusal(
        client->say(subscribe(room, auth_of(room, R"({"user_id":1})", 500), R"({"user_id":2})")),
        4009,
        "AuthError"
    );
}

TEST_F(Presence, bounds_the_size_of_a_member) {
    const std::string data = R"({"user_id":"u","user_info":"x"})";
    world_.settings().max_presence_member_size = data.size();
    EXPECT_THAT(join(data), ::testing::SizeIs(1));
    world_.settings().max_presence_member_size = data.size() - 1;
    expect_refusal(join(data), 4301, "LimitReached");
    world_.settings().max_presence_member_size = 0;
    EXPECT_THAT(join(data), ::testing::SizeIs(1));
}

TEST_F(Presence, r053_refuses_a_new_user_of_a_full_channel_but_not_a_second_tab) {
    world_.settings().max_presence_members = 2;
    join(R"({"user_id":"a"})");
    join(R"({"user_id":"b"})");
    expect_refusal(join(R"({"user_id":"c"})"), 4301, "LimitReached");
    EXPECT_FALSE(last().session->is_busy());
    EXPECT_EQ(last().link.resumes, 1U);
    EXPECT_THAT(last().say(subscribe("public")), ElementsAre(succeeded("public")));
    EXPECT_THAT(join(R"({"user_id":"b"})"), ::testing::SizeIs(1));
    world_.settings().max_presence_members = 0;
    EXPECT_THAT(join(R"({"user_id":"c"})"), ::testing::SizeIs(1));
}

TEST_F(Presence, r052_subscribing_again_as_another_user_leaves_first) {
    join(R"({"user_id":"watcher"})");
    Client& watcher = last();
    join(R"({"user_id":"old"})");
    watcher.link.take_sent();
    EXPECT_THAT(
        join_again(R"({"user_id":"new"})"),
        ElementsAre(members(R"({"count":2,"ids":["watcher","new"],"hash":{"watcher":{},"new":{}}})")
        )
    );
    EXPECT_THAT(
        watcher.link.take_sent(),
        ElementsAre(
            member_event("removed", R"({"user_id":"old"})"),
            member_event("added", R"({"user_id":"new","user_info":{}})")
        )
    );
    join_again(R"({"user_id":"new"})");
    EXPECT_THAT(watcher.link.take_sent(), IsEmpty());
}

TEST_F(Presence, r049_any_end_of_a_connection_is_one_departure) {
    join(R"({"user_id":"watcher"})");
    Client& watcher = last();
    for (int way = 0; way < 4; ++way) {
        join(R"({"user_id":"x"})");
        watcher.link.take_sent();
        if (way == 0) last().say(unsubscribe(room));
        if (way == 1) last().session->on_no_pong();
        if (way == 2) last().session->on_closed();
        if (way == 3) world_.hub().terminate(0, "x");
        clients_.pop_back();
        EXPECT_THAT(
            watcher.link.take_sent(), ElementsAre(member_event("removed", R"({"user_id":"x"})"))
        );
    }
}

TEST_F(Presence, r073_terminate_ends_the_user_s_connections_and_no_others) {
    join(R"({"user_id":5})");
    join(R"({"user_id":"5"})");
    join(R"({"user_id":"55"})");
    const auto elsewhere = world_.connect(77, 1);
    world_.hub().terminate(0, "5");
    for (const std::size_t i : {0U, 1U}) {
        EXPECT_EQ(
            clients_[i]->link.closed, (FakeLink::Close{4009, "You got disconnected by the app."})
        );
        EXPECT_EQ(
            clients_[i]->link.sent.back(), error_text(4009, "You got disconnected by the app.")
        );
    }
    EXPECT_FALSE(clients_[2]->link.closed);
    EXPECT_FALSE(elsewhere->link.closed);
    world_.settings().terminate_close_code = 4200;
    world_.hub().terminate(0, "55");
    EXPECT_EQ(clients_[2]->link.closed->code, 4200);
}

}  // namespace
}  // namespace fanfare::sessions::testing
