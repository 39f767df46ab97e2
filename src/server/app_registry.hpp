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
#include <span>
#include <string>
#include <vector>

namespace fanfare::server {

/// The apps in force, wherever they come from. Everybody who has to know of a change hears of it
/// here, in such an order that nothing happens in an app before all know it.
class AppRegistry {
public:
    /// All outlive the registry; `bus` is null if this node is alone. The shards need not run yet.
    AppRegistry(
        apps::AppTable& table,
        AppNews& news,
        cluster::Bus* bus,
        std::span<const std::unique_ptr<Shard>> shards
    )
        : table_(table), news_(news), bus_(bus), shards_(shards) {}

    /// How many apps a reload has changed.
    struct Changes {
        std::size_t added = 0;
        std::size_t changed = 0;
        std::size_t removed = 0;

        [[nodiscard]] bool any() const { return added + changed + removed != 0; }
    };

    /// All apps of the configuration. Any thread. Throws std::runtime_error, and changes nothing,
    /// if an app cannot be served.
    Changes configure(const std::vector<config::AppSettings>& configured);

    /// Any thread.
    [[nodiscard]] std::size_t size() const;

private:
    void put(const std::string& id, const apps::SharedSettings& settings);

    apps::AppTable& table_;
    AppNews& news_;
    cluster::Bus* bus_;
    std::span<const std::unique_ptr<Shard>> shards_;
    mutable std::mutex mutex_;
    std::map<std::string, AppIndex> indices_;  // of all that there ever were
    std::map<std::string, apps::SharedSettings> in_force_;
};

}  // namespace fanfare::server
