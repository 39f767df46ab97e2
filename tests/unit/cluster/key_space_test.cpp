// SPDX-License-Identifier: MIT
#include "redis/hash_slot.hpp"
#include "redis_store.hpp"

#include <gtest/gtest.h>

#include <set>

namespace fanfare::cluster {

namespace {

using redis::hash_slot;

const std::vector<std::string> odd_names{
    "",
    ":",
    "::",
    "%",
    "%41",
    "{}",
    "{nodes}",
    "}",
    "}:t:",
    "a}:t:b",
    "{0}:t:",
    "a:b:c",
    "presence-{room}",
    "\xc3\xa5",
    "with space",
    "t:app:x"};

TEST(KeySpace, finds_app_and_channel_again_in_names_and_topics) {
    for (const std::string& name_space : odd_names) {
        const KeySpace keys(name_space);
        for (const std::string& app_id : odd_names) {
            for (const std::string& channel : odd_names) {
                const std::pair both{app_id, channel};
                EXPECT_EQ(KeySpace::parse_name(keys.of({app_id, channel}).name), both);
                const std::string topic = keys.topic({app_id, channel});
                EXPECT_EQ(KeySpace::parse_name(keys.name_in_topic(topic)), both) << topic;
            }
        }
    }
}

TEST(KeySpace, puts_all_of_a_channel_in_one_slot) {
    for (const std::string& name_space : odd_names) {
        const KeySpace keys(name_space);
        for (const std::string& channel : odd_names) {
            const auto of = keys.of({"app:{}%", channel});
            const auto slot = hash_slot(std::to_string(of.number));
            EXPECT_EQ(hash_slot(keys.topic({"app:{}%", channel})), slot);
            EXPECT_EQ(hash_slot(keys.index(of.number, "node.1")), slot);
            for (const char* kind : {"c:", "m:", "u:"}) {
                EXPECT_EQ(hash_slot(of.key(kind)), slot) << of.key(kind);
            }
        }
    }
}

TEST(KeySpace, puts_leases_infos_and_topic_of_the_cluster_in_one_slot) {
    const KeySpace keys("{x}");
    EXPECT_EQ(hash_slot(keys.leases()), hash_slot("nodes"));
    EXPECT_EQ(hash_slot(keys.infos()), hash_slot("nodes"));
    EXPECT_EQ(hash_slot(keys.cluster_topic()), hash_slot("nodes"));
}

TEST(KeySpace, has_different_keys_for_different_channels) {
    std::set<std::string> topics;
    for (const std::string& name_space : odd_names) {
        const KeySpace keys(name_space);
        topics.insert(keys.cluster_topic());
        for (const std::string& app_id : odd_names) {
            for (const std::string& channel : odd_names)
                topics.insert(keys.topic({app_id, channel}));
        }
    }
    const std::size_t count = odd_names.size();
    EXPECT_EQ(topics.size(), count * count * count + count);
}

TEST(KeySpace, does_not_take_foreign_topics_for_its_own) {
    const KeySpace keys("mine");
    EXPECT_EQ(keys.name_in_topic(keys.cluster_topic()), "");
    EXPECT_EQ(keys.name_in_topic(KeySpace("other").topic({"app", "news"})), "");
    EXPECT_EQ(keys.name_in_topic(""), "");
    EXPECT_EQ(keys.name_in_topic("fanfare:mine:"), "");
    for (const char* name : {"", "app", "a%:x", "a%4:x", "a%zz:x", "a%-1:x"}) {
        EXPECT_FALSE(KeySpace::parse_name(name)) << name;
    }
}

TEST(KeySpace, spreads_channels_over_all_buckets) {
    const KeySpace keys("test");
    std::vector<int> channels(KeySpace::buckets);
    for (int i = 0; i < 6'400; ++i) {
        ++channels[keys.of({"app", "presence-room." + std::to_string(i)}).number];
    }
    for (const int count : channels) {
        EXPECT_GT(count, 50);
        EXPECT_LT(count, 150);
    }
}

// Nodes of all versions have to agree.
TEST(KeySpace, is_for_ever) {
    const KeySpace keys("prod");
    EXPECT_EQ(keys.topic({"app", "news"}), "fanfare:prod:{16}:t:app:news");
    EXPECT_EQ(keys.leases(), "fanfare:prod:{nodes}:leases");
    EXPECT_EQ(keys.index(5, "n.1"), "fanfare:prod:{5}:n:n.1");
}

}  // namespace

}  // namespace fanfare::cluster
