// SPDX-License-Identifier: MIT
#include "fanfare/base/backoff.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace fanfare {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

std::vector<std::int64_t> delays(Backoff& backoff, int count) {
    std::vector<std::int64_t> result;
    for (int i = 0; i < count; ++i) result.push_back(backoff.next().count());
    return result;
}

TEST(Backoff, doubles_up_to_five_seconds) {
    // Nothing random: the fixed half.
    Backoff backoff([] { return 0; });
    EXPECT_THAT(
        delays(backoff, 10), ElementsAre(25, 50, 100, 200, 400, 800, 1'600, 2'500, 2'500, 2'500)
    );
    backoff.reset();
    EXPECT_THAT(delays(backoff, 2), ElementsAre(25, 50));
}

TEST(Backoff, is_random_in_its_upper_half) {
    Backoff backoff(make_secure_random());
    std::int64_t limit = 50;
    for (const std::int64_t delay : delays(backoff, 7)) {
        EXPECT_THAT(delay, Ge(limit / 2));
        EXPECT_THAT(delay, Le(limit));
        limit *= 2;
    }
}

TEST(Backoff, can_wait_the_whole_delay) {
    Backoff backoff([] { return 25; });
    EXPECT_EQ(backoff.next().count(), 50);
}

}  // namespace
}  // namespace fanfare
