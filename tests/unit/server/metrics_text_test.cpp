// SPDX-License-Identifier: MIT
#include "metrics_text.hpp"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

namespace fanfare::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string text() {
    webhooks::Counters webhooks;
    webhooks.dead_letters = 5;
    return prometheus_text(
        [](Counter counter) { return counter == Counter::api_clock_skew ? 3U : 0U; }, webhooks
    );
}

TEST(PrometheusText, tells_every_counter) {
    EXPECT_THAT(
        text(), HasSubstr("\nfanfare_api_requests_refused_total{reason=\"clock_skew\"} 3\n")
    );
    for (const CounterName& name : counter_names()) {
        EXPECT_THAT(
            text(),
            HasSubstr(
                "\n" + std::string(name.family) + "{reason=\"" + std::string(name.reason) + "\"} "
            )
        );
    }
}

TEST(PrometheusText, describes_a_family_in_front_of_its_counters) {
    EXPECT_THAT(
        text(),
        StartsWith("# HELP fanfare_connections_refused_total Clients that were turned away when "
                   "they connected.\n"
                   "# TYPE fanfare_connections_refused_total counter\n"
                   "fanfare_connections_refused_total{reason=\"unknown_app\"} 0\n")
    );
}

TEST(PrometheusText, tells_what_has_become_of_webhooks) {
    EXPECT_THAT(text(), HasSubstr("\nfanfare_webhook_events_total{result=\"dead_letter\"} 5\n"));
    EXPECT_THAT(text(), HasSubstr("\nfanfare_webhook_queued_events 0\n"));
}

TEST(PrometheusText, has_lines_of_the_format_only) {
    const std::regex line(
        R"(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{(reason|result)="[a-z0-9_]+"\})? [0-9]+)"
    );
    std::istringstream lines(text());
    for (std::string each; std::getline(lines, each);) {
        EXPECT_TRUE(std::regex_match(each, line)) << each;
    }
}

}  // namespace
}  // namespace fanfare::server
