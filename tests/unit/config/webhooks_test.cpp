// SPDX-License-Identifier: MIT
#include "config_files.hpp"

#include "fanfare/config/http_url.hpp"

#include <gmock/gmock.h>

namespace fanfare::config {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

class Webhooks : public ConfigFiles {
protected:
    void write_webhooks(const std::string& json) const {
        write_json(
            R"({"apps": [{"app_id": "1", "key": "k", "secret": "s", "webhooks": )" + json + "}]}"
        );
    }

    [[nodiscard]] std::vector<WebhookSettings> webhooks(const std::string& json) const {
        write_webhooks(json);
        return load().settings.apps.at(0).webhooks;
    }

    /// The complaint about a webhook with a URL and these keys.
    [[nodiscard]] std::string error_with(const std::string& keys) const {
        write_webhooks(R"([{"url": "http://h", )" + keys + "}]");
        return error();
    }
};

TEST_F(Webhooks, an_object_has_url_filters_and_headers) {
    const auto all = webhooks(R"([{"url": "https://user:pw@h:1/p?q=1",
        "events": ["channel_occupied", "client_event"],
        "channel_prefix": "private-", "channel_suffix": "-x",
        "headers": {"Authorization": "Bearer t", "X-Empty": ""}}, {"url": "http://[::1]:8000"}])");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].url, "https://user:pw@h:1/p?q=1");
    EXPECT_THAT(all[0].events, ElementsAre("channel_occupied", "client_event"));
    EXPECT_EQ(all[0].channel_prefix, "private-");
    EXPECT_EQ(all[0].channel_suffix, "-x");
    EXPECT_THAT(
        all[0].headers, ElementsAre(Pair("Authorization", "Bearer t"), Pair("X-Empty", ""))
    );
    EXPECT_THAT(all[1].events, IsEmpty());
    EXPECT_THAT(all[1].headers, IsEmpty());
}

TEST_F(Webhooks, soketis_form_means_the_same) {
    const auto all = webhooks(R"([{"url": "http://h", "event_types": ["cache_miss"],
        "filter": {"channel_name_starts_with": "a", "channel_name_ends_with": "z"}}])");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_THAT(all[0].events, ElementsAre("cache_miss"));
    EXPECT_EQ(all[0].channel_prefix, "a");
    EXPECT_EQ(all[0].channel_suffix, "z");
}

TEST_F(Webhooks, one_without_filters_may_be_its_url) {
    const auto all = webhooks(R"(["http://a", "https://b"])");
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[1].url, "https://b");
    EXPECT_THAT(webhooks("null"), IsEmpty());
}

TEST_F(Webhooks, the_variable_replaces_the_list_by_urls) {
    write_json(R"({"apps": [{"app_id": "7", "key": "k", "secret": "s", "webhooks": ["http://old"],
                             "webhook_timeout": 9}]})");
    const auto app = load(app_and(
                              {{"FANFARE_APP_WEBHOOK_URL", "http://a, https://b"},
                               {"FANFARE_APP_WEBHOOK_BATCHING", "off"},
                               {"FANFARE_APP_WEBHOOK_BATCH_WINDOW_MS", "50"}}
                          )
    ).settings.apps.at(0);
    ASSERT_EQ(app.webhooks.size(), 2U);
    EXPECT_EQ(app.webhooks[0].url, "http://a");
    EXPECT_EQ(app.webhooks[1].url, "https://b");
    EXPECT_FALSE(app.webhook_delivery.batching);
    EXPECT_EQ(app.webhook_delivery.batch_window.count(), 50);
    EXPECT_EQ(app.webhook_delivery.timeout.count(), 9);
}

TEST_F(Webhooks, a_wrong_url_is_refused_without_its_secrets) {
    EXPECT_EQ(
        error(app_and({{"FANFARE_APP_WEBHOOK_URL", "http://a,ftp://user:pw@b/c?token=t"}})),
        "environment: FANFARE_APP_WEBHOOK_URL: apps[7].webhooks[1].url: ftp://b/c is not a URL; "
        "expected http:// or https:// and a host"
    );
    write_webhooks(R"([{"events": []}])");
    EXPECT_THAT(error(), HasSubstr(R"(fanfare.json: apps[1].webhooks[0].url: "" is not a URL)"));
}

TEST_F(Webhooks, a_wrong_event_is_refused_with_the_nearest) {
    EXPECT_EQ(
        error_with(R"("events": ["member_added", "channel_ocupied"])"),
        "fanfare.json: apps[1].webhooks[0].events: channel_ocupied is not a webhook event; did you "
        "mean channel_occupied?"
    );
    EXPECT_EQ(
        error_with(R"("events": ["everything"])"),
        "fanfare.json: apps[1].webhooks[0].events: everything is not a webhook event; expected "
        "some of channel_occupied, channel_vacated, member_added, member_removed, client_event, "
        "cache_miss, subscription_count"
    );
}

