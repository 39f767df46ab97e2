// SPDX-License-Identifier: MIT
#include "rules.hpp"

#include "fanfare/config/http_url.hpp"

#include <array>

namespace fanfare::config {

namespace {

template <auto... Path>
constexpr Setting<AppSettings> app(const Description& about) {
    return row<AppSettings, Path...>(about);
}

constexpr std::array<std::string_view, 3> senders{"none", "members", "all"};
constexpr std::array<std::string_view, 3> subscription_errors{"both", "reverb", "channel"};
constexpr std::array<std::string_view, 3> terminate_matches{"both", "signin", "presence"};
constexpr std::array<std::string_view, 2> charsets{"strict", "lenient"};

constexpr Rule an_app_id =
    text("an app id", "a text without spaces and any of / : ? #", credential);
constexpr Rule an_app_key =
    text("an app key", "a text without spaces and any of / : ? #", credential);
constexpr Rule an_app_secret = text("a secret", "a text that is not empty", non_empty);

Value webhook_urls(const AppSettings& app) {
    std::vector<std::string> urls;
    for (const WebhookSettings& webhook : app.webhooks) urls.push_back(shown_url(webhook.url));
    return urls;
}

void set_webhook_urls(AppSettings& app, const Value& urls) {
    app.webhooks.clear();
    for (const std::string& url : std::get<std::vector<std::string>>(urls)) {
        app.webhooks.emplace_back().url = url;
    }
}

constexpr Rule or_no_limit(Rule rule) {
    rule.optional = true;
    return rule;
}

constexpr std::array app_rows{
    app<&AppSettings::id>({
        .key = "app_id",
        .env = "REVERB_APP_ID",
        .rule = an_app_id,
        .doc = "Id of the app, in the paths of the HTTP API.",
    }),
    app<&AppSettings::key>({
        .key = "key",
        .env = "REVERB_APP_KEY",
        .rule = an_app_key,
        .doc = "Public key of the app; clients connect with it.",
    }),
    app<&AppSettings::secret>({
        .key = "secret",
        .env = "REVERB_APP_SECRET",
        .rule = an_app_secret,
        .doc = "Secret of the app; signs API requests and channel subscriptions.",
        .secret = true,
    }),
    app<&AppSettings::previous_keys>({
        .key = "previous_keys",
        .env = "FANFARE_APP_PREVIOUS_KEYS",
        .rule = list_of("texts of the form key:secret", key_and_secret),
        .doc = "Further pairs that are valid, so that a key or secret can be replaced in peace.",
        .secret = true,
    }),
    app<&AppSettings::enabled>({
        .key = "enabled",
        .env = "FANFARE_APP_ENABLED",
        .rule = boolean,
        .doc = "Off: connections are refused with 4003, API requests with 403.",
    }),
    app<&AppSettings::tls_only>({
        .key = "tls_only",
        .env = "FANFARE_APP_TLS_ONLY",
        .rule = boolean,
        .doc = "Refuse connections that are not encrypted (4000).",
    }),
    app<&AppSettings::allowed_origins>({
        .key = "allowed_origins",
        .env = "FANFARE_APP_ALLOWED_ORIGINS",
        .rule = list,
        .doc = "Hosts whose pages may connect; * stands for any run of characters.",
    }),
    app<&AppSettings::ping_interval>({
        .key = "ping_interval",
        .env = "REVERB_APP_PING_INTERVAL",
        .rule = seconds(1, day),
        .doc = "Seconds of silence after which the server pings a client.",
    }),
    app<&AppSettings::pong_timeout>({
        .key = "pong_timeout",
        .env = "FANFARE_APP_PONG_TIMEOUT",
        .rule = seconds(1, day),
        .doc = "Seconds a client has to answer a ping before it is closed with 4201.",
    }),
    app<&AppSettings::activity_timeout>({
        .key = "activity_timeout",
        .env = "REVERB_APP_ACTIVITY_TIMEOUT",
        .rule = seconds(1, day),
        .doc = "Seconds of silence after which clients are told to ping the server.",
    }),
    app<&AppSettings::max_connections>({
        .key = "max_connections",
        .env = "REVERB_APP_MAX_CONNECTIONS",
        .rule = or_no_limit(number("a number of connections", 1, any_count)),
        .doc = "Connections the app may have; more are refused with 4004.",
    }),
    app<&AppSettings::max_api_requests_per_second>({
        .key = "max_api_requests_per_second",
        .env = "FANFARE_APP_MAX_API_REQUESTS_PER_SECOND",
        .rule = number("a number of requests", 0, any_count),
        .doc = "Requests to the HTTP API of each server in a second, more get 429; 0 = no limit.",
    }),
    app<&AppSettings::max_message_size>({
        .key = "max_message_size",
        .env = "REVERB_APP_MAX_MESSAGE_SIZE",
        .rule = bytes(1, gibibyte),
        .doc = "Bytes of a client's message; a longer one closes the connection with 1009.",
    }),
    app<&AppSettings::accept_client_events_from>({
        .key = "accept_client_events_from",
        .env = "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM",
        .rule = choice("a kind of sender", senders),
        .doc = "Who may send client events; an app of a file without this key: all, as in Reverb.",
    }),
    app<&AppSettings::client_events_public>({
        .key = "client_events_public",
        .env = "FANFARE_APP_CLIENT_EVENTS_PUBLIC",
        .rule = boolean,
        .doc = "Relay client events on public channels too, as Reverb does.",
    }),
    app<&AppSettings::max_client_events_per_second>({
        .key = "max_client_events_per_second",
        .env = "FANFARE_APP_MAX_CLIENT_EVENTS_PER_SECOND",
        .rule = number("a number of events", 0, any_count),
        .doc =
            "Client events of a connection in a second (Pusher: 10); 0 = no limit, as in Reverb.",
    }),
    app<&AppSettings::rate_limiting, &RateLimiting::enabled>({
        .key = "rate_limiting.enabled",
        .env = "REVERB_APP_RATE_LIMITING_ENABLED",
        .rule = boolean,
        .doc = "Limit the messages of each connection.",
    }),
    app<&AppSettings::rate_limiting, &RateLimiting::max_attempts>({
        .key = "rate_limiting.max_attempts",
        .env = "REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS",
        .rule = number("a number of messages", 1, any_count),
        .doc = "Messages a connection may send in decay_seconds.",
    }),
    app<&AppSettings::rate_limiting, &RateLimiting::decay>({
        .key = "rate_limiting.decay_seconds",
        .env = "REVERB_APP_RATE_LIMIT_DECAY_SECONDS",
        .rule = seconds(1, day),
        .doc = "Seconds in which max_attempts counts.",
    }),
    app<&AppSettings::rate_limiting, &RateLimiting::terminate_on_limit>({
        .key = "rate_limiting.terminate_on_limit",
        .env = "REVERB_APP_RATE_LIMIT_TERMINATE",
        .rule = boolean,
        .doc = "Close a connection that goes over the limit.",
    }),
    app<&AppSettings::subscription_errors>({
        .key = "subscription_errors",
        .env = "FANFARE_APP_SUBSCRIPTION_ERRORS",
        .rule = choice("a form of error", subscription_errors),
        .doc = "Frames that answer a refused subscription: Reverb's, the channel's own, or both.",
    }),
    app<&AppSettings::channel_charset>({
        .key = "channel_charset",
        .env = "FANFARE_APP_CHANNEL_CHARSET",
        .rule = choice("a character set", charsets),
        .doc = "Characters of channel names: Pusher's, or nearly all.",
    }),
    app<&AppSettings::max_channel_name_length>({
        .key = "max_channel_name_length",
        .env = "FANFARE_APP_MAX_CHANNEL_NAME_LENGTH",
        .rule = number("a length", 1, 65'535),
        .doc = "Length of a channel's name, prefix included.",
    }),
    app<&AppSettings::max_event_name_length>({
        .key = "max_event_name_length",
        .env = "FANFARE_APP_MAX_EVENT_NAME_LENGTH",
        .rule = number("a length", 1, 65'535),
        .doc = "Length of an event's name.",
    }),
    app<&AppSettings::max_event_data>({
        .key = "max_event_data",
        .env = "FANFARE_APP_MAX_EVENT_DATA",
        .rule = bytes(0, gibibyte),
        .doc = "Bytes of an event's data; 0 = only the request or message is limited.",
    }),
    app<&AppSettings::max_channels_per_event>({
        .key = "max_channels_per_event",
        .env = "FANFARE_APP_MAX_CHANNELS_PER_EVENT",
        .rule = number("a number of channels", 1, 100'000),
        .doc = "Channels of one published event.",
    }),
    app<&AppSettings::max_batch_size>({
        .key = "max_batch_size",
        .env = "FANFARE_APP_MAX_BATCH_SIZE",
        .rule = number("a number of events", 1, 100'000),
        .doc = "Events of one batch.",
    }),
    app<&AppSettings::max_subscriptions>({
        .key = "max_subscriptions",
        .env = "FANFARE_APP_MAX_SUBSCRIPTIONS",
        .rule = number("a number of channels", 1, 1'000'000),
        .doc = "Channels one connection may be in.",
    }),
    app<&AppSettings::max_presence_members>({
        .key = "max_presence_members",
        .env = "FANFARE_APP_MAX_PRESENCE_MEMBERS",
        .rule = number("a number of users", 0, any_count),
        .doc = "Users of a presence channel; 0 = no limit, as in Reverb.",
    }),
    app<&AppSettings::max_presence_member_size>({
        .key = "max_presence_member_size",
        .env = "FANFARE_APP_MAX_PRESENCE_MEMBER_SIZE",
        .rule = bytes(0, gibibyte),
        .doc = "Bytes of a presence member's channel_data; 0 = no limit, as in Reverb.",
    }),
    app<&AppSettings::cache_ttl>({
        .key = "cache_ttl",
        .env = "FANFARE_APP_CACHE_TTL",
        .rule = seconds(0, 365 * day),
        .doc = "Seconds a cache channel keeps its last event; 0 = as long as there is room.",
    }),
    app<&AppSettings::allow_reserved_event_names>({
        .key = "allow_reserved_event_names",
        .env = "FANFARE_APP_ALLOW_RESERVED_EVENT_NAMES",
        .rule = boolean,
        .doc = "Let the API publish pusher: and pusher_internal: events, as Reverb does.",
    }),
    app<&AppSettings::terminate_matches>({
        .key = "terminate_matches",
        .env = "FANFARE_APP_TERMINATE_MATCHES",
        .rule = choice("a kind of user", terminate_matches),
        .doc = "Whom terminate_connections ends: signed-in users, presence members, or both.",
    }),
    app<&AppSettings::terminate_close_code>({
        .key = "terminate_close_code",
        .env = "FANFARE_APP_TERMINATE_CLOSE_CODE",
        .rule = number("a close code", 4'000, 4'299),
        .doc = "Close code of terminated users: 4009 keeps them away, 4200 lets them come back.",
    }),
    app<&AppSettings::watchlist_events>({
        .key = "watchlist_events",
        .env = "FANFARE_APP_WATCHLIST_EVENTS",
        .rule = boolean,
        .doc = "Tell signed-in users who of their watchlist comes online and goes offline.",
    }),
    app<&AppSettings::subscription_count>({
        .key = "subscription_count",
        .env = "FANFARE_APP_SUBSCRIPTION_COUNT",
        .rule = boolean,
        .doc = "Tell the subscribers of a channel how many they are; not in presence channels.",
    }),
    app<&AppSettings::authorization_timeout>({
        .key = "authorization_timeout",
        .env = "FANFARE_APP_AUTHORIZATION_TIMEOUT",
        .rule = seconds(0, day),
        .doc = "Seconds a connection has to sign in or join a private channel; 0 = for ever.",
    }),
    Setting<AppSettings>{
        .about =
            {
                .key = "webhooks",
                .env = "FANFARE_APP_WEBHOOK_URL",
                .rule = list,
                .doc = "Where the app's webhooks go; by the variable: all events to each URL.",
            },
        .get = webhook_urls,
        .set = set_webhook_urls,
    },
    app<&AppSettings::webhook_delivery, &WebhookDelivery::batching>({
        .key = "webhook_batching",
        .env = "FANFARE_APP_WEBHOOK_BATCHING",
        .rule = boolean,
        .doc = "Several events in one request; off: a request for each.",
    }),
    app<&AppSettings::webhook_delivery, &WebhookDelivery::batch_size>({
        .key = "webhook_batch_size",
        .env = "FANFARE_APP_WEBHOOK_BATCH_SIZE",
        .rule = number("a number of events", 1, 10'000),
        .doc = "Events of one request at most.",
    }),
    app<&AppSettings::webhook_delivery, &WebhookDelivery::batch_window>({
        .key = "webhook_batch_window_ms",
        .env = "FANFARE_APP_WEBHOOK_BATCH_WINDOW_MS",
        .rule = milliseconds(0, 60'000),
        .doc = "Milliseconds an event waits for others to share its request.",
    }),
    app<&AppSettings::webhook_debounce>({
        .key = "webhook_debounce_ms",
        .env = "FANFARE_APP_WEBHOOK_DEBOUNCE_MS",
        .rule = milliseconds(0, 60'000),
        .doc = "Milliseconds in which a channel or user may come back before it is reported gone.",
    }),
    app<&AppSettings::webhook_delivery, &WebhookDelivery::timeout>({
        .key = "webhook_timeout",
        .env = "FANFARE_APP_WEBHOOK_TIMEOUT",
        .rule = seconds(1, 300),
        .doc = "Seconds a receiver has to answer.",
    }),
    app<&AppSettings::webhook_delivery, &WebhookDelivery::tls_verify>({
        .key = "webhook_tls_verify",
        .env = "FANFARE_APP_WEBHOOK_TLS_VERIFY",
        .rule = boolean,
        .doc = "Insist on a valid certificate of a receiver.",
    }),
    app<&AppSettings::webhook_delivery, &WebhookDelivery::tls_ca_file>({
        .key = "webhook_tls_ca_file",
        .env = "FANFARE_APP_WEBHOOK_TLS_CA_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Certificates that are trusted; empty = the system's.",
    }),
};

}  // namespace

std::vector<std::string> keys_of(const AppSettings& app) {
    std::vector<std::string> keys{app.key};
    for (const std::string& pair : app.previous_keys)
        keys.push_back(pair.substr(0, pair.find(':')));
    return keys;
}

template <>
std::span<const Setting<AppSettings>> table<AppSettings>() {
    return app_rows;
}

}  // namespace fanfare::config
