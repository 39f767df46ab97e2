// SPDX-License-Identifier: MIT
#include "fanfare/config/loader.hpp"

#include "config_files.hpp"

#include <gmock/gmock.h>

namespace fanfare::config {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Loader : public ConfigFiles {};

class Check : public ConfigFiles {};

TEST_F(Loader, without_any_source_the_defaults_are_reverbs) {
    const Loaded loaded = load();
    EXPECT_EQ(loaded.settings.server.host, "0.0.0.0");
    EXPECT_EQ(loaded.settings.server.port, 8080);
    EXPECT_EQ(loaded.settings.server.path, "");
    EXPECT_EQ(loaded.settings.server.max_request_size, 10'000U);
    EXPECT_FALSE(loaded.settings.scaling.enabled);
    EXPECT_EQ(loaded.settings.scaling.channel, "reverb");
    EXPECT_EQ(loaded.settings.scaling.host, "127.0.0.1");
    EXPECT_EQ(loaded.settings.scaling.port, 6379);
    EXPECT_THAT(loaded.settings.apps, IsEmpty());
}

TEST_F(Loader, each_source_wins_over_the_ones_below_it) {
    Flags flags;
    EXPECT_EQ(load().settings.server.port, 8080);
    write_json(R"({"server": {"port": 1}})");
    EXPECT_EQ(load().settings.server.port, 1);
    write_dotenv("REVERB_SERVER_PORT=2");
    EXPECT_EQ(load().settings.server.port, 2);
    const Environment environment{{"REVERB_SERVER_PORT", "3"}};
    EXPECT_EQ(load(environment).settings.server.port, 3);
    flags.port = "4";
    EXPECT_EQ(load(environment, flags).settings.server.port, 4);
}

TEST_F(Loader, every_flag_reaches_its_setting) {
    Flags flags;
    flags.host = "::1";
    flags.port = "0";
    flags.path = "ws";
    flags.hostname = "ws.example.com";
    flags.shards = "3";
    flags.debug = true;
    const auto server = load({}, flags).settings.server;
    EXPECT_EQ(server.host, "::1");
    EXPECT_EQ(server.port, 0);
    EXPECT_EQ(server.path, "/ws");
    EXPECT_EQ(server.hostname, "ws.example.com");
    EXPECT_EQ(server.shards, 3U);
    EXPECT_TRUE(server.debug);
}

TEST_F(Loader, files_named_by_a_flag_are_read_instead_of_the_usual_ones) {
    write_json(R"({"server": {"port": 1, "shards": 9}})");
    write_dotenv("REVERB_SERVER_HOST=usual");
    write("other.json", R"({"server": {"port": 2}})");
    write("other.env", "REVERB_SERVER_HOST=other");
    Flags flags;
    flags.config_file = path("other.json");
    flags.env_file = path("other.env");
    const auto server = load({}, flags).settings.server;
    EXPECT_EQ(server.port, 2);
    EXPECT_EQ(server.shards, 0U);
    EXPECT_EQ(server.host, "other");
}

TEST_F(Loader, a_file_named_by_a_flag_must_be_readable) {
    Flags flags;
    flags.config_file = path("missing.json");
    EXPECT_EQ(
        error({}, flags),
        "missing.json: cannot be read (No such file or directory); expected a readable file"
    );
    flags.config_file = path("");
    EXPECT_THAT(error({}, flags), HasSubstr("cannot be read (Is a directory)"));
}

TEST_F(Loader, a_wrong_value_names_source_key_value_and_what_is_expected) {
    Flags flags;
    flags.port = "80800";
    EXPECT_EQ(
        error({}, flags),
        "command line: --port: 80800 is not a port; expected a number from 0 to 65535"
    );
    EXPECT_EQ(
        error({{"REVERB_SERVER_PORT", "http"}}),
        "environment: REVERB_SERVER_PORT: http is not a port; expected a number from 0 to 65535"
    );
    write_dotenv("\nREVERB_SERVER_PORT=-1");
    EXPECT_EQ(
        error(), ".env:2: REVERB_SERVER_PORT: -1 is not a port; expected a number from 0 to 65535"
    );
    write_json(R"({"server": {"port": 80800}})");
    EXPECT_EQ(
        error(), "fanfare.json: server.port: 80800 is not a port; expected a number from 0 to 65535"
    );
}

TEST_F(Loader, a_wrong_value_never_breaks_the_line) {
    EXPECT_EQ(
        error({{"REVERB_SERVER_HOST", "a\nb"}}),
        "environment: REVERB_SERVER_HOST: a\\x0ab is not a host; expected a host name or an IP "
        "address"
    );
    EXPECT_LT(error({{"REVERB_SERVER_PORT", std::string(10'000, '9')}}).size(), 250U);
}

TEST_F(Loader, a_secret_is_masked_in_errors) {
    EXPECT_EQ(
        error({{"REVERB_SCALING_ENABLED", "true"}, {"REDIS_URL", "http://:secret@redis"}}),
        "environment: REDIS_URL: ht… is not a Redis URL; expected "
        "redis[s]://[user[:password]@]host[:port][/database] or unix://[user[:password]@]/path"
    );
}

TEST_F(Loader, a_path_is_the_same_with_and_without_slashes) {
    for (const char* const path : {"ws", "/ws", "ws/", "/ws/", "//ws//"}) {
        EXPECT_EQ(load({{"REVERB_SERVER_PATH", path}}).settings.server.path, "/ws") << path;
    }
    EXPECT_EQ(load({{"REVERB_SERVER_PATH", "/"}}).settings.server.path, "");
    EXPECT_EQ(load({{"REVERB_SERVER_PATH", "a/b/"}}).settings.server.path, "/a/b");
    for (const char* const path : {"a b", "a?b", "a#b", "a//b", "a\tb"}) {
        EXPECT_THAT(error({{"REVERB_SERVER_PATH", path}}), HasSubstr("is not a path")) << path;
    }
}

TEST_F(Loader, a_redis_url_wins_over_the_single_settings) {
    const auto scaling = load({{"REDIS_URL", "rediss://me:p%40ss@[::1]:6380/5"},
                               {"REDIS_HOST", "other"},
                               {"REDIS_PORT", "1"}}
    ).settings.scaling;
    EXPECT_TRUE(scaling.tls);
    EXPECT_EQ(scaling.username, "me");
    EXPECT_EQ(scaling.password, "p@ss");
    EXPECT_EQ(scaling.host, "::1");
    EXPECT_EQ(scaling.port, 6380);
    EXPECT_EQ(scaling.database, 5U);
}

TEST_F(Loader, what_a_redis_url_leaves_out_comes_from_the_single_settings) {
    const auto scaling = load({{"REDIS_URL", "tcp://redis"}, {"REDIS_PORT", "7"}, {"REDIS_DB", "2"}}
    ).settings.scaling;
    EXPECT_FALSE(scaling.tls);
    EXPECT_EQ(scaling.host, "redis");
    EXPECT_EQ(scaling.port, 7);
    EXPECT_EQ(scaling.database, 2U);
}

TEST_F(Loader, a_broken_redis_url_is_refused) {
    for (const char* const url :
         {"redis",
          "redis://",
          "redis://h:0",
          "redis://h:x",
          "redis://h/x",
          "redis://h?a=b",
          "redis://%4@h",
          "redis://[::1",
          "redis://[::1]x",
          "unix://run/redis.sock",
          "unix://"}) {
        EXPECT_THAT(
            error({{"REVERB_SCALING_ENABLED", "true"}, {"REDIS_URL", url}}),
            HasSubstr("is not a Redis URL")
        ) << url;
    }
}

TEST_F(Loader, a_unix_socket_of_redis_is_a_path_as_host_or_url) {
    EXPECT_EQ(load({{"REDIS_HOST", "/run/redis.sock"}}).settings.scaling.host, "/run/redis.sock");
    const auto scaling = load({{"REDIS_URL", "unix://me:secret@/run/redis.sock"}}).settings.scaling;
    EXPECT_EQ(scaling.host, "/run/redis.sock");
    EXPECT_EQ(scaling.username, "me");
    EXPECT_EQ(scaling.password, "secret");
}

TEST_F(Loader, sentinels_and_a_redis_cluster_need_addresses) {
    const auto fault = [this](const Environment& more) {
        Environment all{{"REVERB_SCALING_ENABLED", "true"}};
        all.insert(more.begin(), more.end());
        return error(all);
    };
    EXPECT_THAT(
        fault({{"FANFARE_REDIS_TOPOLOGY", "sentinel"}}),
        HasSubstr("scaling.server.nodes (FANFARE_REDIS_NODES) is empty; expected host:port")
    );
    EXPECT_THAT(
        fault({{"FANFARE_REDIS_TOPOLOGY", "cluster"}, {"FANFARE_REDIS_NODES", "a:1,b:x"}}),
        HasSubstr("FANFARE_REDIS_NODES): b:x is not an address; expected host:port")
    );
    EXPECT_THAT(fault({{"FANFARE_REDIS_TOPOLOGY", "ring"}}), HasSubstr("is not a kind of Redis"));
    const auto scaling = load({{"REVERB_SCALING_ENABLED", "true"},
                               {"FANFARE_REDIS_TOPOLOGY", "sentinel"},
                               {"FANFARE_REDIS_NODES", "a:1,[::1]:2"}}
    ).settings.scaling;
    EXPECT_EQ(scaling.topology, RedisTopology::sentinel);
    EXPECT_THAT(scaling.nodes, ElementsAre("a:1", "[::1]:2"));
}

TEST_F(Loader, r134_reverb_does_not_speak_with_a_redis_cluster) {
    write_json(R"({"scaling": {"enabled": true, "mode": "reverb",
                   "server": {"topology": "cluster", "nodes": ["redis:7000"]}}})");
    EXPECT_NE(error().find("scaling.mode (FANFARE_SCALING_MODE)"), std::string::npos) << error();
    write_json(R"({"scaling": {"enabled": true, "mode": "reverb",
                   "server": {"topology": "sentinel", "nodes": ["redis:7000"]}}})");
    EXPECT_EQ(load({}).settings.scaling.mode, ScalingMode::reverb);
}

TEST_F(Loader, two_apps_of_one_id_or_key_are_refused) {
    write_json(R"({"apps": [{"app_id": "1", "key": "a", "secret": "x"},
                            {"app_id": 1, "key": "b", "secret": "x"}]})");
    EXPECT_EQ(
        error(),
        "fanfare.json: apps: app_id 1 is another app's too; expected each app to have its own"
    );
    write_json(R"({"apps": [{"app_id": "1", "key": "key", "secret": "x"}]})");
    EXPECT_EQ(
        error(app_and({})),
        "environment: REVERB_APP_KEY: apps: key key is another app's too; expected each app to "
        "have "
        "its own"
    );
}

TEST_F(Loader, a_previous_key_belongs_to_one_app_only) {
    write_json(R"({"apps": [{"app_id": "1", "key": "a", "secret": "x", "previous_keys": ["c:y"]},
                            {"app_id": "2", "key": "b", "secret": "x", "previous_keys": ["c:z"]}]})"
    );
    EXPECT_THAT(error(), HasSubstr("apps: key c is another app's too"));
    write_json(R"({"apps": [{"app_id": "1", "key": "a", "secret": "x"},
                            {"app_id": "2", "key": "b", "secret": "x", "previous_keys": ["a:z"]}]})"
    );
    EXPECT_THAT(error(), HasSubstr("apps: key a is another app's too"));
    write_json(R"({"apps": [{"app_id": "1", "key": "a", "secret": "x", "previous_keys": ["a:y"]}]})"
    );
    EXPECT_EQ(error(), "") << "only the secret is replaced";
}

