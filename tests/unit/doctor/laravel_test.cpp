// SPDX-License-Identifier: MIT
#include "laravel_app.hpp"
#include "laravel_judgement.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace fanfare::doctor {

namespace {

namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;

const auto all_well = Each(Field(&Finding::severity, Severity::ok));

TEST(Laravel, what_reverb_install_writes_is_well) {
    const Laravel laravel = laravel_of_app();
    const config::Settings settings = server_with_app();
    EXPECT_THAT(judge_driver(laravel), all_well);
    EXPECT_THAT(judge_credentials(laravel, settings), all_well);
    EXPECT_THAT(judge_publishing(laravel, settings), all_well);
    EXPECT_THAT(judge_browsers(laravel, settings), all_well);
}

TEST(LaravelDriver, another_driver_broadcasts_elsewhere) {
    for (const char* driver : {"log", "null", "redis", "ably"}) {
        Laravel laravel = laravel_of_app();
        set(laravel, "BROADCAST_CONNECTION", driver);
        EXPECT_THAT(
            only(judge_driver(laravel)),
            Says(
                Severity::error,
                std::string("/app/.env:99: BROADCAST_CONNECTION is ") + driver,
                "BROADCAST_CONNECTION=reverb in /app/.env:99"
            )
        );
    }
}

TEST(LaravelDriver, none_at_all_is_an_error) {
    Laravel laravel = laravel_of_app();
    laravel.env.erase("BROADCAST_CONNECTION");
    EXPECT_THAT(
        only(judge_driver(laravel)),
        Says(Severity::error, "BROADCAST_CONNECTION is not set", "BROADCAST_CONNECTION=reverb")
    );
}

TEST(LaravelDriver, the_older_name_counts_where_it_is_read) {
    Laravel laravel = laravel_of_app();
    laravel.env.erase("BROADCAST_CONNECTION");
    set(laravel, "BROADCAST_DRIVER", "pusher");
    laravel.driver_variable = "BROADCAST_DRIVER";
    EXPECT_THAT(judge_driver(laravel), all_well);
    laravel.driver_variable = "BROADCAST_CONNECTION";
    EXPECT_THAT(
        only(judge_driver(laravel)), Says(Severity::error, "BROADCAST_CONNECTION is not set", "")
    );
    laravel.driver_variable = "";  // nobody knows which Laravel it is
    EXPECT_THAT(
        judge_driver(laravel),
        Contains(Says(Severity::warning, "BROADCAST_DRIVER is set", "BROADCAST_CONNECTION=pusher"))
    );
}

TEST(LaravelDriver, two_names_that_differ_are_a_warning) {
    Laravel laravel = laravel_of_app();
    laravel.driver_variable = "";
    set(laravel, "BROADCAST_DRIVER", "log");
    EXPECT_THAT(
        judge_driver(laravel),
        Contains(Says(Severity::warning, "BROADCAST_DRIVER is log", "/app/.env:99"))
    );
}

TEST(LaravelDriver, an_old_cache_hides_the_file) {
    Laravel laravel = laravel_of_app();
    laravel.has_stale_cache = true;
    EXPECT_THAT(
        judge_driver(laravel), Contains(Says(Severity::warning, "config.php", "config:cache"))
    );
}

TEST(LaravelCredentials, each_of_them_has_to_be_there) {
    for (const char* name : {"REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET"}) {
        Laravel laravel = laravel_of_app();
        laravel.env.erase(name);
        EXPECT_THAT(
            only(judge_credentials(laravel, server_with_app())),
            Says(Severity::error, std::string(name) + " is missing", "/app/.env")
        );
    }
}

TEST(LaravelCredentials, another_app_key_or_secret_is_an_error_that_shows_no_secret) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_APP_SECRET", "wrong-4712");
    const Finding secret = only(judge_credentials(laravel, server_with_app()));
    EXPECT_THAT(
        secret, Says(Severity::error, "REVERB_APP_SECRET is not the secret", "fanfare check")
    );
    const std::string all = to_json({secret});
    EXPECT_EQ(all.find("4712"), all.npos);
    EXPECT_EQ(all.find("shop-secret"), all.npos);

    set(laravel, "REVERB_APP_KEY", "old-key");
    EXPECT_THAT(
        only(judge_credentials(laravel, server_with_app())),
        Says(
            Severity::error, "REVERB_APP_KEY is old-key", "REVERB_APP_KEY=shop-key in /app/.env:99"
        )
    );
    set(laravel, "REVERB_APP_ID", "other");
    EXPECT_THAT(
        only(judge_credentials(laravel, server_with_app())),
        Says(Severity::error, "is other, which is no app of the server (shop)", "add the app")
    );
}

