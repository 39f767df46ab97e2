// SPDX-License-Identifier: MIT
#include "sql/app_row.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace fanfare::apps::sql {

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Row row_with(const Row& more) {
    Row row{{"id", "7"}, {"key", "app-key"}, {"secret", "s3cret-s3cret"}};
    row.insert(row.end(), more.begin(), more.end());
    return row;
}

config::AppSettings app_with(const Row& more) {
    const AppRow read = read_app_row(row_with(more));
    EXPECT_EQ(read.complaint, "");
    return read.app == nullptr ? config::AppSettings{} : *read.app;
}

std::string complaint(const Row& row) {
    const AppRow read = read_app_row(row);
    EXPECT_EQ(read.app, nullptr);
    return read.complaint;
}

TEST(AppRow, says_nothing_by_what_is_null_missing_or_unknown) {
    config::AppSettings defaults;
    defaults.id = "7";
    defaults.key = "app-key";
    defaults.secret = "s3cret-s3cret";
    EXPECT_EQ(app_with({}), defaults);
    EXPECT_EQ(
        app_with(
            {{"max_connections", std::nullopt},
             {"enable_client_messages", std::nullopt},
             {"max_backend_events_per_sec", std::nullopt},
             {"webhooks", std::nullopt},
             {"created_at", "2024-01-01 00:00:00"},
             {"app_id", "other"},
             {"previous_keys", "a:b"}}
        ),
        defaults
    );
}

TEST(AppRow, minus_one_is_no_limit) {
    const config::AppSettings app = app_with(
        {{"max_connections", "-1"},
         {"max_backend_events_per_sec", "-1"},
         {"max_client_events_per_sec", "-1"},
         {"max_read_req_per_sec", "-1"}}
    );
    EXPECT_EQ(app.max_connections, std::nullopt);
    EXPECT_EQ(app.max_api_requests_per_second, 0U);
    EXPECT_EQ(app.max_client_events_per_second, 0U);
}

