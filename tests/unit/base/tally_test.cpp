// SPDX-License-Identifier: MIT
#include "fanfare/base/tally.hpp"

#include "fanfare/base/activity.hpp"

#include <gtest/gtest.h>

namespace fanfare {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, a_bound_belongs_to_its_bucket) {
    LatencyHistogram histogram;
    histogram.record(0ns);
    histogram.record(10us);
    histogram.record(10us + 1ns);
    histogram.record(1s);
    histogram.record(1s + 1ns);
    EXPECT_EQ(histogram.count_in(0), 2U);
    EXPECT_EQ(histogram.count_in(1), 1U);
    EXPECT_EQ(histogram.count_in(LatencyHistogram::bounds.size() - 1), 1U);
    EXPECT_EQ(histogram.count_in(LatencyHistogram::bounds.size()), 1U) << "longer than all bounds";
    EXPECT_EQ(histogram.sum(), 2s + 20us + 2ns);
}

TEST(LatencyHistogram, its_bounds_grow) {
    for (std::size_t i = 1; i < LatencyHistogram::bounds.size(); ++i) {
        EXPECT_LT(LatencyHistogram::bounds[i - 1], LatencyHistogram::bounds[i]);
    }
}

TEST(HttpAnswers, an_unusual_status_is_one_of_the_others) {
    HttpAnswers answers;
    answers.add(HttpRoute::events, 200);
    answers.add(HttpRoute::events, 200);
    answers.add(HttpRoute::other, 418);
    EXPECT_EQ(http_statuses[2], 200U);
    EXPECT_EQ(answers.count(static_cast<std::size_t>(HttpRoute::events), 2), 2U);
    EXPECT_EQ(answers.count(static_cast<std::size_t>(HttpRoute::other), 0), 1U);
}

TEST(Activity, apps_beyond_the_bound_share_a_place) {
    Activity activity;
    activity.of_app(Activity::max_apps - 1).events.add();
    activity.of_app(Activity::max_apps).events.add();
    activity.of_app(Activity::max_apps + 1'000).events.add();
    EXPECT_EQ(activity.of_app(Activity::max_apps - 1).events.value(), 1U);
    EXPECT_EQ(activity.of_app(Activity::max_apps + 7).events.value(), 2U);
}

}  // namespace
}  // namespace fanfare
