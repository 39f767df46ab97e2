// SPDX-License-Identifier: MIT
#include "fanfare/channels/tracer.hpp"

#include <gmock/gmock.h>

namespace fanfare::channels {

namespace {

using protocol::SocketId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr SocketId anna{1, 2};
constexpr SocketId ben{3, 4};

class TracerTest : public ::testing::Test {
protected:
    void watch(std::uint64_t id, Tracer::Wish wish) {
        tracer.add(id, std::move(wish), [this, id](const Tracer::Event& event) {
            told.push_back(std::to_string(id) + ":" + std::string(event.what));
        });
    }

    Tracer tracer;
    std::vector<std::string> told;
};

TEST_F(TracerTest, tells_of_the_connection_that_is_watched) {
    watch(1, {std::nullopt, anna, ""});
    tracer.tell({0, anna, "", "mine", ""});
    tracer.tell({0, ben, "", "another's", ""});
    tracer.tell({0, std::nullopt, "news", "a channel's", ""});
    EXPECT_THAT(told, ElementsAre("1:mine"));
}

TEST_F(TracerTest, tells_of_the_channel_that_is_watched) {
    watch(1, {std::nullopt, std::nullopt, "news"});
    tracer.tell({0, anna, "news", "came", ""});
    tracer.tell({1, std::nullopt, "news", "event", ""});
    tracer.tell({0, anna, "other", "came elsewhere", ""});
    tracer.tell({0, anna, "", "of no channel", ""});
    EXPECT_THAT(told, ElementsAre("1:came", "1:event"));
}

TEST_F(TracerTest, tells_only_of_what_matches_in_all) {
    watch(1, {AppIndex{1}, anna, "news"});
    tracer.tell({1, anna, "news", "all", ""});
    tracer.tell({0, anna, "news", "another app", ""});
    tracer.tell({1, ben, "news", "another connection", ""});
    tracer.tell({1, anna, "other", "another channel", ""});
    EXPECT_THAT(told, ElementsAre("1:all"));
}

TEST_F(TracerTest, is_on_as_long_as_somebody_watches) {
    EXPECT_FALSE(tracer.is_on());
    watch(1, {std::nullopt, anna, ""});
    watch(2, {std::nullopt, anna, ""});
    tracer.remove(1);
    EXPECT_TRUE(tracer.is_on());
    EXPECT_TRUE(tracer.watches(anna));
    EXPECT_FALSE(tracer.watches(ben));
    tracer.tell({0, anna, "", "event", ""});
    EXPECT_THAT(told, ElementsAre("2:event"));
    tracer.remove(2);
    EXPECT_FALSE(tracer.is_on());
    EXPECT_FALSE(tracer.watches(anna));
}

}  // namespace

}  // namespace fanfare::channels
