// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace spdlog {
class logger;
}

namespace fanfare::server {

struct Options {
    std::optional<std::filesystem::path> demo;  ///< the folder of the demo page, if it is on
};

/// The daemon: builds the shards, runs them until it is told to stop, and takes them down in order.
///
/// SIGTERM or SIGINT drains: new clients are sent away, those present are closed with 4200 spread
/// over the drain window, publishing works until the last one is gone. A second signal stops at
/// once.
class Server {
public:
    /// `settings` must be valid and outlive the server.
    Server(const config::Settings& settings, Options options, spdlog::logger& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds, serves, and returns when stopped. Throws std::runtime_error if it cannot listen.
    void run();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::server