TEST_F(Loader, a_previous_key_is_a_pair) {
    for (const char* pair : {"no-secret", "no-secret:", ":no-key", "spa ce:secret"}) {
        EXPECT_THAT(
            error(app_and({{"FANFARE_APP_PREVIOUS_KEYS", pair}})),
            HasSubstr("is not a list; expected an array of texts of the form key:secret")
        ) << pair;
    }
    const auto apps = load(app_and({{"FANFARE_APP_PREVIOUS_KEYS", "a:1:2, b:3"}})).settings.apps;
    EXPECT_THAT(apps.at(0).previous_keys, ElementsAre("a:1:2", "b:3"));
}

TEST_F(Loader, trusted_proxies_are_addresses_and_networks) {
    const auto proxies = [](const Loaded& loaded) {
        return loaded.settings.server.trusted_proxies;
    };
    write_json(R"({"server": {"trusted_proxies": ["10.0.0.0/8", "::1"]}})");
    EXPECT_THAT(proxies(load()), ElementsAre("10.0.0.0/8", "::1"));
    EXPECT_THAT(
        proxies(load({{"FANFARE_TRUSTED_PROXIES", "127.0.0.1,2001:db8::/32"}})),
        ElementsAre("127.0.0.1", "2001:db8::/32")
    );
    write_json(R"({"server": {"trusted_proxies": ["10.0.0.0/8", "nginx"]}})");
    EXPECT_EQ(
        error(),
        "fanfare.json: server.trusted_proxies: [\"10.0.0.0/8\",\"nginx\"] is not a list; expected "
        "an "
        "array of IP addresses and networks, such as 10.0.0.0/8 (in a variable: separated by "
        "commas)"
    );
}

