// SPDX-License-Identifier: MIT
#include "fanfare/channels/count_throttle.hpp"

#include "support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace fanfare::channels {

namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ChannelRef news{0, "news"};

class CountThrottleTest : public ::testing::Test {
protected:
    bool take(std::uint64_t count) { return throttle.take(news, count, clock.now()); }

    std::vector<ChannelKey> due() { return throttle.take_due(clock.now()); }

    fanfare::testing::ManualClock clock;
    CountThrottle throttle;
};

TEST_F(CountThrottleTest, r075_each_change_of_a_small_channel_is_told) {
    for (std::uint64_t count = 0; count <= 100; ++count) EXPECT_TRUE(take(count));
    clock.advance(1h);
    EXPECT_THAT(due(), IsEmpty());
}

TEST_F(CountThrottleTest, r075_a_large_channel_is_told_once_in_five_seconds) {
    EXPECT_TRUE(take(101));
    EXPECT_FALSE(take(102));
    EXPECT_FALSE(take(103));
    clock.advance(4'999ms);
    EXPECT_THAT(due(), IsEmpty());
    clock.advance(1ms);
    EXPECT_THAT(due(), SizeIs(1));
    EXPECT_FALSE(take(104));
    clock.advance(5s);
    EXPECT_THAT(due(), SizeIs(1));
    clock.advance(5s);
    EXPECT_THAT(due(), IsEmpty()) << "nothing has changed";
    EXPECT_TRUE(take(105)) << "after a pause at once";
}

TEST_F(CountThrottleTest, r075_a_channel_that_becomes_small_is_told_at_once) {
    EXPECT_TRUE(take(101));
    EXPECT_FALSE(take(102));
    EXPECT_TRUE(take(100));
    clock.advance(5s);
    EXPECT_THAT(due(), IsEmpty());
}

}  // namespace

}  // namespace fanfare::channels
