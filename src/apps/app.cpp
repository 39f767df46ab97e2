// SPDX-License-Identifier: MIT
#include "fanfare/apps/app.hpp"

namespace fanfare::apps {

std::optional<ConnectionLease> ConnectionLease::acquire(
    ConnectionCount& count, std::optional<std::uint32_t> limit
) {
    const std::uint32_t before = count.open.fetch_add(1, std::memory_order_relaxed);
    ConnectionLease lease(count);
    if (limit && before + count.elsewhere.load(std::memory_order_relaxed) >= *limit) {
        return std::nullopt;
    }
    return lease;
}

ConnectionLease::~ConnectionLease() {
    if (count_ != nullptr) count_->open.fetch_sub(1, std::memory_order_relaxed);
}

AppList::AppList(
    std::span<const config::AppSettings> settings, std::deque<ConnectionCount>& counts
) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
        apps_.push_back(std::make_unique<App>(static_cast<AppIndex>(i), settings[i], counts[i]));
    }
}

App* AppList::find_by_key(std::string_view key) {
    for (const auto& app : apps_) {
        if (app->settings().key == key) return app.get();
    }
    return nullptr;
}

App* AppList::find_by_id(std::string_view id) {
    for (const auto& app : apps_) {
        if (app->settings().id == id) return app.get();
    }
    return nullptr;
}

}  // namespace fanfare::apps