TEST_F(Loader, the_proxy_protocol_needs_proxies_to_trust) {
    EXPECT_THAT(
        error({{"FANFARE_PROXY_PROTOCOL", "true"}}),
        HasSubstr(
            "FANFARE_PROXY_PROTOCOL): server.trusted_proxies (FANFARE_TRUSTED_PROXIES) is empty"
        )
    );
    EXPECT_EQ(
        error({{"FANFARE_PROXY_PROTOCOL", "true"}, {"FANFARE_TRUSTED_PROXIES", "10.0.0.1"}}), ""
    );
}

TEST_F(Loader, the_metrics_address_is_a_host_and_a_port_or_nothing) {
    const auto address = [](const Loaded& loaded) {
        return loaded.settings.server.metrics_address;
    };
    EXPECT_EQ(address(load()), "127.0.0.1:9601");
    EXPECT_EQ(address(load({{"FANFARE_METRICS_ADDRESS", "[::1]:0"}})), "[::1]:0");
    write_json(R"({"server": {"metrics_address": ""}})");
    EXPECT_EQ(address(load()), "");
    for (const char* text :
         {"9601", "localhost", "localhost:", ":9601", "localhost:http", "h:65536"}) {
        EXPECT_THAT(
            error({{"FANFARE_METRICS_ADDRESS", text}}),
            HasSubstr("is not an address; expected host:port, or nothing")
        ) << text;
    }
}

