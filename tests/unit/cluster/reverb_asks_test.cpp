// SPDX-License-Identifier: MIT
#include "reverb_asks.hpp"

#include "reverb_facts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fanfare::cluster {
namespace {

using channels::ChannelKey;
using reverb::AnswerMerge;
using reverb::Metric;
using reverb::MetricType;

constexpr Clock::TimePoint start{};
constexpr std::chrono::seconds second{1};

struct Asker {
    Asker() {
        asks.add(
            "key",
            MetricType::connections,
            start + second,
            [this](const AnswerMerge* answers, bool is_partial) {
                text += answers == nullptr ? "alone" : std::to_string(answers->ids().size());
                if (is_partial) text += " partial";
            }
        );
    }

    ReverbAsks asks;
    std::string text;
};

TEST(ReverbAsks, r135_complete_when_all_have_answered) {
    Asker asker;
    asker.asks.on_count("key", 3);
    asker.asks.on_answer("key", R"({"1.1":{}})");
    asker.asks.on_answer("other", R"({"9.9":{}})");
    asker.asks.on_answer("key", "[]");
    EXPECT_EQ(asker.text, "");
    asker.asks.on_answer("key", R"({"1.1":{},"2.2":{}})");
    EXPECT_EQ(asker.text, "2");
    asker.asks.on_answer("key", "[]");
    asker.asks.give_up_on_all();
    EXPECT_EQ(asker.text, "2");
}

TEST(ReverbAsks, r135_answers_may_come_before_their_number) {
    Asker asker;
    asker.asks.on_answer("key", R"({"1.1":{}})");
    asker.asks.on_answer("key", R"({"2.2":{}})");
    asker.asks.on_count("key", 2);
    EXPECT_EQ(asker.text, "2");
}

TEST(ReverbAsks, r135_after_a_second_with_what_there_is) {
    Asker asker;
    asker.asks.on_count("key", 2);
    asker.asks.on_answer("key", R"({"1.1":{}})");
    asker.asks.give_up_on_late(start + second / 2);
    EXPECT_EQ(asker.text, "");
    asker.asks.give_up_on_late(start + second);
    EXPECT_EQ(asker.text, "1 partial");
}

TEST(ReverbAsks, r135_without_redis_alone) {
    Asker asker;
    asker.asks.give_up_on_all();
    EXPECT_EQ(asker.text, "alone partial");
}

ShardFacts shard(channels::ChannelHome::Listing channels, std::vector<std::string> ids = {}) {
    return {std::move(channels), std::move(ids)};
}

TEST(ReverbFacts, r135_shards_are_added_up) {
    Metric metric;
    metric.type = MetricType::channels;
    metric.info = "subscription_count,user_count";
    EXPECT_EQ(
        payload_of(metric, {shard({{"b", {2, 0}}}), shard({{"presence-a", {3, 1}}})}),
        R"({"b":{"subscription_count":2},"presence-a":{"user_count":1}})"
    );
    EXPECT_EQ(payload_of(metric, {shard({}), shard({})}), "[]");
    metric.listed = {"b", "none", "b"};
    EXPECT_EQ(
        payload_of(metric, {shard({{"b", {2, 0}}}), shard({})}),
        R"({"b":{"subscription_count":2},"none":[]})"
    );
}

TEST(ReverbFacts, r135_every_type_has_an_answer_without_facts) {
    Metric metric;
    metric.channel = "c";
    for (const MetricType type : {MetricType::channels, MetricType::channel_users}) {
        metric.type = type;
        EXPECT_EQ(payload_of(metric, {}), "[]");
    }
    metric.type = MetricType::connections;
    EXPECT_EQ(payload_of(metric, {}), "[]");
    metric.type = MetricType::channel;
    EXPECT_EQ(payload_of(metric, {}), R"({"occupied":false})");
}

TEST(ReverbFacts, r135_answers_become_stats) {
    AnswerMerge answers(MetricType::channels);
    answers.add(R"({"a":{"occupied":true,"subscription_count":2},"presence-b":{"occupied":true,)"
                R"("user_count":3},"c":{"occupied":false},"d":[],"e":{"occupied":true}})");
    const auto stats = stats_of({{0, "presence-b"}, {0, "missing"}, {0, "a"}, {0, "e"}}, answers);
    ASSERT_EQ(stats.size(), 4U);
    EXPECT_EQ(stats[0].users, 3U);
    EXPECT_TRUE(stats[0].is_occupied());
    EXPECT_FALSE(stats[1].is_occupied());
    EXPECT_EQ(stats[2].subscriptions, 2U);
    EXPECT_TRUE(stats[3].is_occupied());
    EXPECT_EQ(listing_of(answers).size(), 3U);
}

}  // namespace
}  // namespace fanfare::cluster
