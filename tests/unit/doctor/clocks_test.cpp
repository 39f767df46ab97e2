// SPDX-License-Identifier: MIT
#include "clocks.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

using namespace std::chrono_literals;

Finding judged(std::chrono::seconds ahead, std::chrono::seconds tolerance = 600s) {
    return only(judge_clocks({{"Redis", ahead}}, tolerance));
}

TEST(Clocks, may_differ_by_a_minute_and_by_what_a_signature_bears) {
    EXPECT_THAT(judged(0s), Says(Severity::ok, "that of this machine", ""));
    EXPECT_THAT(judged(60s), Says(Severity::ok, "60 s ahead of", ""));
    EXPECT_THAT(judged(-61s), Says(Severity::warning, "61 s behind this", "timedatectl"));
    EXPECT_THAT(judged(600s), Says(Severity::warning, "600 s ahead", "timedatectl"));
    EXPECT_THAT(judged(601s), Says(Severity::error, "601 s ahead", "timedatectl"));
    EXPECT_THAT(judged(-301s, 300s), Says(Severity::error, "301 s behind", "timedatectl"));
    EXPECT_THAT(judged(500s, 0s), Says(Severity::warning, "500 s ahead", "timedatectl"));
}

TEST(Clocks, are_read_from_the_date_of_an_answer) {
    Visit visit;
    EXPECT_FALSE(read_clock("x", visit));
    visit.answer = probe::Answer{};
    EXPECT_FALSE(read_clock("x", visit));
    visit.at = std::chrono::system_clock::from_time_t(1'800'000'000);
    visit.answer->date = "Fri, 15 Jan 2027 08:10:00 GMT";
    ASSERT_TRUE(read_clock("x", visit));
    EXPECT_EQ(read_clock("x", visit)->ahead, 600s);
    visit.answer->date = "yesterday";
    EXPECT_FALSE(read_clock("x", visit));
}

}  // namespace

}  // namespace fanfare::doctor