TEST_F(Loader, an_app_that_takes_client_events_from_all_is_worth_a_warning) {
    const auto warnings = load(app_and({{"REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all"}})).warnings;
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("apps[7].accept_client_events_from is all")));
}

TEST_F(Check, every_setting_knows_its_source) {
    write_json(R"({"server": {"shards": 2}})");
    write_dotenv("\n\nREVERB_SERVER_HOST=localhost");
    Flags flags;
    flags.debug = true;
    const Loaded loaded = load(app_and({{"REDIS_URL", "redis://redis:7"}}), flags);
    EXPECT_EQ(origin(loaded, "server.port").source, "default");
    EXPECT_EQ(origin(loaded, "server.shards").source, "fanfare.json");
    EXPECT_EQ(origin(loaded, "server.host").source, ".env:3: REVERB_SERVER_HOST");
    EXPECT_EQ(origin(loaded, "server.debug").source, "command line: --debug");
    EXPECT_EQ(origin(loaded, "scaling.server.port").source, "environment: REDIS_URL");
    EXPECT_EQ(origin(loaded, "scaling.server.database").source, "default");
    EXPECT_EQ(origin(loaded, "apps[7].key").source, "environment: REVERB_APP_KEY");
    EXPECT_EQ(origin(loaded, "apps[7].rate_limiting.max_attempts").value, "60");
}

TEST_F(Check, secrets_are_masked) {
    const Loaded loaded =
        load(app_and({{"REDIS_PASSWORD", "short"}, {"REDIS_URL", "redis://:hunter22@h"}}));
    EXPECT_EQ(origin(loaded, "apps[7].secret").value, "s3…");
    EXPECT_EQ(origin(loaded, "scaling.server.password").value, "hu…");
    const Loaded rotated = load(app_and({{"FANFARE_APP_PREVIOUS_KEYS", "old:hunter22,o:s"}}));
    EXPECT_EQ(origin(rotated, "apps[7].previous_keys").value, "ol…, ***");
    EXPECT_THAT(describe(loaded), Not(HasSubstr("s3cret")));
    EXPECT_THAT(describe(loaded), Not(HasSubstr("hunter")));
    EXPECT_EQ(origin(load({{"REDIS_PASSWORD", "short"}}), "scaling.server.password").value, "***");
}

TEST_F(Check, the_table_is_aligned_by_characters) {
    Loaded loaded;
    loaded.origins = {{"a", "ab…", "default"}, {"server.port", "8080", "command line: --port"}};
    EXPECT_EQ(
        describe(loaded),
        "SETTING      VALUE  SOURCE\n"
        "a            ab…    default\n"
        "server.port  8080   command line: --port\n"
    );
}

}  // namespace

}  // namespace fanfare::config
