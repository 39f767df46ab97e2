// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/app_index.hpp"
#include "fanfare/base/append_only.hpp"
#include "fanfare/base/crypto.hpp"
#include "fanfare/base/token_bucket.hpp"
#include "fanfare/config/settings.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

/// An app as all threads know it.
struct KnownApp {
    std::string id;
    AppUsage usage;
};

/// Every app that this process has ever served, by AppIndex: an index is for ever its app's.
using AppTable = AppendOnly<KnownApp>;

/// An app as one shard sees it: its settings, its prepared signing keys and what the shards count
/// together. Lives as long as the shard, even if the app is removed.
class App {
public:
    App(AppIndex index, config::SharedAppSettings settings, AppUsage& usage);

    /// Null: the app is removed. True if that may be the end of some of its connections.
    [[nodiscard]] bool change(config::SharedAppSettings settings);

    [[nodiscard]] AppIndex index() const { return index_; }

    /// Of a removed app, those that it had last.
    [[nodiscard]] const config::AppSettings& settings() const { return *settings_; }

    [[nodiscard]] bool is_removed() const { return is_removed_; }

    [[nodiscard]] ConnectionCount& connections() const { return usage_.connections; }

    [[nodiscard]] SharedTokenBucket& api_requests() const { return usage_.api_requests; }

    template <typename Call>
    void for_each_key(Call call) const {
        for (const Credential& credential : credentials_) call(credential.key);
    }

    /// Whether `key` is the app's, or one that it had before.
    [[nodiscard]] bool has_key(std::string_view key) const;

    /// A number for a key that the app has, by which a connection remembers it.
    [[nodiscard]] std::uint32_t number_of(std::string_view key);

    /// It may be one that the app has no longer.
    [[nodiscard]] std::string_view key_of(std::uint32_t number) const { return keys_[number]; }

    /// Whether the app still has the key of this number.
    [[nodiscard]] bool has_key_number(std::uint32_t number) const;

    /// Whether `signature` is that of `text` under a secret that belongs to `key`. While a secret
    /// is being replaced there are two for one key.
    [[nodiscard]] bool verify(
        std::string_view key, std::string_view text, std::string_view signature
    );

    /// Signs with the current secret. Keeps a prepared key, hence not const.
    [[nodiscard]] HmacSha256& signer() { return credentials_.front().signer; }

private:
    struct Credential {
        std::string_view key;  // into settings_
        HmacSha256 signer;
    };

    void prepare();

    AppIndex index_;
    config::SharedAppSettings settings_;
    AppUsage& usage_;
    bool is_removed_ = false;
    std::vector<Credential> credentials_;  // the current one first
    std::vector<std::string> keys_;        // by number, also those that it has no longer
};

/// The apps of one shard.
class AppList {
public:
    /// `table` outlives the list.
    explicit AppList(AppTable& table) : table_(table) {}

    /// An app of the table is new, has changed or (if `settings` is null) is removed. Returns it if
    /// that may be the end of some of its connections.
    App* set(AppIndex index, config::SharedAppSettings settings);

    /// Whether an app that the request at hand has named, and that is not in the list, may exist
    /// all the same, since the database that would know is away.
    [[nodiscard]] bool is_uncertain() const { return is_uncertain_; }

    void set_uncertain(bool is_uncertain) { is_uncertain_ = is_uncertain; }

    /// Null if there is none.
    [[nodiscard]] App* find_by_key(std::string_view key) const;
    [[nodiscard]] App* find_by_id(std::string_view id) const;

private:
    struct Hash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    using Map = std::unordered_map<std::string, App*, Hash, std::equal_to<>>;

    void list(App& app);
    void unlist(const App& app);

    AppTable& table_;
    bool is_uncertain_ = false;
    std::vector<std::unique_ptr<App>> apps_;  // by AppIndex; null: not of this list so far
    Map by_id_;
    Map by_key_;
};

}  // namespace fanfare::apps
