// SPDX-License-Identifier: MIT
#include "prometheus_text.hpp"

#include <gtest/gtest.h>

namespace fanfare::server {
namespace {

TEST(PrometheusText, writes_a_head_and_samples) {
    PrometheusText text;
    text.begin_family("a_total", "What a is.", "counter");
    text.add({}, std::uint64_t{3});
    text.add({{"shard", "0"}, {"kind", "x"}}, std::uint64_t{4});
    EXPECT_EQ(
        text.take(),
        "# HELP a_total What a is.\n"
        "# TYPE a_total counter\n"
        "a_total 3\n"
        "a_total{shard=\"0\",kind=\"x\"} 4\n"
    );
}

TEST(PrometheusText, a_suffix_follows_the_name_of_the_family) {
    PrometheusText text;
    text.begin_family("a_seconds", "h", "histogram");
    text.add("_bucket", {{"le", "+Inf"}}, "2");
    EXPECT_TRUE(text.take().ends_with("\na_seconds_bucket{le=\"+Inf\"} 2\n"));
}

std::string label_of(std::string_view value) {
    PrometheusText text;
    text.add("", {{"app", value}}, "1");
    return text.take();
}

TEST(PrometheusText, escapes_what_would_end_a_label) {
    EXPECT_EQ(label_of("a\"b\\c\nd"), "{app=\"a\\\"b\\\\c\\nd\"} 1\n");
    EXPECT_EQ(label_of("münchen"), "{app=\"münchen\"} 1\n");
}

TEST(PrometheusText, a_label_that_is_no_utf8_becomes_ascii) {
    EXPECT_EQ(label_of("caf\xe9"), "{app=\"caf?\"} 1\n");
}

TEST(PrometheusText, fractions_are_exact) {
    PrometheusText text;
    text.add({}, 0.00001);
    EXPECT_EQ(std::stod(text.take()), 0.00001);
}

}  // namespace
}  // namespace fanfare::server
