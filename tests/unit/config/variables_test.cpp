// SPDX-License-Identifier: MIT
#include "config_files.hpp"

#include <gmock/gmock.h>

namespace fanfare::config {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Variable : public ConfigFiles {};

class EnvironmentApp : public ConfigFiles {};

TEST_F(Variable, an_empty_or_null_one_is_not_set) {
    write_json(R"({"server": {"port": 1}, "scaling": {"server": {"password": "from-the-file"}}})");
    for (const char* const nothing : {"", "null", "(null)", "NULL"}) {
        const auto settings =
            load({{"REVERB_SERVER_PORT", nothing}, {"REDIS_PASSWORD", nothing}}).settings;
        EXPECT_EQ(settings.server.port, 1) << nothing;
        EXPECT_EQ(settings.scaling.password, "from-the-file") << nothing;
    }
}

TEST_F(Variable, empty_in_words_is_an_empty_value) {
    write_json(R"({"scaling": {"server": {"password": "from-the-file"}}})");
    EXPECT_EQ(load({{"REDIS_PASSWORD", "(empty)"}}).settings.scaling.password, "");
}

// Laravel does not overwrite what the process already has.
TEST_F(Variable, an_empty_one_of_the_process_hides_the_one_of_the_file) {
    write_dotenv("REVERB_SERVER_PORT=5");
    EXPECT_EQ(load({{"REVERB_SERVER_PORT", ""}}).settings.server.port, 8080);
}

TEST_F(Variable, a_switch_reads_laravels_words) {
    for (const char* const yes : {"true", "(true)", "TRUE", "1", "on", "yes"}) {
        EXPECT_TRUE(load({{"REVERB_SCALING_ENABLED", yes}}).settings.scaling.enabled) << yes;
    }
    for (const char* const no : {"false", "(false)", "False", "0", "off", "no", "", "null"}) {
        EXPECT_FALSE(load({{"REVERB_SCALING_ENABLED", no}}).settings.scaling.enabled) << no;
    }
    EXPECT_THAT(error({{"REVERB_SCALING_ENABLED", "maybe"}}), HasSubstr("maybe is not a switch"));
}

// `docker run --env-file` passes the quotes of the file on.
TEST_F(Variable, quotes_around_one_of_the_process_come_off) {
    EXPECT_EQ(load({{"REVERB_SERVER_HOST", "\"localhost\""}}).settings.server.host, "localhost");
}

TEST_F(Variable, a_list_is_separated_by_commas) {
    EXPECT_THAT(
        load({{"FANFARE_API_CORS_ORIGINS", "https://a, https://b,"}}
        ).settings.server.api_cors_origins,
        ElementsAre("https://a", "https://b")
    );
}

TEST_F(Variable, the_public_address_is_not_bound) {
    const auto loaded = load(app_and(
        {{"REVERB_HOST", "ws.example.com"}, {"REVERB_PORT", "443"}, {"REVERB_SCHEME", "https"}}
    ));
    EXPECT_EQ(loaded.settings.server.host, "0.0.0.0");
    EXPECT_EQ(loaded.settings.server.port, 8080);
    EXPECT_EQ(loaded.settings.server.hostname, "ws.example.com");
    EXPECT_THAT(loaded.warnings, IsEmpty());
}

TEST_F(Variable, an_unknown_one_of_reverb_or_fanfare_is_worth_a_warning) {
    write_dotenv("\nREVERB_SERVER_PROT=1\nVITE_REVERB_APP_KEY=k\n");
    const auto warnings =
        load(app_and({{"FANFARE_NONSENSE_OF_MINE", "1"}, {"REDIS_CLIENT", "x"}})).warnings;
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_EQ(warnings[0], "environment: FANFARE_NONSENSE_OF_MINE is not a setting; it is ignored");
    EXPECT_EQ(
        without_directory(warnings[1]),
        ".env:2: REVERB_SERVER_PROT is not a setting; did you mean REVERB_SERVER_PORT?"
    );
}

TEST_F(Variable, what_kubernetes_adds_for_services_is_not_configuration) {
    const auto loaded = load(app_and({
        {"REDIS_PORT", "tcp://10.0.0.1:6379"},
        {"REVERB_SERVER_PORT", "tcp://10.0.0.2:80"},
        {"REVERB_SERVICE_HOST", "10.0.0.2"},
        {"REVERB_SERVICE_PORT_HTTP", "80"},
        {"REVERB_PORT_80_TCP_ADDR", "10.0.0.2"},
    }));
    EXPECT_EQ(loaded.settings.scaling.port, 6379);
    EXPECT_EQ(loaded.settings.server.port, 8080);
    EXPECT_THAT(loaded.warnings, IsEmpty());
}

// How an app reaches its own Redis is none of the server's business without scaling.
TEST_F(Variable, a_wrong_redis_setting_only_warns_while_scaling_is_off) {
    const Environment wrong{{"REDIS_HOST", "a b"}, {"REDIS_PORT", "x"}};
    const auto loaded = load(app_and(wrong));
    EXPECT_EQ(loaded.warnings.size(), 2U);
    EXPECT_THAT(loaded.warnings[0], HasSubstr("(not used: scaling is off)"));
    write_json(R"({"scaling": {"enabled": true}})");
    EXPECT_THAT(error(app_and(wrong)), HasSubstr("REDIS_HOST: a b is not a host"));
}

TEST_F(Variable, the_process_environment_is_copied_by_name) {
    const char* const raw[] = {"A=1", "B=x=y", "C=", "broken", nullptr};
    EXPECT_THAT(
        environment_of(raw),
        ElementsAre(std::pair("A", "1"), std::pair("B", "x=y"), std::pair("C", ""))
    );
}

TEST_F(EnvironmentApp, three_variables_make_an_app) {
    const auto apps = load(app_and({})).settings.apps;
    ASSERT_EQ(apps.size(), 1U);
    EXPECT_EQ(apps[0].id, "7");
    EXPECT_EQ(apps[0].key, "key");
    EXPECT_EQ(apps[0].secret, "s3cret-s3cret");
    EXPECT_EQ(apps[0].accept_client_events_from, ClientEventSenders::members);
    EXPECT_EQ(apps[0].ping_interval.count(), 60);
    EXPECT_EQ(apps[0].activity_timeout.count(), 30);
    EXPECT_THAT(apps[0].allowed_origins, ElementsAre("*"));
}

TEST_F(EnvironmentApp, two_of_the_three_are_refused_by_the_name_of_the_third) {
    EXPECT_EQ(
        error({{"REVERB_APP_ID", "7"}, {"REVERB_APP_SECRET", "s"}, {"REVERB_APP_KEY", ""}}),
        "environment: REVERB_APP_KEY is missing; expected REVERB_APP_ID, REVERB_APP_KEY and "
        "REVERB_APP_SECRET together"
    );
}

TEST_F(EnvironmentApp, the_apps_tunables_are_its_own) {
    write_json(R"({"apps": [{"app_id": "1", "key": "k", "secret": "s"}]})");
    const auto apps = load(app_and({
                               {"REVERB_APP_PING_INTERVAL", "11"},
                               {"REVERB_APP_ACTIVITY_TIMEOUT", "12"},
                               {"REVERB_APP_MAX_CONNECTIONS", "13"},
                               {"REVERB_APP_MAX_MESSAGE_SIZE", "14"},
                               {"REVERB_APP_RATE_LIMITING_ENABLED", "true"},
                               {"REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "15"},
                               {"REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "16"},
                               {"REVERB_APP_RATE_LIMIT_TERMINATE", "true"},
                               {"FANFARE_APP_MAX_BATCH_SIZE", "17"},
                           }))
                          .settings.apps;
    ASSERT_EQ(apps.size(), 2U);
    EXPECT_EQ(apps[0].ping_interval.count(), 60);
    EXPECT_EQ(apps[0].max_connections, std::nullopt);
    EXPECT_EQ(apps[1].ping_interval.count(), 11);
    EXPECT_EQ(apps[1].activity_timeout.count(), 12);
    EXPECT_EQ(apps[1].max_connections, 13U);
    EXPECT_EQ(apps[1].max_message_size, 14U);
    EXPECT_TRUE(apps[1].rate_limiting.enabled);
    EXPECT_EQ(apps[1].rate_limiting.max_attempts, 15U);
    EXPECT_EQ(apps[1].rate_limiting.decay.count(), 16);
    EXPECT_TRUE(apps[1].rate_limiting.terminate_on_limit);
    EXPECT_EQ(apps[1].max_batch_size, 17U);
}

TEST_F(EnvironmentApp, over_an_app_of_the_file_it_changes_only_what_it_says) {
    write_json(R"({"apps": [{"app_id": "7", "key": "old", "secret": "old", "ping_interval": 5,
                             "allowed_origins": ["a"]}]})");
    const auto loaded = load(app_and({{"REVERB_APP_PING_INTERVAL", "6"}}));
    ASSERT_EQ(loaded.settings.apps.size(), 1U);
    const auto& app = loaded.settings.apps[0];
    EXPECT_EQ(app.key, "key");
    EXPECT_EQ(app.ping_interval.count(), 6);
    EXPECT_THAT(app.allowed_origins, ElementsAre("a"));
    EXPECT_EQ(origin(loaded, "apps[7].allowed_origins").source, "fanfare.json");
}

TEST_F(EnvironmentApp, its_tunables_without_it_are_worth_a_warning) {
    write_json(R"({"apps": [{"app_id": "1", "key": "k", "secret": "s",
                             "accept_client_events_from": "members"}]})");
    EXPECT_THAT(
        load({{"REVERB_APP_PING_INTERVAL", "6"}}).warnings,
        ElementsAre(HasSubstr("REVERB_APP_PING_INTERVAL has no effect"))
    );
}

TEST_F(EnvironmentApp, an_id_or_key_that_no_url_can_carry_is_refused) {
    EXPECT_THAT(
        error({{"REVERB_APP_ID", "a/b"}, {"REVERB_APP_KEY", "k"}, {"REVERB_APP_SECRET", "s"}}),
        HasSubstr("REVERB_APP_ID: a/b is not an app id")
    );
    EXPECT_THAT(
        error({{"REVERB_APP_ID", "a"}, {"REVERB_APP_KEY", "k:k"}, {"REVERB_APP_SECRET", "s"}}),
        HasSubstr("REVERB_APP_KEY: k:k is not an app key")
    );
}

}  // namespace

}  // namespace fanfare::config