TEST(LaravelCredentials, a_previous_key_with_its_own_secret_is_well) {
    config::Settings settings = server_with_app();
    settings.apps.front().previous_keys = {"old-key:old-secret"};
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_APP_KEY", "old-key");
    EXPECT_THAT(
        judge_credentials(laravel, settings),
        Contains(Says(Severity::error, "REVERB_APP_SECRET", ""))
    );
    set(laravel, "REVERB_APP_SECRET", "old-secret");
    EXPECT_THAT(judge_credentials(laravel, settings), all_well);
}

TEST(LaravelCredentials, each_secret_of_a_key_is_well_while_it_is_replaced) {
    config::Settings settings = server_with_app();
    settings.apps.front().previous_keys = {"shop-key:new-secret"};
    Laravel laravel = laravel_of_app();
    EXPECT_THAT(judge_credentials(laravel, settings), all_well);
    set(laravel, "REVERB_APP_SECRET", "new-secret");
    EXPECT_THAT(judge_credentials(laravel, settings), all_well);
    set(laravel, "REVERB_APP_SECRET", "new-secre");
    EXPECT_THAT(
        only(judge_credentials(laravel, settings)),
        Says(Severity::error, "REVERB_APP_SECRET is not the secret", "fanfare check")
    );
}

TEST(LaravelCredentials, what_a_database_may_have_is_left_to_it) {
    config::Settings settings = server_with_app();
    settings.apps_database.driver = config::DatabaseDriver::sqlite;
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_APP_ID", "tenant");
    EXPECT_TRUE(judge_credentials(laravel, settings).empty());
}

TEST(LaravelCredentials, those_of_pusher_count_for_its_driver) {
    Laravel laravel = laravel_of_app();
    set(laravel, "BROADCAST_CONNECTION", "pusher");
    EXPECT_THAT(
        only(judge_credentials(laravel, server_with_app())),
        Says(Severity::error, "PUSHER_APP_ID is missing", "PUSHER_APP_ID=")
    );
    set(laravel, "PUSHER_APP_ID", "shop");
    set(laravel, "PUSHER_APP_KEY", "shop-key");
    set(laravel, "PUSHER_APP_SECRET", "shop-secret");
    EXPECT_THAT(judge_credentials(laravel, server_with_app()), all_well);
    EXPECT_THAT(
        only(judge_publishing(laravel, server_with_app())),
        Says(Severity::error, "PUSHER_HOST is missing", "PUSHER_HOST=")
    );
}

TEST(LaravelPublishing, a_host_is_one_that_can_be_connected_to) {
    for (const char* host : {"0.0.0.0", "::", "[::]", "https://ws.shop.test", "ws.shop.test/ws"}) {
        Laravel laravel = laravel_of_app();
        set(laravel, "REVERB_HOST", host);
        EXPECT_THAT(
            only(judge_publishing(laravel, server_with_app())),
            Says(Severity::error, std::string("REVERB_HOST is ") + host, "in /app/.env:99")
        );
    }
    Laravel laravel = laravel_of_app();
    laravel.env.erase("REVERB_HOST");
    EXPECT_THAT(
        only(judge_publishing(laravel, server_with_app())),
        Says(Severity::error, "REVERB_HOST is missing", "in /app/.env")
    );
}

TEST(LaravelPublishing, an_ipv6_address_has_brackets) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_HOST", "[2001:db8::1]");
    EXPECT_THAT(
        only(judge_publishing(laravel, server_with_app())),
        Says(Severity::ok, "publishes to https://[2001:db8::1]", "")
    );
    set(laravel, "REVERB_HOST", "2001:db8::1");
    EXPECT_THAT(
        only(judge_publishing(laravel, server_with_app())),
        Says(Severity::error, "REVERB_HOST is 2001:db8::1", "REVERB_HOST=[2001:db8::1] in /app")
    );
}

TEST(LaravelPublishing, a_port_is_a_number_and_a_scheme_one_of_two) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_SCHEME", "wss");
    EXPECT_THAT(
        judge_publishing(laravel, server_with_app()),
        Contains(Says(Severity::error, "REVERB_SCHEME is wss", "REVERB_SCHEME=https"))
    );
    for (const char* port : {"http", "0", "65536", "80 80"}) {
        set(laravel, "REVERB_PORT", port);
        EXPECT_THAT(
            only(judge_publishing(laravel, server_with_app())),
            Says(Severity::error, std::string("REVERB_PORT is ") + port, "REVERB_PORT=443")
        );
    }
}

