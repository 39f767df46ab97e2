// SPDX-License-Identifier: MIT
#pragma once

#include "support/free_port.hpp"
#include "support/temporary_folder.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

/// Real Redis processes for tests: on free ports, in folders of their own, without persistence.
namespace fanfare::testing {

/// One `redis-server`, which ends with the object. Throws std::runtime_error when it cannot do what
/// it is told.
class RedisServer {
public:
    /// `lines` of redis.conf, in addition to what makes it quiet and private.
    explicit RedisServer(std::vector<std::string> lines = {}, bool is_sentinel = false);
    ~RedisServer();
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    [[nodiscard]] std::string socket_path() const { return folder_.path("socket"); }

    /// After stop(): a new process on the same port.
    void start();
    void stop();

    /// The process lives, its sockets too, but nothing answers.
    void freeze() const;
    void thaw() const;

    /// Asks over a connection of its own. Arrays come flat, with spaces between.
    std::string ask(std::initializer_list<std::string> command) const;

    /// For ask(), once a password is set.
    void use_password(std::string password) { password_ = std::move(password); }

private:
    void spawn();
    [[nodiscard]] bool is_running() const;
    [[nodiscard]] bool answers() const;

    TemporaryFolder folder_;
    bool is_sentinel_;
    std::uint16_t port_;
    std::string password_;
    pid_t pid_ = 0;
};

/// Asks until the answer contains `expected`; false, when that takes too long.
bool comes_to_answer(
    const RedisServer& server,
    std::initializer_list<std::string> command,
    const std::string& expected,
    std::chrono::milliseconds limit
);

/// Like comes_to_answer, with much patience; throws, in the end.
void wait_for_answer(
    const RedisServer& server,
    std::initializer_list<std::string> command,
    const std::string& expected
);

}  // namespace fanfare::testing
