// SPDX-License-Identifier: MIT
#include "config_files.hpp"

#include <gmock/gmock.h>

namespace fanfare::config {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class JsonFile : public ConfigFiles {
protected:
    void write_app(const std::string& keys) const {
        write_json(R"({"apps": [{"app_id": "1", "key": "k", "secret": "s")" + keys + "}]}");
    }
};

TEST_F(JsonFile, comments_are_allowed) {
    write_json("// a\n{\"server\": /* b */ {\"port\": 1}}\n");
    EXPECT_EQ(load().settings.server.port, 1);
}

TEST_F(JsonFile, null_means_not_set) {
    write_json(R"({"server": {"port": null, "path": null}, "scaling": null, "apps": null})");
    const auto loaded = load();
    EXPECT_EQ(loaded.settings.server.port, 8080);
    EXPECT_EQ(origin(loaded, "server.port").source, "default");
}

TEST_F(JsonFile, every_section_is_read) {
    write_json(R"({"server": {"api_cors_origins": ["https://a", "https://b"], "drain_window": 0},
                   "scaling": {"enabled": true, "server": {"host": "redis", "database": 3}}})");
    const auto settings = load().settings;
    EXPECT_THAT(settings.server.api_cors_origins, ElementsAre("https://a", "https://b"));
    EXPECT_EQ(settings.server.drain_window.count(), 0);
    EXPECT_TRUE(settings.scaling.enabled);
    EXPECT_EQ(settings.scaling.host, "redis");
    EXPECT_EQ(settings.scaling.database, 3U);
}

TEST_F(JsonFile, an_app_is_read_with_all_it_has) {
    write_app(R"(, "allowed_origins": ["a", "*.b"], "max_connections": 5, "ping_interval": 7,
                "rate_limiting": {"enabled": true, "decay_seconds": 2}, "channel_charset": "lenient",
                "subscription_errors": "channel", "accept_client_events_from": "none")");
    const auto apps = load().settings.apps;
    ASSERT_EQ(apps.size(), 1U);
    EXPECT_THAT(apps[0].allowed_origins, ElementsAre("a", "*.b"));
    EXPECT_EQ(apps[0].max_connections, 5U);
    EXPECT_EQ(apps[0].ping_interval.count(), 7);
    EXPECT_TRUE(apps[0].rate_limiting.enabled);
    EXPECT_EQ(apps[0].rate_limiting.decay.count(), 2);
    EXPECT_EQ(apps[0].rate_limiting.max_attempts, 60U);
    EXPECT_EQ(apps[0].channel_charset, ChannelCharset::lenient);
    EXPECT_EQ(apps[0].subscription_errors, SubscriptionErrors::channel);
    EXPECT_EQ(apps[0].accept_client_events_from, ClientEventSenders::none);
}

TEST_F(JsonFile, an_app_without_the_key_takes_client_events_from_all_as_in_reverb) {
    write_app("");
    EXPECT_EQ(load().settings.apps.at(0).accept_client_events_from, ClientEventSenders::all);
}

TEST_F(JsonFile, an_app_id_may_be_a_number) {
    write_json(R"({"apps": [{"app_id": 42, "key": "k", "secret": "s"}]})");
    EXPECT_EQ(load().settings.apps.at(0).id, "42");
}

TEST_F(JsonFile, what_only_php_needs_is_passed_over) {
    write_app(R"(, "options": {"host": "x", "port": 443, "useTLS": true})");
    EXPECT_EQ(error(), "");
    write_json(R"({"server": {"options": {"tls": []}, "pulse_ingest_interval": 15}})");
    EXPECT_THAT(load(app_and({})).warnings, IsEmpty());
}

TEST_F(JsonFile, tls_options_of_the_server_are_worth_a_warning) {
    write_json(R"({"server": {"options": {"tls": {"local_cert": "a.pem"}}}})");
    EXPECT_THAT(load(app_and({})).warnings, ElementsAre(HasSubstr("server.options has no effect")));
}

