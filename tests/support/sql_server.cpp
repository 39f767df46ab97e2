// SPDX-License-Identifier: MIT
#include "support/sql_server.hpp"

#include "support/server_process.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>

namespace fanfare::testing {

namespace {

using File = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

/// A file that is moved away stands for a server that is stopped, one that is locked for a server
/// that hangs.
class SqliteFile final : public SqlServer {
public:
    [[nodiscard]] config::AppsDatabaseSettings settings() const override {
        config::AppsDatabaseSettings settings;
        settings.driver = config::DatabaseDriver::sqlite;
        settings.database = path_;
        return settings;
    }

    void execute(const std::string& statement) override { ask(*open(), statement); }

    void stop() override { std::filesystem::rename(path_, path_ + ".away"); }

    void start() override { std::filesystem::rename(path_ + ".away", path_); }

    void freeze() override { ask(*lock_, "ATTACH '" + path_ + "' AS held; BEGIN EXCLUSIVE"); }

    void thaw() override { ask(*lock_, "COMMIT; DETACH held"); }

private:
    [[nodiscard]] static File open(const std::string& path) {
        sqlite3* opened = nullptr;
        sqlite3_open(path.c_str(), &opened);
        sqlite3_busy_timeout(opened, 10'000);
        return {opened, &sqlite3_close};
    }

    [[nodiscard]] File open() const { return open(path_); }

    static void ask(sqlite3& file, const std::string& statement) {
        if (sqlite3_exec(&file, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
        throw std::runtime_error(statement + ": " + sqlite3_errmsg(&file));
    }

    ServerFolder folder_;
    std::string path_ = folder_.path("apps.sqlite");
    File lock_ = open(":memory:");
};

}  // namespace

std::unique_ptr<SqlServer> make_sqlite() {
    return std::make_unique<SqliteFile>();
}

std::unique_ptr<SqlServer> make_sql_server(config::DatabaseDriver driver) {
    switch (driver) {
        case config::DatabaseDriver::sqlite:
            return make_sqlite();
        case config::DatabaseDriver::postgres:
            return make_postgres();
        case config::DatabaseDriver::mysql:
            return make_mariadb();
        case config::DatabaseDriver::none:
        case config::DatabaseDriver::laravel:
            break;
    }
    throw std::runtime_error("there is no such database");
}

}  // namespace fanfare::testing
