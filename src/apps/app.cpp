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

App::App(AppIndex index, config::SharedAppSettings settings, AppUsage& usage)
    : index_(index), settings_(std::move(settings)), usage_(usage) {
    prepare();
}

void App::prepare() {
    credentials_.clear();
    credentials_.push_back({settings_->key, HmacSha256(settings_->secret)});
    for (const std::string_view pair : settings_->previous_keys) {
        const std::size_t colon = pair.find(':');
        credentials_.push_back({pair.substr(0, colon), HmacSha256(pair.substr(colon + 1))});
    }
}

bool App::change(config::SharedAppSettings settings) {
    is_removed_ = settings == nullptr;
    if (is_removed_) return true;
    const std::vector<std::string> keys_before = config::keys_of(*settings_);
    settings_ = std::move(settings);
    prepare();
    return !settings_->enabled || std::ranges::any_of(keys_before, [this](const std::string& key) {
        return !has_key(key) && std::ranges::find(keys_, key) != keys_.end();
    });
}

bool App::has_key(std::string_view key) const {
    return std::ranges::find(credentials_, key, &Credential::key) != credentials_.end();
}

std::uint32_t App::number_of(std::string_view key) {
    const auto found = std::ranges::find(keys_, key);
    const auto number = static_cast<std::uint32_t>(found - keys_.begin());
    if (found == keys_.end()) keys_.emplace_back(key);
    return number;
}

bool App::has_key_number(std::uint32_t number) const {
    return has_key(keys_[number]);
}

bool App::verify(std::string_view key, std::string_view text, std::string_view signature) {
    return std::ranges::any_of(credentials_, [&](Credential& credential) {
        return credential.key == key && credential.signer.verify(text, signature);
    });
}

App* AppList::set(AppIndex index, config::SharedAppSettings settings) {
    if (index >= apps_.size()) apps_.resize(index + 1);
    auto& app = apps_[index];
    if (app == nullptr) {
        if (settings == nullptr) return nullptr;
        app = std::make_unique<App>(index, std::move(settings), table_[index].usage);
        list(*app);
        return nullptr;
    }
    unlist(*app);
    const bool may_end_connections = app->change(std::move(settings));
    if (!app->is_removed()) list(*app);
    return may_end_connections ? app.get() : nullptr;
}

void AppList::list(App& app) {
    by_id_[app.settings().id] = &app;
    app.for_each_key([&](std::string_view key) { by_key_[std::string(key)] = &app; });
}

/// A key may have gone over to another app meanwhile.
void AppList::unlist(const App& app) {
    by_id_.erase(app.settings().id);
    app.for_each_key([&](std::string_view key) {
        const auto found = by_key_.find(key);
        if (found != by_key_.end() && found->second == &app) by_key_.erase(found);
    });
}

App* AppList::find_by_key(std::string_view key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : found->second;
}

App* AppList::find_by_id(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace fanfare::apps
