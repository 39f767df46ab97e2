// SPDX-License-Identifier: MIT
#include "real_redis.hpp"
#include "support/redis_cluster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fanfare::cluster::testing {

namespace {

using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

/// The size of each master's data, added up.
int keys_in(fanfare::testing::RedisCluster& redis) {
    int sum = 0;
    for (std::size_t i = 0; i < redis.size(); ++i) {
        sum += std::stoi(redis.node(i).ask({"DBSIZE"}));
    }
    return sum;
}

// In a Redis Cluster a script may only touch keys of one slot, and a message stays within its
// shard.
TEST(RedisClusterStore, keeps_a_hundred_channels_on_three_masters) {
    fanfare::testing::RedisCluster redis;
    redis::Options options;
    options.topology = redis::Topology::cluster;
    options.endpoints = {{"127.0.0.1", redis.node(0).port(), {}}};
    RedisDriver driver(options, "{odd}:%");
    const Lease a = lease_of("a");
    driver.heartbeat(a.node, true, std::chrono::hours(1));

    std::vector<std::string> names;
    std::vector<std::string> expected;
    for (int i = 0; i < 100; ++i) {
        names.push_back("presence-{" + std::to_string(i) + "}");
        expected.push_back(names.back() + ": gone a.1");
    }
    for (const std::string& name : names) driver.listen({"app", name});
    for (const std::string& name : names) {
        EXPECT_EQ(
            text_of(driver.update({"app", name}, a, 1, true, {joins("u", 1)})), "updated changed"
        );
        EXPECT_EQ(
            text_of(driver.announce({"app", name}, a, 1, {joins("u", 1)}, 1)), "announced u(a.1)"
        );
        EXPECT_EQ(driver.stats({"app", name}).users, 1U);
        EXPECT_THAT(driver.user_ids({"app", name}), SizeIs(1));
    }
    EXPECT_THAT(driver.heard(200), SizeIs(200));
    EXPECT_THAT(driver.list("app", "presence-"), SizeIs(100));
    EXPECT_THAT(driver.holdings(a.node), SizeIs(100));
    for (std::size_t i = 0; i < redis.size(); ++i) EXPECT_NE(redis.node(i).ask({"DBSIZE"}), "0");

    driver.bury(a.node);
    EXPECT_THAT(driver.heard(100), UnorderedElementsAreArray(expected));
    EXPECT_EQ(keys_in(redis), 0);
}

}  // namespace

}  // namespace fanfare::cluster::testing
