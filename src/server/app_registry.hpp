// SPDX-License-Identifier: MIT
#pragma once

#include "app_news.hpp"
#include "shard.hpp"

#include "fanfare/apps/app.hpp"
#include "fanfare/cluster/bus.hpp"
#include "fanfare/config/settings.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace spdlog {
class logger;
}

namespace fanfare::server {

/// The apps in force: those of the configuration, and those found in the database that share
/// neither id nor key with one of the configuration. Everybody who has to know of a change hears of
/// it here, in such an order that nothing happens in an app before all know it. Any thread.
class AppRegistry {
public:
    /// All outlive the registry; `bus` is null if this node is alone. The shards need not run yet.
    AppRegistry(
        apps::AppTable& table,
        AppNews& news,
        cluster::Bus* bus,
        std::span<const std::unique_ptr<Shard>> shards,
        spdlog::logger& log
    )
        : table_(table), news_(news), bus_(bus), shards_(shards), log_(log) {}

    /// What a reload has done to the apps in force.
    struct Changes {
        std::size_t added = 0;
        std::size_t changed = 0;
        std::size_t removed = 0;

        [[nodiscard]] bool any() const { return added + changed + removed != 0; }
    };

    /// All apps of the configuration. Throws std::runtime_error, and changes nothing, if one cannot
    /// be served.
    Changes configure(const std::vector<config::AppSettings>& configured);

    /// An app of the database; null if it is there no longer.
    void set_found(const std::string& id, const config::SharedAppSettings& found);

    [[nodiscard]] std::size_t size() const;

    struct Served {
        AppIndex index;
        config::SharedAppSettings settings;
        bool is_found;  ///< of the database
    };

    /// Ordered by id.
    [[nodiscard]] std::vector<Served> list() const;

private:
    using Apps = std::map<std::string, config::SharedAppSettings>;

    void enforce(const std::string& id, Changes& changes);
    void put(const std::string& id, const config::SharedAppSettings& settings);
    [[nodiscard]] std::string why_not_served(const config::AppSettings& found) const;

    apps::AppTable& table_;
    AppNews& news_;
    cluster::Bus* bus_;
    std::span<const std::unique_ptr<Shard>> shards_;
    spdlog::logger& log_;
    mutable std::mutex mutex_;
    Apps configured_;
    std::set<std::string> configured_keys_;
    Apps found_;
    Apps in_force_;
    std::map<std::string, AppIndex> indices_;  // of all that were ever in force
};

}  // namespace fanfare::server
