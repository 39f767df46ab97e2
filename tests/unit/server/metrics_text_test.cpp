// SPDX-License-Identifier: MIT
#include "metrics_text.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

namespace fanfare::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

AppStats app(const std::string& id, std::uint64_t connections, std::uint64_t events) {
    AppStats stats;
    stats.id = id;
    stats.connections = connections;
    stats.counts.events = events;
    stats.counts.api_sent_bytes = 17;
    return stats;
}

/// Two shards, two apps, in a cluster, with everything that can be shown.
Stats full_stats() {
    Stats stats;
    stats.version = "1.2.3";
    stats.state = ServerState::serving;
    stats.is_ready = true;
    stats.port = 6001;
    stats.shards.resize(2);
    stats.shards[1].connections = 7;
    stats.shards[1].queued_bytes = 512;
    stats.shards[1].http_sent_bytes = 99;
    stats.shards[1].fan_out[0] = 2;
    stats.shards[1].fan_out[3] = 1;
    stats.shards[1].fan_out.back() = 1;
    stats.shards[1].fan_out_sum = 1'500ms;
    stats.apps = {app("first", 3, 10), app("a \"quoted\" one", 4, 0)};
    stats.refusals[static_cast<std::size_t>(Counter::api_clock_skew)] = 3;
    stats.answers[static_cast<std::size_t>(HttpRoute::events)][2] = 8;  // 200
    stats.answers[static_cast<std::size_t>(HttpRoute::events)][6] = 1;  // 401
    stats.webhooks.dead_letters = 5;
    stats.is_database_up = false;
    stats.bus = cluster::BusState{true, 2, 1'500us, 64};
    return stats;
}

std::string text() {
    return metrics_text(full_stats(), false);
}

std::vector<std::string> lines_of(const std::string& page) {
    std::istringstream stream(page);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

TEST(MetricsText, tells_every_counter) {
    EXPECT_THAT(
        text(), HasSubstr("\nfanfare_api_requests_refused_total{reason=\"clock_skew\"} 3\n")
    );
    for (const CounterName& name : counter_names()) {
        const std::string sample =
            std::string(name.family) + "{reason=\"" + std::string(name.reason) + "\"} ";
        EXPECT_THAT(text(), HasSubstr("\n" + sample));
    }
}

TEST(MetricsText, has_the_shards_numbers_by_shard) {
    EXPECT_THAT(text(), HasSubstr("\nfanfare_connections{shard=\"0\"} 0\n"));
    EXPECT_THAT(text(), HasSubstr("\nfanfare_connections{shard=\"1\"} 7\n"));
    EXPECT_THAT(text(), HasSubstr("\nfanfare_queued_bytes{shard=\"1\"} 512\n"));
    EXPECT_THAT(
        text(), HasSubstr("\nfanfare_sent_bytes_total{shard=\"1\",protocol=\"http\"} 99\n")
    );
}

TEST(MetricsText, has_the_apps_numbers_by_app) {
    EXPECT_THAT(text(), HasSubstr("\nfanfare_app_connections{app=\"first\"} 3\n"));
    EXPECT_THAT(text(), HasSubstr("\nfanfare_app_events_total{app=\"first\"} 10\n"));
    EXPECT_THAT(text(), HasSubstr("\nfanfare_app_connections{app=\"a \\\"quoted\\\" one\"} 4\n"));
}

TEST(MetricsText, a_histogram_adds_its_buckets_up) {
    const std::string bucket = "\nfanfare_fan_out_seconds_bucket{shard=\"1\",le=";
    EXPECT_THAT(
        text(),
        AllOf(
            HasSubstr(bucket + "\"1e-05\"} 2\n"),
            HasSubstr(bucket + "\"0.0001\"} 3\n"),
            HasSubstr(bucket + "\"1\"} 3\n"),
            HasSubstr(bucket + "\"+Inf\"} 4\n"),
            HasSubstr("\nfanfare_fan_out_seconds_sum{shard=\"1\"} 1.5\n"),
            HasSubstr("\nfanfare_fan_out_seconds_count{shard=\"1\"} 4\n")
        )
    );
}

TEST(MetricsText, shows_the_answers_there_were_and_those_hoped_for) {
    const std::string family = "\nfanfare_api_requests_total";
    EXPECT_THAT(text(), HasSubstr(family + "{route=\"events\",status=\"200\"} 8\n"));
    EXPECT_THAT(text(), HasSubstr(family + "{route=\"events\",status=\"401\"} 1\n"));
    EXPECT_THAT(text(), HasSubstr(family + "{route=\"users\",status=\"200\"} 0\n"));
    EXPECT_THAT(text(), HasSubstr(family + "{route=\"websocket\",status=\"101\"} 0\n"));
    EXPECT_THAT(text(), Not(HasSubstr("{route=\"users\",status=\"401\"}")));
}

TEST(MetricsText, tells_how_the_node_is) {
    EXPECT_THAT(
        text(),
        AllOf(
            HasSubstr("\nfanfare_build_info{version=\"1.2.3\"} 1\n"),
            HasSubstr("\nfanfare_ready 1\n"),
            HasSubstr("\nfanfare_apps_database_up 0\n"),
            HasSubstr("\nfanfare_redis_connected 1\n"),
            HasSubstr("\nfanfare_redis_losses_total 2\n"),
            HasSubstr("\nfanfare_redis_lag_seconds 0.0015\n"),
            HasSubstr("\nfanfare_redis_queued_bytes 64\n"),
            HasSubstr("\nfanfare_webhook_events_total{result=\"dead_letter\"} 5\n"),
            HasSubstr("\nprocess_open_fds 0\n")
        )
    );
}

TEST(MetricsText, of_redis_and_a_database_that_are_not_used_there_is_nothing) {
    Stats stats = full_stats();
    stats.bus.reset();
    stats.is_database_up.reset();
    const std::string alone = metrics_text(stats, false);
    EXPECT_THAT(alone, Not(HasSubstr("redis")));
    EXPECT_THAT(alone, Not(HasSubstr("database")));
}

TEST(MetricsText, soketis_names_come_if_they_are_wanted) {
    EXPECT_THAT(text(), Not(HasSubstr("soketi")));
    const std::string both = metrics_text(full_stats(), true);
    EXPECT_THAT(both, HasSubstr("\nsoketi_connected{app_id=\"first\",port=\"6001\"} 3\n"));
    EXPECT_THAT(
        both, HasSubstr("\nsoketi_http_transmitted_bytes{app_id=\"first\",port=\"6001\"} 17\n")
    );
    EXPECT_THAT(both, HasSubstr("\nfanfare_app_connections{app=\"first\"} 3\n"));
}

TEST(MetricsText, has_lines_of_the_format_only) {
    const std::string label = R"([a-z_]+="([^"\\]|\\["\\n])*")";
    const std::regex line(
        R"(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{)" + label + "(," +
        label + R"()*\})? [0-9][0-9.e+-]*)"
    );
    for (const std::string& each : lines_of(metrics_text(full_stats(), true))) {
        EXPECT_TRUE(std::regex_match(each, line)) << each;
    }
}

TEST(MetricsText, each_family_has_one_head_in_front_of_its_samples) {
    std::set<std::string> heads;
    std::string family;
    for (const std::string& line : lines_of(metrics_text(full_stats(), true))) {
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(heads.insert(family).second) << family << " twice";
        } else if (line.starts_with("# TYPE ")) {
            EXPECT_EQ(line.substr(7, line.find(' ', 7) - 7), family);
        } else {
            EXPECT_TRUE(line.starts_with(family)) << line << " below " << family;
        }
    }
}

}  // namespace
}  // namespace fanfare::server
