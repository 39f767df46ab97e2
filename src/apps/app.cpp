// SPDX-License-Identifier: MIT
#include "fanfare/apps/app.hpp"

#include <algorithm>

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

App::App(AppIndex index, const config::AppSettings& settings, AppUsage& usage)
    : index_(index), settings_(settings), usage_(usage) {
    credentials_.push_back({settings.key, HmacSha256(settings.secret)});
    for (const std::string_view pair : settings.previous_keys) {
        const std::size_t colon = pair.find(':');
        credentials_.push_back({pair.substr(0, colon), HmacSha256(pair.substr(colon + 1))});
    }
}

bool App::has_key(std::string_view key) const {
    return std::ranges::find(credentials_, key, &Credential::key) != credentials_.end();
}

bool App::verify(std::string_view key, std::string_view text, std::string_view signature) {
    return std::ranges::any_of(credentials_, [&](Credential& credential) {
        return credential.key == key && credential.signer.verify(text, signature);
    });
}

AppList::AppList(std::span<const config::AppSettings> settings, std::deque<AppUsage>& usages) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
        apps_.push_back(std::make_unique<App>(static_cast<AppIndex>(i), settings[i], usages[i]));
    }
}

App* AppList::find_by_key(std::string_view key) {
    for (const auto& app : apps_) {
        if (app->has_key(key)) return app.get();
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
