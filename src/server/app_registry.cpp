// SPDX-License-Identifier: MIT
#include "app_registry.hpp"

namespace fanfare::server {

AppRegistry::Changes AppRegistry::configure(const std::vector<config::AppSettings>& configured) {
    const std::lock_guard lock(mutex_);
    if (bus_ != nullptr) {
        for (const config::AppSettings& app : configured) bus_->require_sayable(app);
    }
    Changes changes;
    std::map<std::string, apps::SharedSettings> before = in_force_;
    for (const config::AppSettings& app : configured) {
        const auto old = before.extract(app.id);
        if (!old.empty() && *old.mapped() == app) continue;
        ++(old.empty() ? changes.added : changes.changed);
        put(app.id, std::make_shared<const config::AppSettings>(app));
    }
    for (const auto& [id, settings] : before) {
        ++changes.removed;
        put(id, nullptr);
    }
    return changes;
}

std::size_t AppRegistry::size() const {
    const std::lock_guard lock(mutex_);
    return in_force_.size();
}

void AppRegistry::put(const std::string& id, const apps::SharedSettings& settings) {
    const auto known = indices_.find(id);
    const AppIndex app =
        known != indices_.end()
            ? known->second
            : static_cast<AppIndex>(table_.add([&](apps::KnownApp& added) { added.id = id; }));
    indices_[id] = app;
    if (settings) {
        in_force_[id] = settings;
    } else {
        in_force_.erase(id);
    }
    // What an app wants to be told, and its name in the cluster, come before its clients.
    news_.set(app, settings);
    if (bus_ != nullptr) bus_->set_app(app, settings);
    for (const auto& shard : shards_) shard->set_app(app, settings);
}

}  // namespace fanfare::server
