// SPDX-License-Identifier: MIT
#include "redis_server.hpp"

#include "laravel_app.hpp"

#include <gtest/gtest.h>

namespace fanfare::doctor {

namespace {

RedisFacts version(const std::string& version) {
    RedisFacts facts;
    facts.version = version;
    facts.latency = std::chrono::microseconds(300);
    return facts;
}

TEST(RedisServer, is_new_enough_for_what_is_used) {
    config::ScalingSettings scaling;
    EXPECT_THAT(
        judge_redis(version("5.0.14"), scaling),
        Says(Severity::ok, "Redis 5.0.14 (127.0.0.1:6379) answers in 0.3 ms", "")
    );
    EXPECT_THAT(judge_redis(version("4.0.9"), scaling), Says(Severity::error, "4.0.9", "Redis 5"));
    scaling.username = "fanfare";
    EXPECT_THAT(judge_redis(version("5.0.14"), scaling), Says(Severity::error, "5.0", "Redis 6"));
    scaling.topology = config::RedisTopology::cluster;
    EXPECT_THAT(judge_redis(version("6.2.7"), scaling), Says(Severity::error, "6.2", "Redis 7"));
    EXPECT_EQ(judge_redis(version("7.0.15"), scaling).severity, Severity::ok);
    EXPECT_EQ(judge_redis(version(""), scaling).severity, Severity::ok);
}

TEST(RedisServer, that_is_slow_delays_every_event) {
    RedisFacts facts = version("7.0.15");
    facts.latency = std::chrono::milliseconds(40);
    EXPECT_THAT(judge_redis(facts, {}), Says(Severity::warning, "40.0 ms", "same network"));
}

TEST(RedisServer, that_is_not_reached_has_the_fix_of_its_reason) {
    config::ScalingSettings scaling;
    const auto judged = [&scaling](const std::string& trouble) {
        RedisFacts facts;
        facts.trouble = trouble;
        return judge_redis(facts, scaling);
    };
    EXPECT_THAT(
        judged("Connection refused"), Says(Severity::error, "refused", "redis-cli -h 127.0.0.1")
    );
    EXPECT_THAT(judged("WRONGPASS invalid"), Says(Severity::error, "WRONGPASS", "REDIS_PASSWORD"));
    EXPECT_THAT(judged("NOAUTH required"), Says(Severity::error, "NOAUTH", "REDIS_PASSWORD"));
    EXPECT_THAT(judged("NOPERM no"), Says(Severity::error, "NOPERM", "ACL SETUSER"));
}

}  // namespace

}  // namespace fanfare::doctor
