// SPDX-License-Identifier: MIT
#include "cluster_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace fanfare::cluster::testing {

namespace {

TEST(ClusterModel, in_peace_all_nodes_agree) {
    for (std::uint32_t seed = 1; seed <= 300; ++seed) {
        ASSERT_EQ(World(seed, false).run(), "") << "seed " << seed;
    }
}

TEST(ClusterModel, whatever_happens_no_member_is_lost_doubled_or_haunted) {
    for (std::uint32_t seed = 1; seed <= 2'000; ++seed) {
        ASSERT_EQ(World(seed, true).run(), "") << "seed " << seed;
    }
}

}  // namespace

}  // namespace fanfare::cluster::testing
