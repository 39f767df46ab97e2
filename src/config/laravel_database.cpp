// SPDX-License-Identifier: MIT
#include "laravel_database.hpp"

#include "redis_url.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace fanfare::config {

namespace {

/// Laravel's names of connections, and the schemes of a DB_URL.
std::optional<DatabaseDriver> driver_named(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, DatabaseDriver>, 8> names{{
        {"pgsql", DatabaseDriver::postgres},
        {"postgres", DatabaseDriver::postgres},
        {"postgresql", DatabaseDriver::postgres},
        {"mysql", DatabaseDriver::mysql},
        {"mysql2", DatabaseDriver::mysql},
        {"mariadb", DatabaseDriver::mysql},
        {"sqlite", DatabaseDriver::sqlite},
        {"sqlite3", DatabaseDriver::sqlite},
    }};
    for (const auto& [known, driver] : names) {
        if (known == name) return driver;
    }
    return std::nullopt;
}

/// A DB_URL without its scheme and its query. What is empty is not said.
struct Address {
    std::string host;
    std::string port;
    std::string username;
    std::string password;
    std::string database;
};

std::optional<Address> parse_address(std::string_view text) {
    text = text.substr(0, text.find('?'));
    Address address;
    const std::size_t slash = text.find('/', text.rfind('@') == text.npos ? 0 : text.rfind('@'));
    if (slash != text.npos) {
        const auto name = percent_decoded(text.substr(slash + 1));
        if (!name) return std::nullopt;
        address.database = *name;
        text = text.substr(0, slash);
    }
    if (text.empty()) return address;
    const auto url = parse_redis_url("redis://" + std::string(text));
    if (!url) return std::nullopt;
    address.host = url->host;
    address.username = url->username;
    address.password = url->password;
    if (url->port) address.port = std::to_string(*url->port);
    return address;
}

class LaravelDatabase {
public:
    LaravelDatabase(
        const Variables& variables, const std::filesystem::path& base, Draft<Settings>& daemon
    )
        : variables_(variables), base_(base), daemon_(daemon) {}

    void take() {
        if (const Variable* url = variables_.find("DB_URL")) {
            take_url(*url);
        } else {
            take_connection();
        }
        // PDO knows a socket of MySQL only; of PostgreSQL its folder is a DB_HOST.
        if (settings().driver == DatabaseDriver::mysql) take_variable("host", "DB_SOCKET");
        take_variable("host", "DB_HOST");
        take_variable("port", "DB_PORT");
        take_variable("database", "DB_DATABASE");
        take_variable("username", "DB_USERNAME");
        take_variable("password", "DB_PASSWORD");
        finish();
    }

private:
    static constexpr std::string_view start = "apps_database.";

    [[nodiscard]] static std::size_t row(std::string_view name) {
        return row_of<Settings>(std::string(start).append(name));
    }

    [[nodiscard]] bool is_said(std::string_view name) const {
        return daemon_.sources[row(name)] != by_default;
    }

    [[nodiscard]] AppsDatabaseSettings& settings() const { return daemon_.value.apps_database; }

    void take_driver(DatabaseDriver driver, const std::string& where, std::string_view name) {
        daemon_.assign(
            row("driver"), static_cast<std::uint64_t>(driver), where + ": " + std::string(name)
        );
    }

    void take_connection() {
        const Variable* connection = variables_.find("DB_CONNECTION");
        if (connection == nullptr) {
            throw ConfigError(
                daemon_.sources[row("driver")] +
                ": apps_database.driver is laravel, and DB_CONNECTION is not set; expected the "
                "app's .env in the working directory (or --env-file)"
            );
        }
        const auto driver = driver_named(connection->value);
        if (!driver) {
            throw ConfigError(
                connection->where + ": DB_CONNECTION: " + printable(connection->value) +
                " is not a database that apps can be in; expected pgsql, mysql, mariadb or sqlite"
            );
        }
        take_driver(*driver, connection->where, "DB_CONNECTION");
    }

    /// As in Laravel, what the URL says wins over the single variables.
    void take_url(const Variable& url) {
        const std::string_view text = url.value;
        const std::size_t colon = text.find("://");
        const auto driver = driver_named(text.substr(0, colon));
        const auto address =
            colon == text.npos ? std::nullopt : parse_address(text.substr(colon + 3));
        if (!driver || !address) {
            throw ConfigError(
                url.where + ": DB_URL: " + masked(text) +
                " is not the URL of a database; expected "
                "pgsql|mysql|mariadb|sqlite://[user[:password]@]host[:port]/database"
            );
        }
        take_driver(*driver, url.where, "DB_URL");
        take_text("host", address->host, url.where, "DB_URL");
        take_text("port", address->port, url.where, "DB_URL");
        take_text("username", address->username, url.where, "DB_URL");
        take_text("password", address->password, url.where, "DB_URL");
        take_text("database", address->database, url.where, "DB_URL");
    }

    void take_variable(std::string_view name, std::string_view variable_name) {
        const Variable* variable = variables_.find(variable_name);
        if (variable != nullptr) take_text(name, variable->value, variable->where, variable_name);
    }

    void take_text(
        std::string_view name,
        std::string_view text,
        const std::string& where,
        std::string_view variable
    ) {
        if (!is_said(name) && !text.empty()) {
            daemon_.assign_text(row(name), text, where, variable);
        }
    }

    /// The defaults of Laravel's config/database.php, where Fanfare has others.
    void finish() {
        AppsDatabaseSettings& found = settings();
        if (found.driver == DatabaseDriver::sqlite) {
            if (found.database.empty()) found.database = "database/database.sqlite";
            found.database = (base_ / found.database).string();
        } else if (!is_said("username")) {
            found.username = "root";
        }
    }

    const Variables& variables_;
    const std::filesystem::path& base_;
    Draft<Settings>& daemon_;
};

}  // namespace

void take_laravel_database(
    const Variables& variables, const std::filesystem::path& base, Drafts& drafts
) {
    if (drafts.daemon.value.apps_database.driver != DatabaseDriver::laravel) return;
    LaravelDatabase(variables, base, drafts.daemon).take();
}

void check_apps_database(const Draft<Settings>& daemon) {
    const AppsDatabaseSettings& settings = daemon.value.apps_database;
    if (settings.driver == DatabaseDriver::none || !settings.database.empty()) return;
    const bool is_file = settings.driver == DatabaseDriver::sqlite;
    throw ConfigError(
        daemon.sources[row_of<Settings>("apps_database.driver")] +
        ": apps_database.database (FANFARE_APPS_DATABASE_NAME, or DB_DATABASE with the driver "
        "laravel) is empty; expected " +
        (is_file ? "the path of the SQLite file" : "the name of the database")
    );
}

}  // namespace fanfare::config