TEST(LaravelPublishing, tls_to_the_servers_own_port_needs_a_certificate_there) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_PORT", "8080");
    config::Settings settings = server_with_app();
    EXPECT_THAT(
        only(judge_publishing(laravel, settings)),
        Says(Severity::warning, "https with the port 8080", "REVERB_PORT=443")
    );
    settings.server.tls.certificate_file = "/tls.pem";
    EXPECT_THAT(judge_publishing(laravel, settings), all_well);
    set(laravel, "REVERB_SCHEME", "http");
    EXPECT_THAT(
        only(judge_publishing(laravel, settings)),
        Says(Severity::warning, "http with the port 8080", "REVERB_SCHEME=https")
    );
}

TEST(LaravelPublishing, a_server_bound_to_this_machine_is_not_public_by_its_own_port) {
    Laravel laravel = laravel_of_app();
    set(laravel, "REVERB_PORT", "8080");
    set(laravel, "REVERB_SCHEME", "http");
    config::Settings settings = server_with_app();
    EXPECT_THAT(judge_publishing(laravel, settings), all_well);
    settings.server.host = "127.0.0.1";
    EXPECT_THAT(
        only(judge_publishing(laravel, settings)),
        Says(Severity::warning, "listens on 127.0.0.1 only", "REVERB_SERVER_HOST=0.0.0.0")
    );
    set(laravel, "REVERB_HOST", "localhost");
    EXPECT_THAT(judge_publishing(laravel, settings), all_well);
    set(laravel, "REVERB_PORT", "80");
    EXPECT_THAT(
        judge_publishing(laravel, settings),
        Contains(Says(Severity::notice, "to port 80 of this machine", "REVERB_PORT=8080"))
    );
}

class LaravelFolder : public ::testing::Test {
protected:
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories(fs::path(folder_.path(name)).parent_path());
        std::ofstream(folder_.path(name)) << text;
    }

    [[nodiscard]] Laravel read() const { return read_laravel(folder_.path(""), {}); }

    fanfare::testing::TemporaryFolder folder_;
};

TEST_F(LaravelFolder, its_own_file_says_which_variable_it_reads) {
    write(".env", "BROADCAST_DRIVER=reverb\n");
    EXPECT_EQ(read().driver(), "reverb");
    EXPECT_EQ(read().driver_variable, "");
    write("config/broadcasting.php", "'default' => env('BROADCAST_CONNECTION', 'null'),");
    EXPECT_EQ(read().driver(), "");
    write("config/broadcasting.php", "'default' => env('BROADCAST_DRIVER', 'null'),");
    EXPECT_EQ(read().driver(), "reverb");
    EXPECT_EQ(read().where("BROADCAST_DRIVER"), folder_.path(".env") + ":1");
}

TEST_F(LaravelFolder, a_cache_is_stale_if_the_file_is_newer) {
    write(".env", "A=1\n");
    EXPECT_FALSE(read().has_stale_cache);
    write("bootstrap/cache/config.php", "<?php");
    const auto written = fs::last_write_time(folder_.path("bootstrap/cache/config.php"));
    fs::last_write_time(folder_.path(".env"), written - std::chrono::hours(1));
    EXPECT_FALSE(read().has_stale_cache);
    fs::last_write_time(folder_.path(".env"), written + std::chrono::hours(1));
    EXPECT_TRUE(read().has_stale_cache);
}

TEST_F(LaravelFolder, without_a_file_there_is_no_app_unless_the_environment_has_one) {
    EXPECT_FALSE(is_there(read(), true));
    const config::Environment environment{{"BROADCAST_CONNECTION", "reverb"}};
    EXPECT_TRUE(is_there(read_laravel(folder_.path(".env"), environment), false));
}

TEST_F(LaravelFolder, a_file_of_the_server_is_no_app_unless_it_is_named) {
    write(".env", "REVERB_APP_ID=shop\nREVERB_SERVER_PORT=8080\n");
    EXPECT_FALSE(is_there(read(), false));
    EXPECT_TRUE(is_there(read(), true));
    for (const char* variable : {"APP_KEY", "BROADCAST_CONNECTION", "BROADCAST_DRIVER"}) {
        write(".env", std::string(variable) + "=x\n");
        EXPECT_TRUE(is_there(read(), false)) << variable;
    }
    write(".env", "");
    for (const char* file : {"artisan", "config/broadcasting.php"}) {
        write(file, "");
        EXPECT_TRUE(is_there(read(), false)) << file;
        fs::remove(folder_.path(file));
    }
}

}  // namespace

}  // namespace fanfare::doctor
