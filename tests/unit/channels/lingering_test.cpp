// SPDX-License-Identifier: MIT
#include "fanfare/channels/lingering.hpp"

#include "support/manual_clock.hpp"

#include <gmock/gmock.h>

namespace fanfare::channels {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ChannelRef room{0, "presence-room"};

class LingeringTest : public ::testing::Test {
protected:
    void go(const std::string& user_id, std::chrono::milliseconds time = 3s) {
        lingering.add({ChannelKey(room), user_id}, clock.now() + time);
    }

    std::vector<std::string> due() {
        std::vector<std::string> users;
        for (const auto& gone : lingering.take_due(clock.now())) users.push_back(gone.user_id);
        return users;
    }

    fanfare::testing::ManualClock clock;
    Lingering lingering;
};

TEST_F(LingeringTest, r102_who_returns_in_time_was_never_gone) {
    go("7");
    clock.advance(2'999ms);
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_TRUE(lingering.has(room, "7"));
    EXPECT_TRUE(lingering.take(room, "7"));
    EXPECT_FALSE(lingering.take(room, "7"));
    clock.advance(1h);
    EXPECT_THAT(due(), IsEmpty());
}

TEST_F(LingeringTest, r102_who_does_not_is_due_once_in_the_order_of_going) {
    go("7");
    go("");
    go("8", 1s);
    clock.advance(3s);
    EXPECT_THAT(due(), ElementsAre("8", "7", ""));
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_FALSE(lingering.take(room, "7"));
}

TEST_F(LingeringTest, r102_users_channels_and_apps_are_kept_apart) {
    go("7");
    EXPECT_FALSE(lingering.take(room, ""));
    EXPECT_FALSE(lingering.take(room, "8"));
    EXPECT_FALSE(lingering.take({1, room.name}, "7"));
    EXPECT_FALSE(lingering.take({0, "presence-other"}, "7"));
    EXPECT_TRUE(lingering.take(room, "7"));
}

}  // namespace

}  // namespace fanfare::channels
