// SPDX-License-Identifier: MIT
#include "reverb/pending_metric.hpp"

#include "reverb_app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace fanfare::cluster::reverb {
namespace {

using ::testing::ElementsAre;

std::string serialized(std::string_view enum_case, std::string_view options) {
    std::string text =
        R"(O:45:"Laravel\Reverb\Protocols\Pusher\PendingMetric":6:{)"
        R"(s:14:"%*%subscribers";N;s:7:"%*%data";a:0:{}s:6:"%*%key";s:10:"QeciusM2PA";)"
        R"(s:14:"%*%application";)";
    text.append(lab_app().serialized()).append(R"(s:7:"%*%type";)").append(enum_case);
    return with_zero_bytes(text.append(R"(s:10:"%*%options";)").append(options).append("}"));
}

constexpr std::string_view channels_case =
    R"(E:51:"Laravel\Reverb\Protocols\Pusher\MetricType:CHANNELS";)";
constexpr std::string_view channel_case =
    R"(E:50:"Laravel\Reverb\Protocols\Pusher\MetricType:CHANNEL";)";
constexpr std::string_view users_case =
    R"(E:56:"Laravel\Reverb\Protocols\Pusher\MetricType:CHANNEL_USERS";)";
constexpr std::string_view connections_case =
    R"(E:54:"Laravel\Reverb\Protocols\Pusher\MetricType:CONNECTIONS";)";

/// Writes the metric in exactly these bytes, and reads them.
void expect_both_ways(const Metric& metric, const std::string& text) {
    EXPECT_EQ(serialize_metric("QeciusM2PA", lab_app(), metric), text);
    const auto pending = read_metric(text);
    ASSERT_TRUE(pending) << text;
    EXPECT_EQ(pending->key, "QeciusM2PA");
    EXPECT_EQ(pending->app_id, "lab-app");
    EXPECT_EQ(pending->metric.type, metric.type);
    EXPECT_EQ(pending->metric.filter, metric.filter);
    EXPECT_EQ(pending->metric.info, metric.info);
    EXPECT_EQ(pending->metric.listed, metric.listed);
    EXPECT_EQ(pending->metric.channel, metric.channel);
}

TEST(PendingMetric, r134_channels_by_filter) {
    Metric metric;
    metric.type = MetricType::channels;
    expect_both_ways(metric, serialized(channels_case, R"(a:2:{s:6:"filter";N;s:4:"info";N;})"));
    metric.filter = "presence-";
    metric.info = "user_count";
    expect_both_ways(
        metric,
        serialized(
            channels_case, R"(a:2:{s:6:"filter";s:9:"presence-";s:4:"info";s:10:"user_count";})"
        )
    );
}

TEST(PendingMetric, r134_channels_of_a_trigger) {
    Metric metric;
    metric.type = MetricType::channels;
    metric.info = "user_count";
    metric.listed = {"a", "b"};
    expect_both_ways(
        metric,
        serialized(
            channels_case,
            R"(a:2:{s:4:"info";s:10:"user_count";s:8:"channels";a:2:{i:0;s:1:"a";i:1;s:1:"b";}})"
        )
    );
}

TEST(PendingMetric, r134_channel) {
    Metric metric;
    metric.type = MetricType::channel;
    metric.channel = "pub";
    metric.info = "occupied";
    expect_both_ways(
        metric,
        serialized(channel_case, R"(a:2:{s:7:"channel";s:3:"pub";s:4:"info";s:8:"occupied";})")
    );
}

TEST(PendingMetric, r134_channel_users) {
    Metric metric;
    metric.type = MetricType::channel_users;
    metric.channel = "presence-c";
    expect_both_ways(metric, serialized(users_case, R"(a:1:{s:7:"channel";s:10:"presence-c";})"));
}

TEST(PendingMetric, r134_connections) {
    expect_both_ways({}, serialized(connections_case, "a:0:{}"));
}

TEST(PendingMetric, r135_refuses_what_it_cannot_answer) {
    EXPECT_FALSE(read_metric(serialized(channel_case, "a:0:{}")));
    EXPECT_FALSE(read_metric(serialized(users_case, R"(a:1:{s:7:"channel";N;})")));
    EXPECT_FALSE(read_metric(serialized(connections_case, "N;")));
    EXPECT_FALSE(read_metric(serialized(channels_case, R"(a:1:{s:8:"channels";a:1:{i:0;N;}})")));
    EXPECT_FALSE(read_metric(serialized("N;", "a:0:{}")));
    EXPECT_FALSE(read_metric(
        serialized(R"(E:47:"Laravel\Reverb\Protocols\Pusher\MetricType:NEXT";)", "a:0:{}")
    ));
    EXPECT_FALSE(read_metric(lab_app().serialized()));
}

// Its answer would be taken for an event without an application, at which Reverb ends.
TEST(PendingMetric, r135_refuses_a_key_that_is_the_type_of_other_messages) {
    std::string text = serialized(connections_case, "a:0:{}");
    text.replace(text.find("s:10:\"QeciusM2PA\""), 17, "s:7:\"message\"");
    EXPECT_FALSE(read_metric(text));
}

TEST(MetricKey, has_ten_letters_and_digits) {
    std::uint64_t number = 0;
    const std::string key = make_metric_key([&] { return number++ * 7; });
    EXPECT_EQ(key, "AHOVcjqx4B");
    EXPECT_TRUE(is_metric_key(key));
}

}  // namespace
}  // namespace fanfare::cluster::reverb
