// SPDX-License-Identifier: MIT
#pragma once

#include "real_redis.hpp"
#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace fanfare::cluster::testing {

inline const ChannelName lobby{"app", "presence-lobby"};
inline const ChannelName news{"app", "news"};
inline const Lease a = lease_of("a");
inline const Lease b = lease_of("b");

inline redis::Options options_for(const fanfare::testing::RedisServer& server) {
    redis::Options options;
    options.endpoints = {{"127.0.0.1", server.port(), {}}};
    return options;
}

inline std::string joined(const std::string& user, const std::string& node, std::uint64_t op) {
    return "presence-lobby: " + text_of(JoinMessage{{node, 1}, op, member_of(user)});
}

inline std::string left(const std::string& user, const std::string& node, std::uint64_t op) {
    return "presence-lobby: " + text_of(LeaveMessage{{node, 1}, op, user});
}

/// One Redis for all tests of a suite, empty for each.
class RedisStoreFixture : public ::testing::Test {
protected:
    static void SetUpTestSuite() { server = std::make_unique<fanfare::testing::RedisServer>(); }

    static void TearDownTestSuite() { server.reset(); }

    RedisStoreFixture() {
        server->ask({"FLUSHALL"});
        driver.emplace(options_for(*server));
        driver->listen(lobby);
        driver->listen(news);
    }

    /// As a text: the stored nodes of each user, in join order.
    std::string users_of(ChannelName channel) {
        const auto watcher = lease_of("watcher");
        return text_of(driver->announce(channel, watcher, 0, {}, 0));
    }

    inline static std::unique_ptr<fanfare::testing::RedisServer> server;
    std::optional<RedisDriver> driver;
};

}  // namespace fanfare::cluster::testing