TEST_F(JsonFile, an_app_needs_id_key_and_secret) {
    write_json(R"({"apps": [{"app_id": "1", "key": "k"}]})");
    EXPECT_EQ(
        error(),
        "fanfare.json: apps[0].secret is missing; expected every app to have app_id, key and secret"
    );
}

TEST_F(JsonFile, an_unknown_key_stops_the_start_and_the_nearest_is_suggested) {
    write_json(R"({"server": {"prot": 1}})");
    EXPECT_EQ(error(), "fanfare.json: server.prot is not a setting; did you mean server.port?");
    write_json(R"({"app": []})");
    EXPECT_EQ(error(), "fanfare.json: app is not a setting; did you mean apps?");
    write_app(R"(, "rate_limiting": {"max_attempt": 1})");
    EXPECT_EQ(
        error(),
        "fanfare.json: apps[0].rate_limiting.max_attempt is not a setting; did you mean "
        "apps[0].rate_limiting.max_attempts?"
    );
}

TEST_F(JsonFile, an_unknown_key_far_from_all_lists_what_there_is) {
    write_json(R"({"webserver": {}})");
    EXPECT_EQ(
        error(),
        "fanfare.json: webserver is not a setting; expected one of apps, apps_database, scaling, "
        "server"
    );
}

TEST_F(JsonFile, a_syntax_error_has_line_and_column) {
    write_json("{\n  \"server\": {\n    \"port\": 80,\n  }\n}\n");
    EXPECT_THAT(error(), StartsWith("fanfare.json:4:3: syntax error while parsing object key"));
    write_json("");
    EXPECT_THAT(error(), StartsWith("fanfare.json:1:1: syntax error"));
    write_json("{\"a\": \"\xFF\"}");
    EXPECT_THAT(error(), StartsWith("fanfare.json:1:8: syntax error"));
}

TEST_F(JsonFile, a_value_of_the_wrong_type_is_refused) {
    write_json(R"({"server": {"port": "8080"}})");
    EXPECT_THAT(error(), HasSubstr(R"(server.port: "8080" is not a port)"));
    write_json(R"({"server": {"port": 80.5}})");
    EXPECT_THAT(error(), HasSubstr("server.port: 80.5 is not a port"));
    write_json(R"({"server": {"debug": "true"}})");
    EXPECT_THAT(error(), HasSubstr("is not a switch; expected true or false"));
    write_json(R"({"server": {"api_cors_origins": "*"}})");
    EXPECT_THAT(error(), HasSubstr("is not a list; expected an array of strings"));
    write_json(R"({"server": 5})");
    EXPECT_EQ(error(), "fanfare.json: server: 5 is not a section; expected an object");
    write_json(R"({"apps": {}})");
    EXPECT_THAT(error(), HasSubstr("apps: object is not a list of apps"));
    write_json(R"({"apps": [1]})");
    EXPECT_EQ(error(), "fanfare.json: apps[0]: 1 is not an app; expected an object");
    write_json("[]");
    EXPECT_EQ(error(), "fanfare.json: not a configuration; expected a JSON object");
}

TEST_F(JsonFile, a_value_out_of_range_is_refused) {
    write_app(R"(, "activity_timeout": 0)");
    EXPECT_EQ(
        error(),
        "fanfare.json: apps[0].activity_timeout: 0 is not a number of seconds; expected a number "
        "from 1 to 86400"
    );
    write_app(R"(, "terminate_close_code": 4300)");
    EXPECT_THAT(error(), HasSubstr("is not a close code; expected a number from 4000 to 4299"));
    write_app(R"(, "accept_client_events_from": "member")");
    EXPECT_EQ(
        error(),
        "fanfare.json: apps[0].accept_client_events_from: \"member\" is not a kind of sender; "
        "expected none, members or all"
    );
    write_app(R"(, "max_connections": 0)");
    EXPECT_THAT(error(), HasSubstr("or nothing for no limit"));
}

}  // namespace

}  // namespace fanfare::config
