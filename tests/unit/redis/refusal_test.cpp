// SPDX-License-Identifier: MIT
#include "refusal.hpp"

#include <gtest/gtest.h>

namespace fanfare::redis {
namespace {

TEST(Refusal, is_what_another_server_would_not_say) {
    EXPECT_TRUE(is_refusal("MOVED 3999 127.0.0.1:6381"));
    EXPECT_TRUE(is_refusal("NOSCRIPT No matching script. Please use EVAL."));
    EXPECT_TRUE(is_refusal("READONLY You can't write against a read only replica."));
    EXPECT_TRUE(is_refusal("CLUSTERDOWN"));
}

TEST(Refusal, of_an_older_redis_hides_in_the_error_of_a_script) {
    EXPECT_TRUE(is_refusal(
        "ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write against "
        "a read only replica."
    ));
}

TEST(Refusal, is_not_any_error) {
    EXPECT_FALSE(is_refusal(""));
    EXPECT_FALSE(is_refusal("ERR MOVED"));
    EXPECT_FALSE(is_refusal("MOVEDTO"));
    EXPECT_FALSE(is_refusal("WRONGTYPE Operation against a key holding the wrong kind of value"));
    EXPECT_FALSE(is_refusal("OOM command not allowed when used memory > 'maxmemory'."));
}

}  // namespace
}  // namespace fanfare::redis
