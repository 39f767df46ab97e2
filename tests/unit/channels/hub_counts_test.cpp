// SPDX-License-Identifier: MIT
// What a Hub counts of its shard.
#include "hub_shards.hpp"

#include <chrono>
#include <numeric>

namespace fanfare::channels::testing {
namespace {

using namespace std::chrono_literals;

class HubCounts : public HubTest {
protected:
    /// Over all shards.
    [[nodiscard]] std::uint64_t total(Tally AppActivity::*what, AppIndex app = 0) const {
        std::uint64_t sum = 0;
        for (unsigned shard = 0; shard < GetParam(); ++shard) {
            sum += (shards.network.activity(shard).of_app(app).*what).value();
        }
        return sum;
    }

    /// Of the shard of `b`.
    [[nodiscard]] const LatencyHistogram& fan_out() const {
        return shards.network.activity(shards.last).fan_out;
    }

    static std::uint64_t count(const LatencyHistogram& histogram) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < LatencyHistogram::bucket_count; ++i) {
            sum += histogram.count_in(i);
        }
        return sum;
    }
};

INSTANTIATE_TEST_SUITE_P(Shards, HubCounts, ::testing::Values(1U, 3U));

TEST_P(HubCounts, an_event_counts_once_and_each_delivery) {
    shards.join(a, news);
    shards.join(b, news);
    shards.publish({event(news, "12345")});
    EXPECT_EQ(total(&AppActivity::events), 1U);
    EXPECT_EQ(total(&AppActivity::deliveries), 2U);
    EXPECT_EQ(total(&AppActivity::messages_sent), 2U);
    EXPECT_EQ(total(&AppActivity::sent_bytes), 2 * (2 + 5U)) << "with the header of each";
    EXPECT_EQ(total(&AppActivity::events, 1), 0U) << "another app";
}

TEST_P(HubCounts, who_is_left_out_is_not_counted) {
    shards.join(a, news);
    shards.join(b, news);
    shards.publish({{ChannelKey(news), EncodedFrame("x"), a.socket_id()}});
    EXPECT_EQ(total(&AppActivity::deliveries), 1U);
}

TEST_P(HubCounts, an_event_for_nobody_is_an_event) {
    shards.publish({event(news, "x")});
    EXPECT_EQ(total(&AppActivity::events), 1U);
    EXPECT_EQ(total(&AppActivity::deliveries), 0U);
    EXPECT_EQ(count(fan_out()), 0U);
}

TEST_P(HubCounts, the_fan_out_of_a_shard_takes_from_the_publish_to_the_last_subscriber) {
    shards.join(b, news);
    shards.network.hub(0).publish({event(news, "x")}, nullptr);
    shards.network.clock().advance(30ms);
    shards.settle();
    EXPECT_EQ(count(fan_out()), 1U);
    const bool is_at_once = GetParam() == 1;
    EXPECT_EQ(fan_out().sum(), is_at_once ? 0ms : 30ms);
}

TEST_P(HubCounts, news_of_members_are_deliveries_and_no_events) {
    shards.join(a, room, member("1"));
    shards.join(b, room, member("2"));
    EXPECT_EQ(total(&AppActivity::deliveries), 1U) << "member_added, to the first";
    EXPECT_EQ(total(&AppActivity::events), 0U);
    EXPECT_EQ(count(fan_out()), 0U);
}

TEST_P(HubCounts, channels_are_counted_where_their_subscribers_are) {
    shards.join(a, news);
    shards.join(a, room, member("1"));
    EXPECT_EQ(shards.network.hub(0).channel_count(), 2U);
    EXPECT_EQ(shards.network.hub(shards.last).channel_count(), GetParam() == 1 ? 2U : 0U);
    shards.network.hub(0).leave(a, news);
    EXPECT_EQ(shards.network.hub(0).channel_count(), 1U);
}

}  // namespace
}  // namespace fanfare::channels::testing
