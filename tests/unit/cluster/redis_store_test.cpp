// SPDX-License-Identifier: MIT
#include "redis_store_fixture.hpp"

#include <gmock/gmock.h>

// What the scripts write, on a real Redis.
namespace fanfare::cluster::testing {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using RedisStoreTest = RedisStoreFixture;

// ---- update

TEST_F(RedisStoreTest, update_counts_the_subscriptions_of_all_nodes) {
    EXPECT_EQ(text_of(driver->update(news, a, 3, true)), "updated");
    driver->update(news, b, 4, true);
    EXPECT_EQ(driver->stats(news).subscriptions, 7U);
    driver->update(news, a, 1, true);
    EXPECT_EQ(driver->stats(news).subscriptions, 5U);
    EXPECT_THAT(driver->heard(), IsEmpty());
}

TEST_F(RedisStoreTest, nothing_is_left_of_a_channel_that_everybody_has_left) {
    driver->update(lobby, a, 1, true, {joins("u", 1)});
    driver->update(lobby, b, 1, true, {joins("u", 1)});
    driver->update(lobby, a, 0, false, {leaves("u", 2)});
    driver->update(lobby, b, 0, false, {leaves("u", 2)});
    EXPECT_EQ(server->ask({"DBSIZE"}), "0");
}

TEST_F(RedisStoreTest, each_node_says_its_first_and_last_connection_of_a_user_once) {
    EXPECT_EQ(text_of(driver->update(lobby, a, 1, true, {joins("u", 1)})), "updated changed");
    EXPECT_EQ(text_of(driver->update(lobby, a, 1, true, {joins("u", 2)})), "updated unchanged");
    EXPECT_EQ(text_of(driver->update(lobby, b, 1, true, {joins("u", 1)})), "updated changed");
    EXPECT_EQ(text_of(driver->update(lobby, a, 0, false, {leaves("u", 3)})), "updated changed");
    EXPECT_EQ(text_of(driver->update(lobby, a, 0, false, {leaves("u", 4)})), "updated unchanged");
    EXPECT_THAT(
        driver->heard(), ElementsAre(joined("u", "a", 1), joined("u", "b", 1), left("u", "a", 3))
    );
    EXPECT_EQ(users_of(lobby), "announced u(b.1)");
}

TEST_F(RedisStoreTest, users_are_in_the_order_of_their_joining) {
    std::vector<UserChange> changes;
    std::vector<std::string> ids;
    for (std::uint64_t op = 1; op <= 40; ++op) {  // within one microsecond of Redis' clock
        ids.push_back("u" + std::to_string(op * 7 % 41));
        changes.push_back(joins(ids.back(), op));
    }
    driver->update(lobby, a, 40, true, changes);
    driver->update(lobby, b, 1, true, {joins("last", 1)});
    ids.emplace_back("last");
    EXPECT_EQ(driver->user_ids(lobby), ids);
    EXPECT_EQ(driver->stats(lobby).users, 41U);
}

TEST_F(RedisStoreTest, the_bytes_of_the_first_member_are_kept) {
    channels::Member member{"7", "7", R"({"name":"Å\n\" b.1"})", "{\"user_id\":7}"};
    driver->update(lobby, a, 1, true, {{1, true, member}});
    driver->update(lobby, b, 1, true, {joins("7", 1)});
    const auto snapshot = driver->announce(lobby, a, 1, {{1, true, member}}, 9).snapshot;
    ASSERT_EQ(snapshot.users.size(), 1U);
    EXPECT_EQ(encode_member(snapshot.users[0].member), encode_member(member));
    EXPECT_THAT(snapshot.users[0].nodes, ElementsAre(NodeId{"a", 1}, NodeId{"b", 1}));
}

TEST_F(RedisStoreTest, any_bytes_may_be_a_user_id) {
    const std::string strange("a\0\n b\xff{}", 8);
    driver->update(lobby, a, 1, true, {joins(strange, 1)});
    EXPECT_THAT(driver->user_ids(lobby), ElementsAre(strange));
    driver->announce(lobby, a, 0, {}, 1);
    EXPECT_THAT(
        driver->heard(),
        ElementsAre(
            joined(strange, "a", 1), left(strange, "a", 0), "presence-lobby: sync a.1 token 1"
        )
    );
}

TEST_F(RedisStoreTest, a_full_channel_takes_only_users_whom_it_knows) {
    driver->update(lobby, a, 2, true, {joins("u", 1, 2), joins("v", 2, 2)});
    driver->heard();
    EXPECT_EQ(
        text_of(driver->update(lobby, b, 1, true, {joins("w", 1, 2), joins("u", 2, 2)})),
        "updated full changed"
    );
    EXPECT_THAT(driver->heard(), ElementsAre(joined("u", "b", 2)));
    EXPECT_EQ(users_of(lobby), "announced u(a.1 b.1) v(a.1)");
}

TEST_F(RedisStoreTest, who_becomes_somebody_else_takes_the_former_place_in_a_full_channel) {
    driver->update(lobby, a, 1, true, {joins("u", 1, 1)});
    driver->heard();
    EXPECT_EQ(
        text_of(driver->update(lobby, a, 1, true, {becomes("v", "u", 2, 1)})), "updated changed"
    );
    EXPECT_THAT(driver->heard(), ElementsAre(left("u", "a", 2), joined("v", "a", 2)));
    EXPECT_EQ(users_of(lobby), "announced v(a.1)");
}

