// SPDX-License-Identifier: MIT
#include "reverb/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fanfare::cluster::reverb {
namespace {

using ::testing::ElementsAre;

AnswerMerge merged(MetricType type, const std::vector<std::string_view>& payloads) {
    AnswerMerge merge(type);
    for (const std::string_view payload : payloads) EXPECT_TRUE(merge.add(payload)) << payload;
    return merge;
}

ChannelAttributes merged_channel(const std::vector<std::string_view>& payloads) {
    return merged(MetricType::channel, payloads).channel();
}

constexpr std::string_view everything = "occupied,user_count,subscription_count,cache";

TEST(Answer, r134_channels_have_the_bytes_of_the_specification) {
    const std::vector<ChannelFacts> channels{{"pub", 1, 0, ""}, {"nobody", 0, 0, ""}};
    EXPECT_EQ(
        channels_answer(channels, "subscription_count"),
        R"({"pub":{"subscription_count":1},"nobody":[]})"
    );
}

TEST(Answer, is_an_object_or_array_also_when_empty) {
    EXPECT_EQ(channels_answer({}, everything), "[]");
    EXPECT_EQ(users_answer({}), "[]");
    EXPECT_EQ(connections_answer({}), "[]");
}

TEST(Answer, of_a_channel_always_says_whether_it_is_occupied) {
    EXPECT_EQ(channel_answer({"pub", 0, 0, ""}, ""), R"({"occupied":false})");
    EXPECT_EQ(channel_answer({"pub", 2, 0, ""}, "nonsense"), R"({"occupied":true})");
}

TEST(Answer, leaves_out_what_does_not_fit_the_channel) {
    EXPECT_EQ(
        channel_answer({"pub", 2, 9, ""}, everything), R"({"occupied":true,"subscription_count":2})"
    );
    EXPECT_EQ(
        channel_answer({"presence-c", 2, 1, "null"}, everything),
        R"({"occupied":true,"user_count":1})"
    );
}

TEST(Answer, a_cache_outlives_its_subscribers) {
    EXPECT_EQ(
        channel_answer({"cache-c", 0, 0, R"({"data":"d"})"}, everything),
        R"({"occupied":false,"cache":{"data":"d"}})"
    );
}

TEST(Answer, lists_users_and_connections) {
    const std::vector<std::string> users{"1", "\""};
    EXPECT_EQ(users_answer(users), R"([{"id":"1"},{"id":"\""}])");
    const std::vector<std::string> sockets{"1.2", "3.4"};
    EXPECT_EQ(connections_answer(sockets), R"({"1.2":{},"3.4":{}})");
}

TEST(AnswerMerge, a_channel_is_occupied_if_it_is_anywhere) {
    EXPECT_EQ(merged_channel({R"({"occupied":false})", R"({"occupied":true})"}).occupied, true);
    EXPECT_EQ(merged_channel({R"({"occupied":true})", R"({"occupied":false})"}).occupied, true);
    EXPECT_EQ(merged_channel({R"({"occupied":false})"}).occupied, false);
    EXPECT_EQ(merged_channel({"[]"}).occupied, std::nullopt);
}

TEST(AnswerMerge, sums_counts_up) {
    const auto sum = merged_channel(
        {R"({"user_count":1,"subscription_count":2})",
         "{}",
         R"({"user_count":3,"subscription_count":4})"}
    );
    EXPECT_EQ(sum.user_count, 4U);
    EXPECT_EQ(sum.subscription_count, 6U);
    EXPECT_EQ(
        merged_channel({R"({"user_count":18446744073709551615})", R"({"user_count":1})"})
            .user_count,
        18446744073709551615U
    );
}

TEST(AnswerMerge, of_caches_the_last_counts_and_none_hides_no_other) {
    EXPECT_EQ(
        merged_channel({R"({"cache":{"a":1}})", R"({"cache":{"b": 2}})"}).cache, R"({"b": 2})"
    );
    EXPECT_EQ(
        merged_channel({R"({"cache":{"a":1}})", R"({"cache":null})", "[]"}).cache, R"({"a":1})"
    );
}

TEST(AnswerMerge, unites_channels) {
    const auto merge = merged(
        MetricType::channels,
        {R"({"a":{"subscription_count":1},"b":[]})",
         "[]",
         R"({"c":{"user_count":1},"a":{"subscription_count":2}})"}
    );
    const ChannelsByName expected{{"a", {{}, {}, 3, ""}}, {"b", {}}, {"c", {{}, 1, {}, ""}}};
    EXPECT_EQ(merge.channels(), expected);
}

// PHP cannot tell an array with the keys 0 and 1 from a list.
TEST(AnswerMerge, channels_with_numbers_for_names_come_as_a_list) {
    const auto merge = merged(MetricType::channels, {R"([{"user_count":1},{"user_count":2}])"});
    EXPECT_EQ(merge.channels().at("1").user_count, 2U);
}

TEST(AnswerMerge, r134_user_ids_are_distinct) {
    const auto merge = merged(
        MetricType::channel_users,
        {R"([{"id":"1"},{"id":2}])", R"({"0":{"id":"2"},"3":{"id":"\u00e9"}})", "[]"}
    );
    EXPECT_THAT(merge.ids(), ElementsAre("1", "2", "\xc3\xa9"));
}

TEST(AnswerMerge, unites_connections_by_id) {
    const auto merge =
        merged(MetricType::connections, {R"({"1.2":{},"3.4":[]})", "[]", R"({"1.2":{}})"});
    EXPECT_THAT(merge.ids(), ElementsAre("1.2", "3.4"));
}

TEST(AnswerMerge, r135_leaves_out_what_it_does_not_understand) {
    EXPECT_EQ(
        merged_channel({R"({"occupied":1,"user_count":"1","subscription_count":-1,"x":[]})"}),
        ChannelAttributes{}
    );
    EXPECT_EQ(merged_channel({R"({"user_count":1.5})"}), ChannelAttributes{});
    EXPECT_TRUE(merged(MetricType::channels, {R"({"a":1,"b":null})"}).channels().empty());
    EXPECT_TRUE(
        merged(MetricType::channel_users, {R"([1,"a",{"id":null},{},{"id":-1}])"}).ids().empty()
    );
    EXPECT_TRUE(merged(MetricType::connections, {"[{}]"}).ids().empty());
}

TEST(AnswerMerge, r135_refuses_what_is_no_object_or_array) {
    AnswerMerge merge(MetricType::channels);
    for (const auto* payload : {"", "1", "null", "\"\"", "{", "{\"a\":\xff}"}) {
        EXPECT_FALSE(merge.add(payload)) << payload;
    }
    EXPECT_TRUE(merge.channels().empty());
}

}  // namespace
}  // namespace fanfare::cluster::reverb
