// SPDX-License-Identifier: MIT
#pragma once

#include "support/server_process.hpp"
#include "support/sql_server.hpp"

#include "fanfare/apps/database.hpp"
#include "fanfare/base/clock.hpp"

#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ringbuffer_sink.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fanfare::apps {

using Column = Database::Column;
using Outcome = Database::Outcome;

/// A `Database` over a real one with an empty table `apps`. The server is the same for all tests of
/// a driver, as it takes seconds to make one.
class DatabaseWorld : public ::testing::TestWithParam<config::DatabaseDriver> {
protected:
    static void TearDownTestSuite() { server_.reset(); }

    DatabaseWorld() {
        if (server_ == nullptr || server_driver_ != GetParam()) {
            server_.reset();
            server_ = testing::make_sql_server(GetParam());
            server_driver_ = GetParam();
        }
        settings = server_->settings();
        settings.ttl = std::chrono::seconds(1);
        settings.negative_ttl = std::chrono::seconds(1);
        settings.timeout = std::chrono::seconds(1);
        execute("DROP TABLE IF EXISTS apps");
        create_table();
    }

    void create_table(const std::string& type_of_id = "varchar(255)") {
        const std::string flag = GetParam() == config::DatabaseDriver::postgres
                                     ? " boolean NOT NULL DEFAULT true"
                                     : " tinyint NOT NULL DEFAULT 1";
        execute(
            "CREATE TABLE apps (id " + type_of_id + " PRIMARY KEY, " + quoted("key") +
            " varchar(255) NOT NULL, secret varchar(255) NOT NULL,"
            " max_connections int NOT NULL DEFAULT -1, enable_client_messages" +
            flag + ", enabled" + flag +
            ", max_backend_events_per_sec int NOT NULL DEFAULT -1,"
            " max_client_events_per_sec int NOT NULL DEFAULT -1,"
            " max_read_req_per_sec int NOT NULL DEFAULT -1, webhooks json NULL)"
        );
    }

    static void execute(const std::string& statement) { server_->execute(statement); }

    static std::string quoted(const std::string& name) {
        const char quote = GetParam() == config::DatabaseDriver::postgres ? '"' : '`';
        return quote + name + quote;
    }

    static void insert(const std::string& id, const std::string& key) {
        execute(
            "INSERT INTO apps (id, " + quoted("key") + ", secret) VALUES ('" + id + "', '" + key +
            "', 's3cret-s3cret')"
        );
    }

    void open() {
        database.emplace(
            settings,
            clock_,
            [this](const std::string& id, const config::SharedAppSettings& app) { note(id, app); },
            log_
        );
    }

    std::future<Database::Answer> start_find(Column column, std::string value) {
        auto promise = std::make_shared<std::promise<Database::Answer>>();
        database->find(column, std::move(value), [promise](const Database::Answer& answer) {
            promise->set_value(answer);
        });
        return promise->get_future();
    }

    Database::Answer find(Column column, std::string value) {
        auto future = start_find(column, std::move(value));
        if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
            throw std::runtime_error("no answer");
        }
        return future.get();
    }

    Outcome outcome(Column column, std::string value) {
        return find(column, std::move(value)).outcome;
    }

    void wait_for_outcome(Column column, const std::string& value, Outcome expected) {
        testing::wait_until([&] { return outcome(column, value) == expected; }, "outcome");
    }

    /// What on_change has told: `id=secret`, or `id gone`.
    std::vector<std::string> changes() {
        const std::lock_guard lock(mutex_);
        return changes_;
    }

    void wait_for_change(const std::string& change) {
        testing::wait_until(
            [&] {
                const auto all = changes();
                return std::find(all.begin(), all.end(), change) != all.end();
            },
            "no change " + change
        );
    }

    /// Lines of the log that contain `part`.
    [[nodiscard]] std::vector<std::string> lines(const std::string& part) const {
        std::vector<std::string> found;
        for (const std::string& line : sink_->last_formatted()) {
            if (line.find(part) != line.npos) found.push_back(line);
        }
        return found;
    }

    void wait_for_line(const std::string& part) const {
        testing::wait_until([&] { return !lines(part).empty(); }, "no line " + part);
    }

    static inline std::unique_ptr<testing::SqlServer> server_;
    static inline config::DatabaseDriver server_driver_{};

    config::AppsDatabaseSettings settings;

private:
    void note(const std::string& id, const config::SharedAppSettings& app) {
        const std::lock_guard lock(mutex_);
        changes_.push_back(app == nullptr ? id + " gone" : id + "=" + app->secret);
    }

    SystemClock clock_;
    std::mutex mutex_;
    std::vector<std::string> changes_;  // guarded by mutex_
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> sink_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1'000);
    spdlog::logger log_{"apps", sink_};

protected:
    std::optional<Database> database;  // uses all of the above
};

inline std::string driver_of(const ::testing::TestParamInfo<config::DatabaseDriver>& test) {
    switch (test.param) {
        case config::DatabaseDriver::sqlite:
            return "sqlite";
        case config::DatabaseDriver::postgres:
            return "postgres";
        default:
            return "mysql";
    }
}

inline auto all_drivers() {
    return ::testing::Values(
        config::DatabaseDriver::sqlite,
        config::DatabaseDriver::postgres,
        config::DatabaseDriver::mysql
    );
}

}  // namespace fanfare::apps
