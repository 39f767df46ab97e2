// SPDX-License-Identifier: MIT
#include "attributes.hpp"

#include <gtest/gtest.h>

namespace fanfare::api {
namespace {

std::string json(std::string_view channel, std::size_t subscriptions, std::string_view info) {
    channels::ChannelStats stats;
    stats.subscriptions = static_cast<decltype(stats.subscriptions)>(subscriptions);
    stats.users = static_cast<decltype(stats.users)>(subscriptions / 2);
    return to_json(channel, stats, Attributes::parse(info));
}

constexpr std::string_view all = "occupied,user_count,subscription_count";

TEST(Attributes, are_a_list_with_commas_in_which_unknown_names_do_not_count) {
    const Attributes wanted = Attributes::parse(" user_count , cache,,nonsense,occupied");
    EXPECT_TRUE(wanted.occupied);
    EXPECT_TRUE(wanted.user_count);
    EXPECT_FALSE(wanted.subscription_count);
    const Attributes nothing = Attributes::parse("User_count,user_counts,user count, ");
    EXPECT_FALSE(nothing.occupied || nothing.user_count || nothing.subscription_count);
    EXPECT_TRUE(Attributes::parse("subscription_count").subscription_count);
    EXPECT_FALSE(Attributes::parse("").occupied);
}

TEST(Attributes, r087_leave_out_what_does_not_apply_to_the_kind_of_channel) {
    EXPECT_EQ(json("presence-a", 4, all), R"({"occupied":true,"user_count":2})");
    EXPECT_EQ(json("a", 4, all), R"({"occupied":true,"subscription_count":4})");
    EXPECT_EQ(json("private-a", 4, all), R"({"occupied":true,"subscription_count":4})");
    EXPECT_EQ(json("presencefoo", 4, all), R"({"occupied":true,"subscription_count":4})");
    EXPECT_EQ(json("presence-a", 4, "subscription_count"), "{}");
    EXPECT_EQ(json("a", 4, "user_count"), "{}");
}

TEST(Attributes, r091_an_empty_channel_has_no_counts) {
    EXPECT_EQ(json("presence-a", 0, all), R"({"occupied":false})");
    EXPECT_EQ(json("a", 0, "subscription_count"), "{}");
    EXPECT_EQ(json("a", 0, ""), "{}");
}

}  // namespace
}  // namespace fanfare::api
