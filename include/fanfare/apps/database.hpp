// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/base/clock.hpp"
#include "fanfare/config/settings.hpp"

#include <functional>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace fanfare::apps {

/// The apps of an SQL database with soketi's `apps` table, behind a cache; one connection, which
/// has a thread for itself, so that a slow database keeps nobody waiting but those who ask for what
/// only it knows.
///
/// An app that was found stays in the cache and is looked up again every `ttl`, asked for or not;
/// its row may change or go. What no row has is remembered for `negative_ttl`. While the database
/// is away (not reached, an error, no answer within `timeout`) the apps found so far stay as they
/// are, and everything else is unavailable, at once. A row that is no valid app is none; if it was
/// one before, that app stays. Each such thing is one line in the log when it begins.
class Database {
public:
    enum class Column { id, key };

    enum class Outcome {
        found,
        absent,
        unavailable,  ///< the database cannot say now, or too much is asked of it
    };

    struct Answer {
        Outcome outcome = Outcome::unavailable;
        config::SharedAppSettings app;  ///< only if found
    };

    using Done = std::function<void(const Answer&)>;

    /// On the database's thread, before the `done` that caused it: an app was found for the first
    /// time, or has changed; null: it is gone. Neither may throw.
    using OnChange =
        std::function<void(const std::string& app_id, const config::SharedAppSettings& app)>;

    /// The driver is a concrete one. `clock` and `log` outlive the database.
    Database(
        const config::AppsDatabaseSettings& settings,
        const Clock& clock,
        OnChange on_change,
        spdlog::logger& log
    );
    /// Stops the threads; what is still asked gets no answer. If the database hangs, that takes
    /// its timeout.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Any thread, also from within `done`. `done` is always called on the database's thread,
    /// never from within this call.
    void find(Column column, std::string value, Done done);

    /// Any thread: whether it could not be asked the last time.
    [[nodiscard]] bool is_away() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fanfare::apps
