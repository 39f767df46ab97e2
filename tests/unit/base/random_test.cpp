// SPDX-License-Identifier: MIT
#include "fanfare/base/random.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>

namespace fanfare {
namespace {

TEST(SecureRandom, does_not_repeat_itself_across_batches) {
    RandomSource random = make_secure_random();
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 10'000; ++i) seen.insert(random());
    EXPECT_EQ(seen.size(), 10'000U);
}

TEST(SecureRandom, sets_every_bit_about_half_of_the_time) {
    RandomSource random = make_secure_random();
    int ones = 0;
    for (int i = 0; i < 10'000; ++i) ones += std::popcount(random());
    EXPECT_NEAR(ones, 320'000, 4'000);  // ten standard deviations
}

TEST(SecureRandom, two_sources_differ) {
    RandomSource one = make_secure_random();
    RandomSource two = make_secure_random();
    EXPECT_NE(one(), two());
}

}  // namespace
}  // namespace fanfare
