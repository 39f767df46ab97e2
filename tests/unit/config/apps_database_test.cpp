// SPDX-License-Identifier: MIT
#include "config_files.hpp"

#include "fanfare/config/webhooks.hpp"

#include <gmock/gmock.h>

namespace fanfare::config {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class AppsDatabase : public ConfigFiles {
protected:
    [[nodiscard]] AppsDatabaseSettings settings(const Environment& environment = {}) const {
        return load(environment).settings.apps_database;
    }

    [[nodiscard]] AppsDatabaseSettings laravel(Environment environment) const {
        environment.insert({"FANFARE_APPS_DATABASE", "laravel"});
        return settings(environment);
    }
};

TEST_F(AppsDatabase, there_is_none_unless_it_is_named) {
    EXPECT_EQ(settings({{"DB_CONNECTION", "mysql"}}), AppsDatabaseSettings{});
}

TEST_F(AppsDatabase, file_and_variables_describe_it) {
    write_json(R"({"apps_database": {"driver": "mysql", "host": "/run/mysqld/mysqld.sock",
        "database": "laravel", "username": "reader", "password": "s3cret-s3cret", "ttl": 5}})");
    const AppsDatabaseSettings database = settings(
        {{"FANFARE_APPS_DATABASE", "postgres"},
         {"FANFARE_APPS_DATABASE_HOST", "db.internal"},
         {"FANFARE_APPS_DATABASE_PORT", "6432"},
         {"FANFARE_APPS_DATABASE_TABLE", "realtime.apps"},
         {"FANFARE_APPS_DATABASE_NEGATIVE_TTL", "0"},
         {"FANFARE_APPS_DATABASE_TIMEOUT", "1"}}
    );
    EXPECT_EQ(database.driver, DatabaseDriver::postgres);
    EXPECT_EQ(database.host, "db.internal");
    EXPECT_EQ(database.port, 6432);
    EXPECT_EQ(database.database, "laravel");
    EXPECT_EQ(database.username, "reader");
    EXPECT_EQ(database.password, "s3cret-s3cret");
    EXPECT_EQ(database.table, "realtime.apps");
    EXPECT_EQ(database.ttl, std::chrono::seconds(5));
    EXPECT_EQ(database.negative_ttl, std::chrono::seconds(0));
    EXPECT_EQ(database.timeout, std::chrono::seconds(1));
    EXPECT_THAT(describe(load()), Not(HasSubstr("s3cret-s3cret")));
}

TEST_F(AppsDatabase, with_one_no_app_has_to_be_configured) {
    write_json(R"({"apps_database": {"driver": "sqlite", "database": "apps.sqlite"}})");
    EXPECT_THAT(load().warnings, IsEmpty());
}

TEST_F(AppsDatabase, wrong_values_stop_the_start) {
    EXPECT_EQ(
        error({{"FANFARE_APPS_DATABASE", "oracle"}}),
        "environment: FANFARE_APPS_DATABASE: oracle is not a kind of database; expected none, "
        "sqlite, postgres, mysql or laravel"
    );
    for (const char* const table : {"apps; DROP TABLE apps", "a`b", "a-b", ".apps", "a..b"}) {
        EXPECT_THAT(
            error({{"FANFARE_APPS_DATABASE_TABLE", table}}),
            HasSubstr("is not a table; expected a name of letters, digits and _, or schema.name")
        ) << table;
    }
    EXPECT_THAT(
        error({{"FANFARE_APPS_DATABASE_TTL", "0"}}), HasSubstr("expected a number from 1 to 86400")
    );
}

TEST_F(AppsDatabase, has_to_have_a_name) {
    EXPECT_EQ(
        error({{"FANFARE_APPS_DATABASE", "postgres"}}),
        "environment: FANFARE_APPS_DATABASE: apps_database.database (FANFARE_APPS_DATABASE_NAME, "
        "or DB_DATABASE with the driver laravel) is empty; expected the name of the database"
    );
    EXPECT_THAT(
        error({{"FANFARE_APPS_DATABASE", "sqlite"}}),
        HasSubstr("expected the path of the SQLite file")
    );
}

TEST_F(AppsDatabase, laravel_is_that_of_its_dotenv) {
    write_dotenv(
        "DB_CONNECTION=pgsql\nDB_HOST=db\nDB_PORT=5433\nDB_DATABASE=shop\nDB_USERNAME=shop\n"
        "DB_PASSWORD=\"a#b c\"\n"
    );
    const AppsDatabaseSettings database = laravel({{"DB_HOST", "other"}});
    EXPECT_EQ(database.driver, DatabaseDriver::postgres);
    EXPECT_EQ(database.host, "other");
    EXPECT_EQ(database.port, 5433);
    EXPECT_EQ(database.database, "shop");
    EXPECT_EQ(database.username, "shop");
    EXPECT_EQ(database.password, "a#b c");
}

TEST_F(AppsDatabase, laravels_values_have_a_source) {
    const Loaded loaded = load(
        {{"FANFARE_APPS_DATABASE", "laravel"},
         {"DB_CONNECTION", "mariadb"},
         {"DB_DATABASE", "shop"}}
    );
    EXPECT_EQ(origin(loaded, "apps_database.driver").value, "mysql");
    EXPECT_EQ(origin(loaded, "apps_database.driver").source, "environment: DB_CONNECTION");
    EXPECT_EQ(origin(loaded, "apps_database.database").source, "environment: DB_DATABASE");
}

