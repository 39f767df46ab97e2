// SPDX-License-Identifier: MIT
#include "app_registry.hpp"

#include <spdlog/logger.h>

#include <exception>
#include <utility>

namespace fanfare::server {

AppRegistry::Changes AppRegistry::configure(const std::vector<config::AppSettings>& configured) {
    const std::lock_guard lock(mutex_);
    if (bus_ != nullptr) {
        for (const config::AppSettings& app : configured) bus_->require_sayable(app);
    }
    Apps before = std::exchange(configured_, {});
    configured_keys_.clear();
    for (const config::AppSettings& app : configured) {
        const auto old = before.find(app.id);
        const bool is_same = old != before.end() && *old->second == app;
        configured_[app.id] =
            is_same ? old->second : std::make_shared<const config::AppSettings>(app);
        for (std::string& key : config::keys_of(app)) configured_keys_.insert(std::move(key));
    }
    // Those of the database too: an id or a key may have been taken from them, or set free.
    Apps affected = configured_;
    affected.merge(before);
    affected.insert(found_.begin(), found_.end());
    Changes changes;
    for (const auto& [id, settings] : affected) enforce(id, changes);
    return changes;
}

void AppRegistry::set_found(const std::string& id, const config::SharedAppSettings& found) {
    const std::lock_guard lock(mutex_);
    if (found) {
        found_[id] = found;
        const std::string reason = why_not_served(*found);
        if (!reason.empty()) {
            log_.warn("app of the database not served app={} reason=\"{}\"", id, reason);
        }
    } else {
        found_.erase(id);
    }
    Changes changes;
    enforce(id, changes);
}

/// Empty if it is.
std::string AppRegistry::why_not_served(const config::AppSettings& found) const {
    if (configured_.contains(found.id)) return "an app of the configuration has its id";
    for (const std::string& key : config::keys_of(found)) {
        if (configured_keys_.contains(key)) return "an app of the configuration has its key";
    }
    try {
        if (bus_ != nullptr) bus_->require_sayable(found);
        return "";
    } catch (const std::exception& error) {
        return error.what();
    }
}

std::size_t AppRegistry::size() const {
    const std::lock_guard lock(mutex_);
    return in_force_.size();
}

std::vector<AppRegistry::Served> AppRegistry::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<Served> apps;
    for (const auto& [id, settings] : in_force_) {
        apps.push_back({indices_.at(id), settings, !configured_.contains(id)});
    }
    return apps;
}

/// Whatever is to be in force is.
void AppRegistry::enforce(const std::string& id, Changes& changes) {
    config::SharedAppSettings wanted;
    if (const auto configured = configured_.find(id); configured != configured_.end()) {
        wanted = configured->second;
    } else if (const auto found = found_.find(id); found != found_.end()) {
        if (why_not_served(*found->second).empty()) wanted = found->second;
    }
    const auto now = in_force_.find(id);
    const bool is_in_force = now != in_force_.end();
    if (wanted == (is_in_force ? now->second : nullptr)) return;
    if (!wanted) {
        ++changes.removed;
    } else {
        ++(is_in_force ? changes.changed : changes.added);
    }
    put(id, wanted);
}

void AppRegistry::put(const std::string& id, const config::SharedAppSettings& settings) {
    auto index = indices_.find(id);
    if (index == indices_.end()) {
        const std::size_t added = table_.add([&](apps::KnownApp& app) { app.id = id; });
        index = indices_.emplace(id, static_cast<AppIndex>(added)).first;
    }
    // What an app wants to be told, and its name in the cluster, come before its clients.
    news_.set(index->second, settings);
    if (bus_ != nullptr) bus_->set_app(index->second, settings);
    for (const auto& shard : shards_) shard->set_app(index->second, settings);
    if (settings) {
        in_force_[id] = settings;
    } else {
        in_force_.erase(id);
    }
}

}  // namespace fanfare::server
