// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/apps/database.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fanfare::apps {

/// What is known of the database: the apps found so far, for good until their rows say otherwise,
/// and for a while the values that no row has. Time is passed in.
class AppCache {
public:
    using TimePoint = Clock::TimePoint;

    AppCache(
        std::chrono::seconds ttl, std::chrono::seconds negative_ttl, Database::OnChange on_change
    );

    /// Found or absent, or nothing if only the database knows.
    [[nodiscard]] std::optional<Database::Answer> find(
        Database::Column column, const std::string& value, TimePoint now
    ) const;

    /// The row of an app; tells of it if it says something new.
    void keep(config::SharedAppSettings app, TimePoint now);

    /// The app's row was looked at, and left things as they are.
    void put_off(const std::string& id, TimePoint now);

    /// The app's row is gone.
    void remove(const std::string& id);

    /// No row has the value.
    void add_absent(Database::Column column, const std::string& value, TimePoint now);

    /// Takes up to `count` apps that have to be looked at; they come again after `keep`, `put_off`
    /// or `put_back`.
    [[nodiscard]] std::vector<std::string> take_due(TimePoint now, std::size_t count);

    /// Those of take_due that could not be looked at.
    void put_back(const std::vector<std::string>& ids, TimePoint now);

    /// When take_due has something.
    [[nodiscard]] TimePoint next_due() const;

private:
    struct Entry {
        config::SharedAppSettings app;
        TimePoint due;
    };

    using Value = std::pair<Database::Column, std::string>;

    void forget_key(const config::AppSettings& app);
    void forget_stale_checks();

    std::chrono::seconds ttl_;
    std::chrono::seconds negative_ttl_;
    Database::OnChange on_change_;
    std::map<std::string, Entry, std::less<>> apps_;          // by id
    std::map<std::string, std::string, std::less<>> by_key_;  // key to id
    // As the ttl is the same for all, the order of looking is the order of being due. A check whose
    // time is not the app's due is stale.
    std::deque<std::pair<TimePoint, std::string>> checks_;
    std::map<Value, TimePoint> absent_;                     // until when
    std::deque<std::pair<TimePoint, Value>> absent_order_;  // the oldest first
};

}  // namespace fanfare::apps
