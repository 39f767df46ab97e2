// SPDX-License-Identifier: MIT
#include "fanfare/channels/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <random>
#include <string>

namespace fanfare::channels {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Change = Presence::Change;

Member member(const std::string& id, const std::string& info = "{}") {
    return {id, '"' + id + '"', info, R"({"user_id":")" + id + R"(","user_info":)" + info + "}"};
}

TEST(Presence, first_connection_of_a_user_adds_a_member) {
    Presence presence;
    EXPECT_EQ(presence.join(member("1")), Change::added);
    EXPECT_EQ(presence.size(), 1U);
    EXPECT_TRUE(presence.has("1"));
    EXPECT_FALSE(presence.has("2"));
}

TEST(Presence, r046_second_tab_of_a_user_adds_no_member) {
    Presence presence;
    (void)presence.join(member("1"));
    EXPECT_EQ(presence.join(member("1")), Change::none);
    EXPECT_EQ(presence.size(), 1U);
}

TEST(Presence, r046_only_the_last_connection_of_a_user_removes_the_member) {
    Presence presence;
    (void)presence.join(member("1"));
    (void)presence.join(member("1"));
    EXPECT_EQ(presence.leave("1"), Change::none);
    EXPECT_TRUE(presence.has("1"));
    EXPECT_EQ(presence.leave("1"), Change::removed);
    EXPECT_FALSE(presence.has("1"));
    EXPECT_EQ(presence.size(), 0U);
}

TEST(Presence, a_stranger_that_leaves_changes_nothing) {
    Presence presence;
    EXPECT_EQ(presence.leave("1"), Change::none);
    (void)presence.join(member("1"));
    EXPECT_EQ(presence.leave("2"), Change::none);
    EXPECT_EQ(presence.leave(""), Change::none);
    EXPECT_EQ(presence.size(), 1U);
}

TEST(Presence, a_user_may_come_back) {
    Presence presence;
    (void)presence.join(member("1", R"({"v":1})"));
    (void)presence.leave("1");
    EXPECT_EQ(presence.join(member("1", R"({"v":2})")), Change::added);
    EXPECT_EQ(presence.to_json(), R"({"count":1,"ids":["1"],"hash":{"1":{"v":2}}})");
}

TEST(Presence, lists_members_in_join_order) {
    Presence presence;
    for (const auto* id : {"c", "a", "b", "a"}) (void)presence.join(member(id));
    EXPECT_THAT(presence.user_ids(), ElementsAre("c", "a", "b"));
    (void)presence.leave("c");
    (void)presence.join(member("c"));
    EXPECT_THAT(presence.user_ids(), ElementsAre("a", "b", "c"));
}

TEST(Presence, keeps_the_user_info_of_the_first_connection) {
    Presence presence;
    (void)presence.join(member("1", R"({"tab":1})"));
    (void)presence.join(member("1", R"({"tab":2})"));
    EXPECT_EQ(presence.to_json(), R"({"count":1,"ids":["1"],"hash":{"1":{"tab":1}}})");
}

TEST(Presence, r045_hash_is_an_object_when_empty_and_for_ids_from_zero) {
    Presence presence;
    EXPECT_EQ(presence.to_json(), R"({"count":0,"ids":[],"hash":{}})");
    (void)presence.join(member("0"));
    (void)presence.join(member("1"));
    EXPECT_EQ(presence.to_json(), R"({"count":2,"ids":["0","1"],"hash":{"0":{},"1":{}}})");
}

TEST(Presence, r050_ids_are_strings_and_the_signed_form_is_remembered) {
    Presence presence;
    (void)presence.join({"7", "7", "{}", R"({"user_id":7})"});
    EXPECT_EQ(presence.join(member("7")), Change::none) << "7 and \"7\" are one user";
    EXPECT_EQ(presence.to_json(), R"({"count":1,"ids":["7"],"hash":{"7":{}}})");
    ASSERT_NE(presence.user_id_json("7"), nullptr);
    EXPECT_EQ(*presence.user_id_json("7"), "7");
    EXPECT_EQ(presence.user_id_json("8"), nullptr);
}

TEST(Presence, user_info_is_copied_and_ids_are_escaped) {
    Presence presence;
    (void)presence.join(member("a\"b", R"({ "x" : 1.0, "y":"\u00e9\/" })"));
    EXPECT_EQ(
        presence.to_json(),
        R"({"count":1,"ids":["a\"b"],"hash":{"a\"b":{ "x" : 1.0, "y":"\u00e9\/" }}})"
    );
}

TEST(Presence, random_joins_and_leaves_agree_with_a_count_per_user) {
    std::mt19937 random(5);
    Presence presence;
    std::map<std::string, int> connections;
    for (int i = 0; i < 20'000; ++i) {
        const std::string id = std::to_string(random() % 12);
        int& count = connections[id];
        if (random() % 2 == 0) {
            ASSERT_EQ(presence.join(member(id)), ++count == 1 ? Change::added : Change::none);
        } else {
            const Change expected = count == 1 ? Change::removed : Change::none;
            count = std::max(0, count - 1);
            ASSERT_EQ(presence.leave(id), expected);
        }
        ASSERT_EQ(presence.has(id), count > 0);
        if (i % 100 != 0) continue;
        const auto json = nlohmann::json::parse(presence.to_json());
        ASSERT_EQ(json["count"], presence.size());
        ASSERT_EQ(json["ids"].size(), presence.size());
        ASSERT_EQ(json["hash"].size(), presence.size());
        for (const auto& user : presence.user_ids()) ASSERT_GT(connections[user], 0);
    }
}

}  // namespace
}  // namespace fanfare::channels
