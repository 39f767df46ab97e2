// SPDX-License-Identifier: MIT
#include "queries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::cluster {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Clock::TimePoint at(int seconds) {
    return Clock::TimePoint{} + std::chrono::seconds(seconds);
}

class QueriesTest : public ::testing::Test {
protected:
    std::uint64_t ask(int deadline) {
        return queries.ask(at(deadline), [this, deadline] { alone.push_back(deadline); });
    }

    Queries queries;
    std::vector<int> alone;  // the deadlines of those that this node answered
};

TEST_F(QueriesTest, are_answered_once) {
    const auto number = ask(1);
    EXPECT_TRUE(queries.take(number));
    EXPECT_FALSE(queries.take(number));
    queries.give_up_on_all();
    EXPECT_THAT(alone, IsEmpty());
}

TEST_F(QueriesTest, are_answered_alone_when_they_take_too_long) {
    ask(1);
    const auto second = ask(2);
    const auto third = ask(3);
    queries.give_up_on_late(at(0));
    EXPECT_THAT(alone, IsEmpty());
    queries.give_up_on_late(at(2));
    EXPECT_THAT(alone, ElementsAre(1, 2));
    EXPECT_FALSE(queries.take(second));
    EXPECT_TRUE(queries.take(third));
}

TEST_F(QueriesTest, are_answered_alone_when_redis_goes) {
    const auto first = ask(1);
    ask(2);
    queries.give_up_on_all();
    EXPECT_THAT(alone, ElementsAre(1, 2));
    EXPECT_FALSE(queries.take(first));
    EXPECT_FALSE(queries.take(99));
}

// Whoever is answered may ask again; that is for the next time.
TEST_F(QueriesTest, may_be_asked_while_others_are_given_up) {
    queries.ask(at(1), [this] { ask(5); });
    queries.give_up_on_late(at(1));
    EXPECT_THAT(alone, IsEmpty());
    queries.give_up_on_late(at(5));
    EXPECT_THAT(alone, ElementsAre(5));
}

}  // namespace

}  // namespace fanfare::cluster
