// SPDX-License-Identifier: MIT
#include "roster.hpp"

#include "message_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::cluster {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::member_of;

constexpr Holder other = 1;

TEST(Roster, has_a_user_as_long_as_anybody_holds_one) {
    Roster roster;
    EXPECT_TRUE(roster.join(self, member_of("u")));
    EXPECT_FALSE(roster.join(other, member_of("u")));
    EXPECT_EQ(roster.leave(self, "u"), std::nullopt);
    EXPECT_TRUE(roster.presence().has("u"));
    EXPECT_EQ(roster.leave(other, "u"), "\"u\"");
    EXPECT_FALSE(roster.presence().has("u"));
    EXPECT_TRUE(roster.join(other, member_of("u")));
}

TEST(Roster, is_not_changed_by_saying_the_same_twice) {
    Roster roster;
    EXPECT_TRUE(roster.join(other, member_of("u")));
    EXPECT_FALSE(roster.join(other, member_of("u")));
    EXPECT_EQ(roster.leave(other, "u"), "\"u\"");
    EXPECT_EQ(roster.leave(other, "u"), std::nullopt);
}

TEST(Roster, knows_nothing_of_strangers) {
    Roster roster;
    roster.join(self, member_of("u"));
    EXPECT_EQ(roster.leave(other, "u"), std::nullopt);
    EXPECT_EQ(roster.leave(self, "v"), std::nullopt);
    EXPECT_FALSE(roster.holds(other, "u"));
    EXPECT_FALSE(roster.holds(self, "v"));
    EXPECT_FALSE(roster.holds_alone(self, "v"));
}

TEST(Roster, tells_who_holds_a_user_alone) {
    Roster roster;
    roster.join(self, member_of("u"));
    EXPECT_TRUE(roster.holds_alone(self, "u"));
    EXPECT_FALSE(roster.holds_alone(other, "u"));
    roster.join(other, member_of("u"));
    EXPECT_TRUE(roster.holds(self, "u"));
    EXPECT_FALSE(roster.holds_alone(self, "u"));
    roster.leave(self, "u");
    EXPECT_TRUE(roster.holds_alone(other, "u"));
}

TEST(Roster, keeps_the_first_form_of_a_user) {
    Roster roster;
    roster.join(self, {"7", "7", R"({"name":"first"})", "{}"});
    roster.join(other, {"7", "\"7\"", R"({"name":"second"})", "{}"});
    EXPECT_EQ(
        roster.presence().to_json(), R"({"count":1,"ids":["7"],"hash":{"7":{"name":"first"}}})"
    );
    roster.leave(self, "7");
    EXPECT_EQ(roster.leave(other, "7"), "7");
}

TEST(Roster, finds_the_holdings_that_are_wrong) {
    Roster roster;
    for (const char* user : {"u", "v", "w"}) roster.join(self, member_of(user));
    for (const char* user : {"v", "w"}) roster.join(other, member_of(user));
    const auto found = roster.find([](const Roster::Holding& holding) {
        return holding.holder == other && holding.user_id != "w";
    });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].user_id, "v");
    EXPECT_EQ(found[0].holder, other);
    EXPECT_THAT(roster.find([](const Roster::Holding&) { return false; }), IsEmpty());
    EXPECT_THAT(roster.presence().user_ids(), ElementsAre("u", "v", "w"));
}

}  // namespace

}  // namespace fanfare::cluster
