// SPDX-License-Identifier: MIT
#include "cluster_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace fanfare::cluster::testing {

namespace {

TEST(ClusterModel, in_peace_all_nodes_agree) {
    int handovers = 0;
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        World world(seed, false);
        ASSERT_EQ(world.run(), "") << "seed " << seed;
        handovers += world.handovers;
    }
    EXPECT_GT(handovers, 300);
}

TEST(ClusterModel, whatever_happens_no_member_is_lost_doubled_or_haunted) {
    int handovers = 0;
    for (std::uint32_t seed = 1; seed <= 2'000; ++seed) {
        World world(seed, true);
        ASSERT_EQ(world.run(), "") << "seed " << seed;
        handovers += world.handovers;
    }
    EXPECT_GT(handovers, 1'000);
}

}  // namespace

}  // namespace fanfare::cluster::testing
