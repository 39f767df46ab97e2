// SPDX-License-Identifier: MIT
#pragma once

#include "fanfare/config/settings.hpp"

#include <memory>
#include <string>

/// Real databases for tests: PostgreSQL and MariaDB as processes of their own, without root's
/// rights, on free ports and in temporary folders; SQLite as a file.
namespace fanfare::testing {

/// A database with the user and the password of settings(). Throws std::runtime_error when it
/// cannot do what it is told.
class SqlServer {
public:
    virtual ~SqlServer() = default;

    [[nodiscard]] virtual config::AppsDatabaseSettings settings() const = 0;

    /// Runs a statement as the database's owner.
    virtual void execute(const std::string& statement) = 0;

    /// Takes it away as an accident would, and brings it back with what it had.
    virtual void stop() = 0;
    virtual void start() = 0;

    /// It is there, and does not answer.
    virtual void freeze() = 0;
    virtual void thaw() = 0;
};

/// Characters that each of the many syntaxes on a password's way would have to escape.
inline constexpr const char* odd_password = "p w'd\"\\$`%&=;#@:/?é";

[[nodiscard]] std::unique_ptr<SqlServer> make_sql_server(config::DatabaseDriver driver);

[[nodiscard]] std::unique_ptr<SqlServer> make_sqlite();
[[nodiscard]] std::unique_ptr<SqlServer> make_postgres();
[[nodiscard]] std::unique_ptr<SqlServer> make_mariadb();

}  // namespace fanfare::testing
