// SPDX-License-Identifier: MIT
// What passes to the next process: each part into an empty one of its kind.
#include "fanfare/channels/channel_home.hpp"
#include "fanfare/channels/count_throttle.hpp"
#include "fanfare/channels/event_cache.hpp"
#include "fanfare/channels/lingering.hpp"

#include <gmock/gmock.h>

namespace fanfare::channels {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Clock::TimePoint start{100s};
const ChannelKey room(0, "presence-room");
const ChannelKey cache(1, "cache-news");

const auto is_cache = ::testing::Field(&ChannelKey::name, cache.name);

Member member(const std::string& id) {
    return {id, '"' + id + '"', R"({"name":")" + id + "\"}", R"({"user_id":")" + id + "\"}"};
}

TEST(Passing, the_members_of_a_channel_keep_their_order_and_connections) {
    ChannelHome home;
    for (const char* id : {"zoe", "ann", "bob", "ann"}) home.join({room, 0, member(id)});
    home.leave(room, 0, "zoe");
    home.join({room, 1, member("zoe")});
    const auto passed = home.pass();
    ASSERT_EQ(passed.size(), 1U);
    EXPECT_EQ(ChannelRef(passed[0].channel), ChannelRef(room));

    ChannelHome next;
    for (const Member& each : passed[0].members) next.take_over(room, 3, &each);
    next.take_over(room, 2, &passed[0].members[0]);
    EXPECT_THAT(next.user_ids(room), ElementsAre("ann", "bob", "zoe"));
    EXPECT_EQ(next.stats(room).subscriptions, 4U);
    EXPECT_EQ(next.stats(room).users, 3U);
    EXPECT_EQ(next.confirm(room).text(), home.confirm(room).text());
    EXPECT_FALSE(next.leave(room, 3, "ann")->farewell);
    EXPECT_TRUE(next.leave(room, 2, "ann")->farewell);
}

TEST(Passing, other_channels_are_their_connections) {
    ChannelHome home;
    home.join({cache, 0, std::nullopt});
    EXPECT_THAT(home.pass(), IsEmpty());
    ChannelHome next;
    next.take_over(cache, 1, nullptr);
    EXPECT_EQ(next.stats(cache).subscriptions, 1U);
    EXPECT_TRUE(next.leave(cache, 1, "")->is_last);
}

TEST(Passing, a_cached_event_keeps_the_rest_of_its_time) {
    EventCache events(100'000);
    events.put(cache, EncodedFrame("first"), CacheTime::zero(), start);
    events.put(room, EncodedFrame("second"), 60s, start);
    events.put(ChannelKey(2, "over"), EncodedFrame("over"), 5s, start);

    EventCache next(100'000);
    const auto passed = events.pass(start + 20s);
    ASSERT_EQ(passed.size(), 2U);
    for (const PassedEvent& event : passed) next.put(event, start);
    EXPECT_EQ(next.find(cache, start)->event.text(), "first");
    EXPECT_FALSE(next.find(cache, start)->time_left);
    EXPECT_EQ(next.find(room, start)->time_left, 40s);
    EXPECT_FALSE(next.find(room, start + 40s));
}

TEST(Passing, who_lingers_is_told_of_in_time) {
    Lingering lingering;
    lingering.add({room, "ann"}, start + 3s);
    lingering.add({cache, ""}, start + 2s);
    const auto passed = lingering.pass(start + 1s);
    ASSERT_EQ(passed.size(), 2U);
    EXPECT_EQ(ChannelRef(passed[0].channel), ChannelRef(cache));
    EXPECT_EQ(passed[0].user_id, "");
    EXPECT_EQ(passed[0].time_left, 1s);
    EXPECT_EQ(passed[1].user_id, "ann");
    EXPECT_EQ(passed[1].time_left, 2s);
    EXPECT_TRUE(lingering.take(room, "ann"));
}

TEST(Passing, a_count_that_is_still_to_be_told_is_told) {
    CountThrottle counts;
    counts.take(cache, 101, start);
    EXPECT_THAT(counts.pass(), IsEmpty());
    counts.take(cache, 102, start);
    EXPECT_THAT(counts.pass(), ElementsAre(is_cache));
    CountThrottle next;
    next.take_over(cache, start);
    EXPECT_FALSE(next.take(cache, 103, start));
    EXPECT_THAT(next.take_due(start + CountThrottle::interval), ElementsAre(is_cache));
}

}  // namespace

}  // namespace fanfare::channels
