// SPDX-License-Identifier: MIT
#include "fanfare/channels/event_cache.hpp"

#include "support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fanfare::channels {

namespace {

using namespace std::chrono_literals;

constexpr ChannelRef news{0, "cache-news"};
constexpr ChannelRef other{0, "cache-other"};

class EventCacheTest : public ::testing::Test {
protected:
    void put(ChannelRef channel, const std::string& text, CacheTime time = 60s) {
        cache.put(channel, EncodedFrame(text), time, clock.now());
    }

    std::string find(ChannelRef channel) const {
        const auto cached = cache.find(channel, clock.now());
        return cached ? std::string(cached->event.text()) : "none";
    }

    fanfare::testing::ManualClock clock;
    EventCache cache{10'000};
};

TEST_F(EventCacheTest, r055_the_last_event_counts) {
    EXPECT_EQ(find(news), "none");
    put(news, "first");
    put(news, "last");
    EXPECT_EQ(find(news), "last");
    EXPECT_EQ(find(other), "none");
    EXPECT_EQ(find({1, news.name}), "none");
}

TEST_F(EventCacheTest, r056_it_expires_and_tells_how_long_it_has) {
    put(news, "e", 60s);
    clock.advance(59s);
    EXPECT_EQ(cache.find(news, clock.now())->time_left, 1'000ms);
    clock.advance(1s);
    EXPECT_EQ(find(news), "none");
}

TEST_F(EventCacheTest, r056_a_time_of_zero_is_for_ever) {
    put(news, "e", 0s);
    clock.advance(24h * 365);
    EXPECT_EQ(find(news), "e");
    EXPECT_EQ(cache.find(news, clock.now())->time_left, std::nullopt);
}

TEST_F(EventCacheTest, r056_the_oldest_goes_when_there_is_no_room) {
    const std::string text(2'000, 'x');
    put(news, text);
    put(other, text);
    put(news, text + "y");  // now other is the oldest
    for (int i = 0; i < 3; ++i) put({0, "cache-" + std::to_string(i)}, text);
    EXPECT_EQ(find(other), "none");
    EXPECT_EQ(find(news), text + "y");
    EXPECT_LE(cache.bytes(), 10'000U);
}

TEST_F(EventCacheTest, r056_what_is_larger_than_all_room_is_not_kept) {
    put(news, "small");
    put(news, std::string(20'000, 'x'));
    EXPECT_EQ(find(news), "none");
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST_F(EventCacheTest, r056_expired_events_make_room) {
    for (int i = 0; i < 1'000; ++i) {
        put({0, "cache-" + std::to_string(i)}, "e", 1s);
        clock.advance(1s);
    }
    put(news, "e");
    EXPECT_LT(cache.bytes(), 1'000U);
}

}  // namespace

}  // namespace fanfare::channels