TEST_F(Webhooks, headers_of_fanfare_and_http_are_refused_in_any_case) {
    for (const char* const name :
         {"Content-Type",
          "content-length",
          "HOST",
          "User-Agent",
          "x-pusher-key",
          "X-Pusher-Other",
          "Transfer-Encoding"}) {
        EXPECT_EQ(
            error_with("\"headers\": {\"" + std::string(name) + "\": \"v\"}"),
            "fanfare.json: apps[1].webhooks[0].headers: " + std::string(name) +
                " is set by Fanfare or by HTTP; expected other headers"
        );
    }
}

TEST_F(Webhooks, a_header_cannot_smuggle_another_one_and_its_value_is_not_shown) {
    const std::string broken_value = error_with(R"("headers": {"A": "s3cret\r\nHost: x"})");
    EXPECT_THAT(broken_value, HasSubstr("webhooks[0].headers.A: has a control character"));
    EXPECT_THAT(broken_value, Not(HasSubstr("s3cret")));
    EXPECT_THAT(
        error_with(R"("headers": {"A: b": "v"})"), HasSubstr("A: b is not the name of a header")
    );
    EXPECT_THAT(error_with(R"("headers": {"A": 1})"), HasSubstr("expected an object of strings"));
}

TEST_F(Webhooks, another_shape_is_refused) {
    EXPECT_EQ(
        error_with(R"("event": [])"),
        "fanfare.json: apps[0].webhooks[0].event is not a setting; did you mean "
        "apps[0].webhooks[0].events?"
    );
    write_webhooks(R"({"url": "http://h"})");
    EXPECT_THAT(error(), HasSubstr("apps[0].webhooks: object is not a list of webhooks"));
    write_webhooks("[1]");
    EXPECT_THAT(error(), HasSubstr("apps[0].webhooks[0]: 1 is not a webhook"));
}

TEST_F(Webhooks, check_shows_where_they_go_and_no_secret) {
    write_webhooks(R"([{"url": "http://user:pw@h/p?token=t", "events": ["cache_miss"],
        "channel_prefix": "private-", "headers": {"A": "s3cret", "B": "s3cret"}}, "https://b"])");
    const Loaded loaded = load();
    const std::string key = "apps[1].webhooks";
    EXPECT_EQ(origin(loaded, key).value, "http://h/p, https://b");
    EXPECT_EQ(origin(loaded, key).source, "fanfare.json");
    EXPECT_EQ(origin(loaded, key + "[1].url").value, "https://b");
    EXPECT_EQ(origin(loaded, key + "[0].events").value, "cache_miss");
    EXPECT_EQ(origin(loaded, key + "[0].channel_prefix").value, "private-");
    EXPECT_EQ(origin(loaded, key + "[0].headers").value, "A, B");
    EXPECT_EQ(origin(loaded, "apps[1].webhook_batch_window_ms").value, "500");
    const std::string shown = describe(loaded);
    for (const char* const secret : {"pw", "token", "s3cret"}) {
        EXPECT_THAT(shown, Not(HasSubstr(secret)));
    }
}

TEST(HttpUrl, needs_a_scheme_a_host_and_no_spaces) {
    for (const char* const right :
         {"http://h",
          "https://h.example:443/",
          "http://127.0.0.1?q",
          "https://u:p@h/a@b",
          "http://[::1]:80/x"}) {
        EXPECT_TRUE(is_http_url(right)) << right;
    }
    for (const char* const wrong :
         {"",
          "h",
          "http:/h",
          "http://",
          "http:///x",
          "http://h:0",
          "http://h:70000",
          "http://h:x",
          "ftp://h",
          "http://h/a b",
          "http://u@",
          "http://h/\n",
          "http://h#x",
          "//h"}) {
        EXPECT_FALSE(is_http_url(wrong)) << wrong;
    }
}

TEST(HttpUrl, is_shown_without_user_and_query) {
    EXPECT_EQ(shown_url("https://u:p@h:1/a?token=t"), "https://h:1/a");
    EXPECT_EQ(shown_url("https://u:p@ss@h/a@b"), "https://h/a@b");
    EXPECT_EQ(shown_url("http://h/a"), "http://h/a");
    EXPECT_EQ(shown_url("u:p@h"), "h");
}

}  // namespace

}  // namespace fanfare::config