TEST_F(AppsDatabase, of_laravel_what_is_set_here_stays) {
    write_json(R"({"apps_database": {"driver": "laravel", "username": "reader"}})");
    const AppsDatabaseSettings database = settings(
        {{"DB_CONNECTION", "mysql"},
         {"DB_DATABASE", "shop"},
         {"DB_USERNAME", "shop"},
         {"FANFARE_APPS_DATABASE_HOST", "replica"},
         {"DB_HOST", "primary"}}
    );
    EXPECT_EQ(database.username, "reader");
    EXPECT_EQ(database.host, "replica");
}

TEST_F(AppsDatabase, laravels_mysql_has_root_and_perhaps_a_socket) {
    const AppsDatabaseSettings database = laravel(
        {{"DB_CONNECTION", "mysql"},
         {"DB_HOST", "db"},
         {"DB_DATABASE", "shop"},
         {"DB_SOCKET", "/run/mysqld/mysqld.sock"}}
    );
    EXPECT_EQ(database.driver, DatabaseDriver::mysql);
    EXPECT_EQ(database.username, "root");
    EXPECT_EQ(database.host, "/run/mysqld/mysqld.sock");
}

TEST_F(AppsDatabase, laravels_sqlite_file_is_relative_to_the_dotenv) {
    EXPECT_EQ(laravel({{"DB_CONNECTION", "sqlite"}}).database, path("database/database.sqlite"));
    EXPECT_EQ(
        laravel({{"DB_CONNECTION", "sqlite"}, {"DB_DATABASE", "other.sqlite"}}).database,
        path("other.sqlite")
    );
    EXPECT_EQ(
        laravel({{"DB_CONNECTION", "sqlite"}, {"DB_DATABASE", "/srv/db.sqlite"}}).database,
        "/srv/db.sqlite"
    );
}

TEST_F(AppsDatabase, a_url_wins_as_in_laravel) {
    const AppsDatabaseSettings database = laravel(
        {{"DB_CONNECTION", "mysql"},
         {"DB_URL", "postgresql://us%40er:p%2Fw@[::1]:6000/my%20shop?sslmode=require"},
         {"DB_HOST", "other"},
         {"DB_DATABASE", "other"}}
    );
    EXPECT_EQ(database.driver, DatabaseDriver::postgres);
    EXPECT_EQ(database.host, "::1");
    EXPECT_EQ(database.port, 6000);
    EXPECT_EQ(database.username, "us@er");
    EXPECT_EQ(database.password, "p/w");
    EXPECT_EQ(database.database, "my shop");
    EXPECT_EQ(laravel({{"DB_URL", "sqlite:////srv/db.sqlite"}}).database, "/srv/db.sqlite");
    EXPECT_EQ(laravel({{"DB_URL", "mysql://db/shop"}}).host, "db");
}

TEST_F(AppsDatabase, of_laravel_what_is_wrong_is_named) {
    const auto error_of = [this](Environment environment) {
        environment.insert({"FANFARE_APPS_DATABASE", "laravel"});
        return error(environment);
    };
    EXPECT_THAT(error_of({}), HasSubstr("driver is laravel, and DB_CONNECTION is not set"));
    EXPECT_EQ(
        error_of({{"DB_CONNECTION", "sqlsrv"}}),
        "environment: DB_CONNECTION: sqlsrv is not a database that apps can be in; expected pgsql, "
        "mysql, mariadb or sqlite"
    );
    EXPECT_THAT(
        error_of({{"DB_CONNECTION", "mysql"}, {"DB_DATABASE", "shop"}, {"DB_PORT", "x"}}),
        StartsWith("environment: DB_PORT: x is not a port")
    );
    EXPECT_THAT(
        error_of({{"DB_URL", "mysql:s3cret@host"}}),
        AllOf(StartsWith("environment: DB_URL: my…"), HasSubstr("expected pgsql|mysql|mariadb"))
    );
}

TEST(WebhookColumn, are_read_as_those_of_a_file) {
    const auto webhooks = parse_webhooks(
        R"([{"url": "https://a.test/hook", "event_types": ["member_added"],
             "filter": {"channel_name_starts_with": "private-"}, "headers": {"X-Token": "t"}},
            "http://b.test"])",
        "apps"
    );
    ASSERT_EQ(webhooks.size(), 2U);
    EXPECT_EQ(webhooks[0].events, std::vector<std::string>{"member_added"});
    EXPECT_EQ(webhooks[0].channel_prefix, "private-");
    EXPECT_EQ(webhooks[0].headers.at("X-Token"), "t");
    EXPECT_EQ(webhooks[1].url, "http://b.test");
}

std::string complaint(std::string_view json) {
    try {
        return parse_webhooks(json, "apps").empty() ? "none" : "fine";
    } catch (const ConfigError& error) {
        return error.what();
    }
}

TEST(WebhookColumn, are_checked_as_those_of_a_file) {
    EXPECT_EQ(complaint("[]"), "none");
    EXPECT_EQ(complaint("[{"), "apps: webhooks: not JSON; expected an array of objects or URLs");
    EXPECT_THAT(complaint("{}"), HasSubstr("webhooks: object is not a list of webhooks"));
    EXPECT_THAT(complaint(R"(["ftp://a"])"), HasSubstr("webhooks[0].url: ftp://a is not a URL"));
    EXPECT_THAT(
        complaint(R"([{"url": "http://a", "event_types": ["member_aded"]}])"),
        HasSubstr("did you mean member_added?")
    );
}

}  // namespace

}  // namespace fanfare::config