TEST_F(RedisStoreTest, a_place_that_another_node_shares_is_not_free) {
    driver->update(lobby, a, 1, true, {joins("u", 1, 1)});
    driver->update(lobby, b, 1, true, {joins("u", 1, 1)});
    driver->heard();
    EXPECT_EQ(
        text_of(driver->update(lobby, a, 1, true, {becomes("v", "u", 2, 1)})), "updated full"
    );
    EXPECT_THAT(driver->heard(), IsEmpty());
    EXPECT_EQ(users_of(lobby), "announced u(a.1 b.1)");
}

TEST_F(RedisStoreTest, the_former_user_goes_also_when_the_new_one_is_there_already) {
    driver->update(lobby, a, 2, true, {joins("u", 1), joins("v", 2)});
    driver->heard();
    EXPECT_EQ(
        text_of(driver->update(lobby, a, 2, true, {becomes("v", "u", 3)})), "updated unchanged"
    );
    EXPECT_THAT(driver->heard(), ElementsAre(left("u", "a", 3)));
}

TEST_F(RedisStoreTest, nodes_whose_names_begin_alike_are_not_confused) {
    const Lease other{{"a", 11}, lasting};
    driver->update(lobby, other, 1, true, {joins("u", 1)});
    EXPECT_EQ(text_of(driver->update(lobby, a, 1, true, {joins("u", 1)})), "updated changed");
    driver->update(lobby, a, 0, false, {leaves("u", 2)});
    EXPECT_EQ(users_of(lobby), "announced u(a.11)");
    EXPECT_EQ(driver->stats(lobby).subscriptions, 1U);
}

TEST_F(RedisStoreTest, nothing_is_written_after_the_end_of_the_lease) {
    const Lease late = lease_of("a", over);
    driver->update(lobby, a, 1, true, {joins("u", 1)});
    driver->heard();
    const auto updated = driver->update(lobby, late, 0, false, {leaves("u", 2), joins("v", 3)});
    EXPECT_EQ(text_of(updated), "fenced");
    EXPECT_EQ(text_of(driver->announce(lobby, late, 5, {joins("w", 4)}, 1)), "fenced");
    EXPECT_THAT(driver->heard(), IsEmpty());
    EXPECT_EQ(users_of(lobby), "announced u(a.1)");
    EXPECT_EQ(driver->stats(lobby).subscriptions, 1U);
    EXPECT_THAT(driver->holdings(a.node), ElementsAre(Pair("app", "presence-lobby")));
}

TEST_F(RedisStoreTest, the_fence_goes_by_the_clock_of_redis) {
    const Heartbeat first = driver->heartbeat(a.node, true, std::chrono::milliseconds(300));
    EXPECT_EQ(text_of(driver->update(news, {a.node, first.deadline}, 1, true)), "updated");
    RedisTime now = first.now;
    while (now <= first.deadline) {
        now = driver->heartbeat(b.node, true, std::chrono::seconds(10)).now;
    }
    EXPECT_EQ(text_of(driver->update(news, {a.node, first.deadline}, 2, true)), "fenced");
}

// ---- announce

TEST_F(RedisStoreTest, announce_publishes_the_differences_and_then_its_own_end) {
    driver->update(lobby, a, 2, true, {joins("stays", 1), joins("goes", 2)});
    driver->update(lobby, b, 1, true, {joins("goes", 1)});
    driver->heard();
    const auto announced =
        driver->announce(lobby, a, 3, {joins("stays", 1), joins("comes", 3)}, 77);
    EXPECT_EQ(text_of(announced), "announced stays(a.1) goes(b.1) comes(a.1)");
    EXPECT_THAT(
        driver->heard(),
        ElementsAre(
            left("goes", "a", 0), joined("comes", "a", 3), "presence-lobby: sync a.1 token 77"
        )
    );
    EXPECT_EQ(driver->stats(lobby).subscriptions, 4U);
}

TEST_F(RedisStoreTest, announce_knows_no_limit_and_needs_no_end) {
    driver->update(lobby, b, 1, true, {joins("u", 1, 1)});
    driver->heard();
    EXPECT_EQ(
        text_of(driver->announce(lobby, a, 1, {joins("v", 1, 1)}, 0)), "announced u(b.1) v(a.1)"
    );
    EXPECT_THAT(driver->heard(), ElementsAre(joined("v", "a", 1)));
}

TEST_F(RedisStoreTest, announcing_nothing_leaves_nothing) {
    driver->update(lobby, a, 2, true, {joins("u", 1), joins("v", 2)});
    driver->announce(lobby, a, 0, {}, 1);
    EXPECT_EQ(server->ask({"DBSIZE"}), "0");
}

TEST_F(RedisStoreTest, announce_takes_many_users_at_once) {
    std::vector<UserChange> users;
    std::vector<std::string> ids;
    for (std::uint64_t op = 1; op <= 3'000; ++op) {
        ids.push_back("user-" + std::to_string(op));
        users.push_back(joins(ids.back(), op));
    }
    driver->announce(lobby, a, 3'000, users, 1);
    EXPECT_EQ(driver->heard().size(), 3'001U);
    EXPECT_EQ(driver->user_ids(lobby), ids);
    EXPECT_EQ(driver->announce(lobby, a, 3'000, users, 2).snapshot.users.size(), 3'000U);
    EXPECT_EQ(driver->heard().size(), 1U);
}

}  // namespace

}  // namespace fanfare::cluster::testing
