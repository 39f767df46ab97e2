// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/crypto.hpp"
#include "fanfare/config/settings.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::apps {

/// Open connections, counted over all shards: of an app, or of the node. The one place where shards
/// share memory: it is touched once when a connection opens and once when it closes, and a limit
/// has to be exact.
struct ConnectionCount {
    std::atomic<std::uint32_t> open{0};
    std::atomic<std::uint32_t> elsewhere{0};  ///< on the other nodes, as last heard of

    [[nodiscard]] std::uint32_t total() const { return open + elsewhere; }
};

/// One open connection in a count; gives its place back when it ends.
class [[nodiscard]] ConnectionLease {
public:
    /// Nothing if the app is at `limit`.
    static std::optional<ConnectionLease> acquire(
        ConnectionCount& count, std::optional<std::uint32_t> limit
    );

    ~ConnectionLease();

    ConnectionLease(ConnectionLease&& other) noexcept
        : count_(std::exchange(other.count_, nullptr)) {}

    ConnectionLease& operator=(ConnectionLease&&) = delete;

private:
    explicit ConnectionLease(ConnectionCount& count) : count_(&count) {}

    ConnectionCount* count_;
};

/// An app as one shard sees it: its settings, its prepared signing key and the shared count. Lives
/// as long as the shard.
class App {
public:
    App(AppIndex index, const config::AppSettings& settings, ConnectionCount& count)
        : index_(index), settings_(settings), connections_(count), signer_(settings.secret) {}

    [[nodiscard]] AppIndex index() const { return index_; }

    [[nodiscard]] const config::AppSettings& settings() const { return settings_; }

    [[nodiscard]] ConnectionCount& connections() const { return connections_; }

    /// Keeps a prepared key, hence not const.
    [[nodiscard]] HmacSha256& signer() { return signer_; }

private:
    AppIndex index_;
    const config::AppSettings& settings_;
    ConnectionCount& connections_;
    HmacSha256 signer_;
};

/// The apps of one shard. `settings` and `counts` belong to the server and outlive every shard.
class AppList {
public:
    AppList(std::span<const config::AppSettings> settings, std::deque<ConnectionCount>& counts);

    /// Null if there is none.
    [[nodiscard]] App* find_by_key(std::string_view key);
    [[nodiscard]] App* find_by_id(std::string_view id);

private:
    std::vector<std::unique_ptr<App>> apps_;  // few: a scan beats a map, and needs no key built
};

}  // namespace fanfare::apps
