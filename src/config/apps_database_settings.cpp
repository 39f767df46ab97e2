// SPDX-License-Identifier: MIT
#include "apps_database_settings.hpp"

#include "rules.hpp"

#include <array>

namespace fanfare::config {

namespace {

template <auto Field>
constexpr Setting<Settings> database(const Description& about) {
    return row<Settings, &Settings::apps_database, Field>(about);
}

constexpr std::array<std::string_view, 5> drivers{"none", "sqlite", "postgres", "mysql", "laravel"};
constexpr Rule a_credential = text("a credential", "a text", any_text);

constexpr std::array rows{
    database<&AppsDatabaseSettings::driver>({
        .key = "apps_database.driver",
        .env = "FANFARE_APPS_DATABASE",
        .rule = choice("a kind of database", drivers),
        .doc = "SQL database with further apps; laravel: that of DB_CONNECTION, DB_HOST and so on.",
    }),
    database<&AppsDatabaseSettings::host>({
        .key = "apps_database.host",
        .env = "FANFARE_APPS_DATABASE_HOST",
        .rule = text(
            "a host", "a host name, an IP address or the path of a Unix socket", host_or_socket
        ),
        .doc = "Host of the database, or its Unix socket (of PostgreSQL the folder of it).",
    }),
    database<&AppsDatabaseSettings::port>({
        .key = "apps_database.port",
        .env = "FANFARE_APPS_DATABASE_PORT",
        .rule = number("a port", 0, 65'535),
        .doc = "Port of the database; 0 = the usual one.",
    }),
    database<&AppsDatabaseSettings::database>({
        .key = "apps_database.database",
        .env = "FANFARE_APPS_DATABASE_NAME",
        .rule = text("a name", "a text", any_text),
        .doc = "Name of the database; of SQLite the path of the file.",
    }),
    database<&AppsDatabaseSettings::username>({
        .key = "apps_database.username",
        .env = "FANFARE_APPS_DATABASE_USERNAME",
        .rule = a_credential,
        .doc = "User of the database; it need only read the table.",
    }),
    database<&AppsDatabaseSettings::password>({
        .key = "apps_database.password",
        .env = "FANFARE_APPS_DATABASE_PASSWORD",
        .rule = a_credential,
        .doc = "Password of that user.",
        .secret = true,
    }),
    database<&AppsDatabaseSettings::table>({
        .key = "apps_database.table",
        .env = "FANFARE_APPS_DATABASE_TABLE",
        .rule = text("a table", "a name of letters, digits and _, or schema.name", table_name),
        .doc = "Table of the apps, with soketi's columns.",
    }),
    database<&AppsDatabaseSettings::ttl>({
        .key = "apps_database.ttl",
        .env = "FANFARE_APPS_DATABASE_TTL",
        .rule = seconds(1, day),
        .doc = "Seconds within which a change of an app's row is noticed.",
    }),
    database<&AppsDatabaseSettings::negative_ttl>({
        .key = "apps_database.negative_ttl",
        .env = "FANFARE_APPS_DATABASE_NEGATIVE_TTL",
        .rule = seconds(0, day),
        .doc = "Seconds for which a key that no app has is not looked up again.",
    }),
    database<&AppsDatabaseSettings::timeout>({
        .key = "apps_database.timeout",
        .env = "FANFARE_APPS_DATABASE_TIMEOUT",
        .rule = seconds(1, 300),
        .doc = "Seconds to wait for the database.",
    }),
};

}  // namespace

std::span<const Setting<Settings>> apps_database_rows() {
    return rows;
}

}  // namespace fanfare::config
