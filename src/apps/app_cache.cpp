// SPDX-License-Identifier: MIT
#include "app_cache.hpp"

#include <algorithm>

namespace fanfare::apps {

namespace {

/// Strangers choose what is asked for.
constexpr std::size_t max_absent = 10'000;

}  // namespace

AppCache::AppCache(
    std::chrono::seconds ttl, std::chrono::seconds negative_ttl, Database::OnChange on_change
)
    : ttl_(ttl), negative_ttl_(negative_ttl), on_change_(std::move(on_change)) {}

std::optional<Database::Answer> AppCache::find(
    Database::Column column, const std::string& value, TimePoint now
) const {
    const auto key = column == Database::Column::key ? by_key_.find(value) : by_key_.end();
    const std::string& id = key == by_key_.end() ? value : key->second;
    const bool is_known = column == Database::Column::id || key != by_key_.end();
    const auto app = is_known ? apps_.find(id) : apps_.end();
    if (app != apps_.end()) return Database::Answer{Database::Outcome::found, app->second.app};
    const auto absent = absent_.find(Value(column, value));
    if (absent == absent_.end() || absent->second <= now) return std::nullopt;
    return Database::Answer{Database::Outcome::absent, nullptr};
}

void AppCache::keep(config::SharedAppSettings app, TimePoint now) {
    const std::string id = app->id;
    Entry& entry = apps_[id];
    // Another row may have had the key for a while.
    const bool has_lost_its_key = !by_key_.contains(app->key);
    const bool says_something_new = entry.app == nullptr || *entry.app != *app || has_lost_its_key;
    if (says_something_new) {
        if (entry.app != nullptr) forget_key(*entry.app);
        entry.app = app;
        by_key_[app->key] = id;
    }
    put_off(id, now);
    if (says_something_new) on_change_(id, app);
}

void AppCache::put_off(const std::string& id, TimePoint now) {
    const auto app = apps_.find(id);
    if (app == apps_.end()) return;
    app->second.due = now + ttl_;
    checks_.emplace_back(app->second.due, id);
}

void AppCache::remove(const std::string& id) {
    const auto app = apps_.find(id);
    if (app == apps_.end()) return;
    forget_key(*app->second.app);
    apps_.erase(app);
    on_change_(id, nullptr);
}

void AppCache::forget_key(const config::AppSettings& app) {
    const auto it = by_key_.find(app.key);
    if (it != by_key_.end() && it->second == app.id) by_key_.erase(it);
}

void AppCache::add_absent(Database::Column column, const std::string& value, TimePoint now) {
    while (!absent_order_.empty() &&
           (absent_order_.front().first <= now || absent_order_.size() >= max_absent)) {
        const auto it = absent_.find(absent_order_.front().second);
        if (it != absent_.end() && it->second == absent_order_.front().first) absent_.erase(it);
        absent_order_.pop_front();
    }
    const TimePoint until = now + negative_ttl_;
    if (until <= now) return;
    absent_order_.emplace_back(until, Value(column, value));
    absent_[Value(column, value)] = until;
}

std::vector<std::string> AppCache::take_due(TimePoint now, std::size_t count) {
    std::vector<std::string> ids;
    for (forget_stale_checks(); !checks_.empty() && ids.size() < count; forget_stale_checks()) {
        if (checks_.front().first > now) break;
        ids.push_back(checks_.front().second);
        apps_.find(ids.back())->second.due = TimePoint::max();
        checks_.pop_front();
    }
    return ids;
}

void AppCache::put_back(const std::vector<std::string>& ids, TimePoint now) {
    for (const std::string& id : ids) {
        const auto app = apps_.find(id);
        if (app == apps_.end()) continue;
        app->second.due = now;
        checks_.emplace_front(now, id);
    }
}

AppCache::TimePoint AppCache::next_due() const {
    // A stale check may wake the database early, once.
    return checks_.empty() ? TimePoint::max() : checks_.front().first;
}

void AppCache::forget_stale_checks() {
    while (!checks_.empty()) {
        const auto app = apps_.find(checks_.front().second);
        if (app != apps_.end() && app->second.due == checks_.front().first) return;
        checks_.pop_front();
    }
}

}  // namespace fanfare::apps
