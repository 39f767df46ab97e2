// SPDX-License-Identifier: MIT
#include "hub_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

namespace fanfare::channels::testing {
namespace {

constexpr std::size_t steps = 140;

/// FANFARE_SEEDS=100000 looks harder.
std::uint32_t seed_count(std::uint32_t usual) {
    const char* wish = std::getenv("FANFARE_SEEDS");
    return wish == nullptr ? usual : static_cast<std::uint32_t>(std::atol(wish));
}

template <typename Network>
void check(unsigned shards, std::uint32_t usual_seeds) {
    HubWorld::Tally total;
    const std::uint32_t seeds = seed_count(usual_seeds);
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        HubWorld world(std::make_unique<Network>(shards), seed);
        ASSERT_EQ(world.run(steps), "") << "seed " << seed << ", " << shards << " shards";
        const auto& tally = world.tally();
        total.stays += tally.stays;
        total.ordered_stays += tally.ordered_stays;
        total.entries += tally.entries;
        total.refusals += tally.refusals;
        total.orphaned_joins += tally.orphaned_joins;
        total.terminations += tally.terminations;
    }
    // A checker that sees nothing would be content with anything.
    EXPECT_GT(total.stays, 5 * seeds);
    EXPECT_GT(total.ordered_stays, 2 * seeds);
    EXPECT_GT(total.entries, 20 * seeds);
    EXPECT_GT(total.refusals, seeds / 50);
    EXPECT_GT(total.terminations, seeds / 20);
    if (shards > 1) {
        EXPECT_GT(total.orphaned_joins, seeds / 50);
    }
}

TEST(HubModel, holds_its_promises_on_one_shard) {
    check<CausalNetwork>(1, 300);
}

TEST(HubModel, holds_its_promises_on_two_shards) {
    check<CausalNetwork>(2, 500);
}

TEST(HubModel, holds_its_promises_on_three_shards) {
    check<CausalNetwork>(3, 800);
}

TEST(HubModel, holds_its_promises_on_eight_shards) {
    check<CausalNetwork>(8, 300);
}

TEST(HubModel, holds_its_promises_over_real_mailboxes) {
    check<MailboxNetwork>(3, 500);
}

}  // namespace
}  // namespace fanfare::channels::testing