TEST(AppRow, has_soketis_optional_columns) {
    const config::AppSettings app = app_with(
        {{"enable_client_messages", "0"},
         {"enabled", "f"},
         {"max_connections", "200"},
         {"max_client_events_per_sec", "5"},
         {"max_presence_members_per_channel", "50"},
         {"max_presence_member_size_in_kb", "1.5"},
         {"max_channel_name_length", "100"},
         {"max_event_channels_at_once", "20"},
         {"max_event_name_length", "90"},
         {"max_event_payload_in_kb", "100"},
         {"max_event_batch_size", "7"},
         {"enable_user_authentication", "t"}}
    );
    EXPECT_EQ(app.accept_client_events_from, config::ClientEventSenders::none);
    EXPECT_FALSE(app.enabled);
    EXPECT_EQ(app.max_connections, 200U);
    EXPECT_EQ(app.max_client_events_per_second, 5U);
    EXPECT_EQ(app.max_presence_members, 50U);
    EXPECT_EQ(app.max_presence_member_size, 1'536U);
    EXPECT_EQ(app.max_channel_name_length, 100U);
    EXPECT_EQ(app.max_channels_per_event, 20U);
    EXPECT_EQ(app.max_event_name_length, 90U);
    EXPECT_EQ(app.max_event_data, 102'400U);
    EXPECT_EQ(app.max_batch_size, 7U);
    EXPECT_EQ(app.authorization_timeout, std::chrono::seconds(30));
}

TEST(AppRow, limits_requests_to_the_sum_of_soketis_limits) {
    const auto limit = [](const char* events, const char* reads) {
        return app_with({{"max_backend_events_per_sec", events}, {"max_read_req_per_sec", reads}}
        ).max_api_requests_per_second;
    };
    EXPECT_EQ(limit("10", "20"), 30U);
    EXPECT_EQ(limit("10", "-1"), 0U);
    EXPECT_EQ(limit("-1", "20"), 0U);
    EXPECT_EQ(limit("4294967295", "1"), std::numeric_limits<std::uint32_t>::max());
}

TEST(AppRow, may_have_our_settings_by_their_names) {
    const config::AppSettings app = app_with(
        {{"ping_interval", "20"},
         {"tls_only", "t"},
         {"allowed_origins", R"(["a.test", "*.b.test"])"},
         {"enable_client_messages", "0"},
         {"accept_client_events_from", "all"},
         {"max_api_requests_per_second", "9"},
         {"rate_limiting.enabled", "1"}}
    );
    EXPECT_EQ(app.ping_interval, std::chrono::seconds(20));
    EXPECT_TRUE(app.tls_only);
    EXPECT_THAT(app.allowed_origins, ElementsAre("a.test", "*.b.test"));
    EXPECT_EQ(app.accept_client_events_from, config::ClientEventSenders::all);
    EXPECT_EQ(app.max_api_requests_per_second, 9U);
    EXPECT_TRUE(app.rate_limiting.enabled);
    EXPECT_THAT(
        app_with({{"allowed_origins", "a.test, b.test"}}).allowed_origins,
        ElementsAre("a.test", "b.test")
    );
}

TEST(AppRow, has_webhooks_in_soketis_form) {
    const config::AppSettings app = app_with({{"webhooks", R"([
        {"url": "https://a.test", "event_types": ["channel_occupied"],
         "filter": {"channel_name_starts_with": "private-", "channel_name_ends_with": null},
         "headers": {"X-Token": "t"}}])"}});
    ASSERT_THAT(app.webhooks, SizeIs(1));
    EXPECT_THAT(app.webhooks[0].events, ElementsAre("channel_occupied"));
    EXPECT_EQ(app.webhooks[0].channel_prefix, "private-");
    EXPECT_THAT(app_with({{"webhooks", "[]"}}).webhooks, IsEmpty());
    EXPECT_THAT(app_with({{"webhooks", ""}}).webhooks, IsEmpty());
}

TEST(AppRow, is_refused_for_wrong_values_with_what_is_expected) {
    EXPECT_EQ(
        complaint(row_with({{"max_connections", "-5"}})),
        "column=max_connections value=\"-5\" expected=\"a number from 1 to 4294967295, or -1 or "
        "NULL for no limit\""
    );
    for (const Field& field :
         Row{{"max_connections", "0"},
             {"max_connections", "many"},
             {"max_client_events_per_sec", "0"},
             {"max_read_req_per_sec", "-2"},
             {"enabled", "2"},
             {"enable_client_messages", ""},
             {"max_event_payload_in_kb", "-1"},
             {"max_event_payload_in_kb", "nan"},
             {"max_event_payload_in_kb", "1e30"},
             {"max_event_batch_size", "0"},
             {"tls_only", "maybe"},
             {"ping_interval", "0"},
             {"allowed_origins", "[1]"},
             {"allowed_origins", "[\"a\""}}) {
        EXPECT_THAT(
            complaint(row_with({field})),
            AllOf(HasSubstr("column=" + field.column + " value="), HasSubstr("expected=\""))
        ) << *field.value;
    }
}

TEST(AppRow, needs_id_key_and_secret) {
    EXPECT_THAT(complaint({{"key", "k"}, {"secret", "s"}}), HasSubstr("column=id"));
    EXPECT_THAT(complaint({{"id", "7"}, {"secret", "s"}}), HasSubstr("column=key"));
    EXPECT_THAT(
        complaint({{"id", "7"}, {"key", "k"}, {"secret", std::nullopt}}), HasSubstr("column=secret")
    );
    EXPECT_EQ(
        complaint({{"id", "7"}, {"key", "k"}, {"secret", ""}}),
        "column=secret value=\"\" expected=\"a text that is not empty\""
    );
    EXPECT_THAT(complaint({{"id", "a/b"}, {"key", "k"}, {"secret", "s"}}), HasSubstr("\"a/b\""));
}

TEST(AppRow, cannot_forge_lines_of_the_log_nor_show_secrets_there) {
    EXPECT_THAT(
        complaint({{"id", "a\nb\" c"}, {"key", "k"}, {"secret", "s"}}),
        HasSubstr("value=\"a\\x0ab\\x22\\x20c\"")
    );
    EXPECT_THAT(
        complaint(row_with({{"webhooks", R"([{"url": "ftp://user:passw0rd@a.test/?token=t"}])"}})),
        AllOf(HasSubstr("column=webhooks error="), Not(HasSubstr("passw0rd")), Not(HasSubstr("=t")))
    );
}

TEST(SelectText, quotes_names_and_has_a_parameter_for_each_value) {
    EXPECT_EQ(
        select_text({'`', "", false}, "apps", "key", 2),
        "SELECT * FROM `apps` WHERE `key` IN (?, ?)"
    );
    EXPECT_EQ(
        select_text({'"', "::text", true}, "s.apps", "id", 2),
        "SELECT * FROM \"s\".\"apps\" WHERE \"id\"::text IN ($1, $2)"
    );
}

}  // namespace

}  // namespace fanfare::apps::sql
