// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/loader.hpp"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// How the process that takes the place of this one is started: this program's file, which may be a
/// newer version by then, with the same arguments and environment.
struct Successor {
    std::string program;
    std::vector<std::string> arguments;
};

struct Options {
    std::optional<std::filesystem::path> demo;  ///< the folder of the demo page, if it is on
    /// Reads the configuration once more; throws what config::load does.
    std::function<config::Loaded()> reload;
    /// Where a service manager says how to reach it, and what it has bound for us: NOTIFY_SOCKET,
    /// WATCHDOG_USEC, LISTEN_FDS.
    config::Environment environment{};
    /// What takes its place in an upgrade.
    Successor program{};
};

/// Ends a process whose place another one has taken. Where nobody can be told of that (but a
/// service manager can), it stays as little more than a pid: it passes signals on, and ends when
/// its successor does.
[[noreturn]] void leave(pid_t successor);

/// What such a process does; returns its exit status.
[[nodiscard]] int guard(pid_t successor);

/// Reads the certificates as a start would. Throws config::ConfigError if they cannot be used.
void require_usable_tls(const config::Settings& settings);

/// The daemon: builds the shards, runs them until it is told to stop, and takes them down in order.
///
/// SIGTERM or SIGINT drains: new clients are sent away, those present are closed with 4200 spread
/// over the drain window, publishing works until the last one is gone. A second signal stops at
/// once. SIGHUP, or a change of a configuration file or certificate, reads the configuration again:
/// the apps, the certificates (of new connections) and the level of the log follow it, the rest is
/// logged as needing a restart. If it is wrong, that is logged and nothing changes.
class Server {
public:
    /// `loaded` outlives the server.
    Server(const config::Loaded& loaded, Options options, spdlog::logger& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds, serves, and returns when stopped. Throws std::runtime_error if it cannot listen.
    /// If it returns another process, that one has taken its place: then the server must not be
    /// destroyed, for its threads stand still for ever, and the process has to leave().
    [[nodiscard]] std::optional<pid_t> run();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::server
