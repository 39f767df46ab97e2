// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/crypto.hpp"
#include "fanfare/base/token_bucket.hpp"
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

/// What an app uses of its limits on this node, over all shards.
struct AppUsage {
    ConnectionCount connections;
    SharedTokenBucket api_requests;
};

/// An app as one shard sees it: its settings, its prepared signing keys and what the shards count
/// together. Lives as long as the shard.
class App {
public:
    App(AppIndex index, const config::AppSettings& settings, AppUsage& usage);

    [[nodiscard]] AppIndex index() const { return index_; }

    [[nodiscard]] const config::AppSettings& settings() const { return settings_; }

    [[nodiscard]] ConnectionCount& connections() const { return usage_.connections; }

    [[nodiscard]] SharedTokenBucket& api_requests() const { return usage_.api_requests; }

    /// Whether `key` is the app's, or one that it had before.
    [[nodiscard]] bool has_key(std::string_view key) const;

    /// Whether `signature` is that of `text` under a secret that belongs to `key`. While a secret
    /// is being replaced there are two for one key.
    [[nodiscard]] bool verify(
        std::string_view key, std::string_view text, std::string_view signature
    );

    /// Signs with the current secret. Keeps a prepared key, hence not const.
    [[nodiscard]] HmacSha256& signer() { return credentials_.front().signer; }

private:
    struct Credential {
        std::string_view key;
        HmacSha256 signer;
    };

    AppIndex index_;
    const config::AppSettings& settings_;
    AppUsage& usage_;
    std::vector<Credential> credentials_;  // the current one first
};

/// The apps of one shard. `settings` and `usages` belong to the server and outlive every shard.
class AppList {
public:
    AppList(std::span<const config::AppSettings> settings, std::deque<AppUsage>& usages);

    /// Null if there is none.
    [[nodiscard]] App* find_by_key(std::string_view key);
    [[nodiscard]] App* find_by_id(std::string_view id);

private:
    std::vector<std::unique_ptr<App>> apps_;  // few: a scan beats a map, and needs no key built
};

}  // namespace fanfare::apps
