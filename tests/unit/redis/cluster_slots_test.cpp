// SPDX-License-Identifier: MIT
#include "cluster_slots.hpp"

#include "hash_slot.hpp"

#include <gmock/gmock.h>

namespace fanfare::redis {
namespace {

using ::testing::ElementsAre;

Reply integer(std::int64_t value) {
    return {Reply::Kind::integer, value, {}, {}};
}

Reply array(std::vector<Reply> elements) {
    return {Reply::Kind::array, 0, {}, std::move(elements)};
}

Reply node(const std::string& host, std::int64_t port) {
    return array({{Reply::Kind::string, 0, host, {}}, integer(port)});
}

Reply range(std::int64_t first, std::int64_t last, const Reply& master) {
    return array({integer(first), integer(last), master, node("replica", 1)});
}

TEST(ClusterSlots, gives_the_masters_in_one_order) {
    const Reply reply = array(
        {range(8'000, 16'383, node("a", 7)),
         range(100, 7'999, node("b", 7)),
         range(0, 99, node("a", 7))}
    );
    const auto masters = parse_cluster_slots(reply, "asked");

    ASSERT_TRUE(masters);
    EXPECT_THAT(
        *masters,
        ElementsAre(
            Master{{"a", 7, {}}, {{0, 99}, {8'000, 16'383}}}, Master{{"b", 7, {}}, {{100, 7'999}}}
        )
    );
}

TEST(ClusterSlots, a_node_without_a_host_is_the_one_that_was_asked) {
    for (const char* host : {"", "?"}) {
        const auto masters = parse_cluster_slots(array({range(0, 16'383, node(host, 7))}), "asked");
        ASSERT_TRUE(masters);
        EXPECT_EQ(masters->front().endpoint.host, "asked");
    }
}

TEST(ClusterSlots, every_slot_needs_a_master) {
    const Reply master = node("a", 7);
    EXPECT_FALSE(parse_cluster_slots(array({}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(1, 16'383, master)}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(0, 16'382, master)}), "asked"));
    EXPECT_FALSE(
        parse_cluster_slots(array({range(0, 99, master), range(101, 16'383, master)}), "asked")
    );
    EXPECT_FALSE(
        parse_cluster_slots(array({range(0, 99, master), range(99, 16'383, master)}), "asked")
    );
}

TEST(ClusterSlots, refuses_what_is_no_such_answer) {
    EXPECT_FALSE(parse_cluster_slots({Reply::Kind::status, 0, "OK", {}}, "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({integer(1)}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(0, 16'384, node("a", 7))}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(-1, 16'383, node("a", 7))}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(0, 16'383, node("a", 70'000))}), "asked"));
    EXPECT_FALSE(parse_cluster_slots(array({range(0, 16'383, array({}))}), "asked"));
}

}  // namespace
}  // namespace fanfare::redis
