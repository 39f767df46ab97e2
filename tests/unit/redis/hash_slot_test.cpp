// SPDX-License-Identifier: MIT
#include "hash_slot.hpp"

#include <gtest/gtest.h>

namespace fanfare::redis {
namespace {

// The cases of Redis' cluster specification.

TEST(HashSlot, is_the_crc_of_the_key) {
    EXPECT_EQ(hash_slot("123456789"), 0x31C3);
    EXPECT_EQ(hash_slot("foo"), 12182);
    EXPECT_EQ(hash_slot(""), 0);
}

TEST(HashSlot, of_a_key_with_a_tag_is_that_of_the_tag) {
    EXPECT_EQ(hash_slot("{user1000}.following"), hash_slot("{user1000}.followers"));
    EXPECT_EQ(hash_slot("{user1000}.following"), hash_slot("user1000"));
    EXPECT_EQ(hash_slot("foo{bar}{zap}"), hash_slot("bar"));
    EXPECT_EQ(hash_slot("foo{{bar}}zap"), hash_slot("{bar"));
}

TEST(HashSlot, needs_something_between_the_braces) {
    EXPECT_NE(hash_slot("foo{}{bar}"), hash_slot("bar"));
    EXPECT_NE(hash_slot("foo{}1"), hash_slot("foo{}2"));
    EXPECT_NE(hash_slot("{open1"), hash_slot("{open2"));
}

TEST(HashSlot, takes_bytes_above_127) {
    EXPECT_LT(hash_slot("\xff\xfe\x80"), slot_count);
}

}  // namespace
}  // namespace fanfare::redis
