// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fanfare::config {

/// Who may send `client-*` events (Reverb: `accept_client_events_from`).
enum class ClientEventSenders {
    none,     ///< nobody; the sender gets error 4301
    members,  ///< connections subscribed to the channel
    all,      ///< any connection of the app
};

/// Which frames answer a refused subscription (protocol.md 2.3).
enum class SubscriptionErrors {
    both,     ///< `pusher:subscription_error`, then `pusher:error`
    reverb,   ///< `pusher:error` only
    channel,  ///< `pusher:subscription_error` only
};

/// Whom `terminate_connections` ends (protocol.md 5.6).
enum class TerminateMatches {
    both,      ///< all of the following
    signin,    ///< connections that are signed in as the user, as Pusher does
    presence,  ///< members of presence channels with its id, as Reverb does
};

/// Which characters a channel name may have (protocol.md 2.6).
enum class ChannelCharset {
    strict,   ///< Pusher's: letters, digits and `_-=@,.;`
    lenient,  ///< any UTF-8 but control characters, space, `"`, `\`, `/` and a leading `#`
};

/// Reverb's per-connection limit on inbound messages.
struct RateLimiting {
    bool enabled = false;
    std::uint32_t max_attempts = 60;
    std::chrono::seconds decay{60};
    bool terminate_on_limit = false;

    bool operator==(const RateLimiting&) const = default;
};

/// An address that is told of an app's events. What is empty filters nothing.
struct WebhookSettings {
    std::string url;
    std::vector<std::string> events;  ///< the names of protocol.md 6 that it takes
    std::string channel_prefix;
    std::string channel_suffix;
    std::map<std::string, std::string> headers;  ///< sent in addition to Pusher's

    bool operator==(const WebhookSettings&) const = default;
};

/// How an app's webhooks are sent.
struct WebhookDelivery {
    bool batching = true;  ///< off: a request for each event
    std::size_t batch_size = 100;
    std::chrono::milliseconds batch_window{500};
    std::chrono::seconds timeout{4};
    bool tls_verify = true;
    std::string tls_ca_file;  ///< empty: the system's

    bool operator==(const WebhookDelivery&) const = default;
};

/// One app: its credentials and everything that may differ between two apps. Sizes are bytes, and a
/// limit of 0 that is documented as "0 = none" switches the limit off.
struct AppSettings {
    std::string id;
    std::string key;
    std::string secret;
    std::vector<std::string> previous_keys;  ///< `key:secret`, valid besides the above
    bool enabled = true;
    bool tls_only = false;
    std::vector<std::string> allowed_origins{"*"};
    std::chrono::seconds ping_interval{60};
    std::chrono::seconds pong_timeout{30};
    std::chrono::seconds activity_timeout{30};
    std::optional<std::uint32_t> max_connections;
    std::uint32_t max_api_requests_per_second = 0;  ///< on each node, 0 = none
    std::size_t max_message_size = 10'000;
    ClientEventSenders accept_client_events_from = ClientEventSenders::members;
    bool client_events_public = true;
    std::uint32_t max_client_events_per_second = 0;  ///< of a connection, 0 = none
    RateLimiting rate_limiting;
    SubscriptionErrors subscription_errors = SubscriptionErrors::both;
    ChannelCharset channel_charset = ChannelCharset::strict;
    std::size_t max_channel_name_length = 200;
    std::size_t max_event_name_length = 200;
    std::size_t max_event_data = 0;  ///< 0 = bounded by the request or message only
    std::size_t max_channels_per_event = 100;
    std::size_t max_batch_size = 10;
    std::size_t max_subscriptions = 1'000;         ///< per connection
    std::size_t max_presence_members = 100;        ///< users per channel, 0 = none
    std::size_t max_presence_member_size = 2'048;  ///< bytes of `channel_data`, 0 = none
    std::chrono::seconds cache_ttl{1'800};         ///< of cache channels, 0 = while there is room
    bool allow_reserved_event_names = false;
    TerminateMatches terminate_matches = TerminateMatches::both;
    std::uint32_t terminate_close_code = 4009;
    bool watchlist_events = false;
    bool subscription_count = false;                ///< tell subscribers how many they are
    std::chrono::seconds authorization_timeout{0};  ///< 0 = connections need not prove anything
    std::vector<WebhookSettings> webhooks;
    WebhookDelivery webhook_delivery;
    std::chrono::milliseconds webhook_debounce{3'000};

    bool operator==(const AppSettings&) const = default;
};

/// An app's settings at a time. A change makes new ones, so that whoever has these may go on.
using SharedAppSettings = std::shared_ptr<const AppSettings>;

/// The app's key and its previous ones.
[[nodiscard]] std::vector<std::string> keys_of(const AppSettings& app);

/// TLS of the port, which is plain without a certificate.
struct TlsSettings {
    std::string certificate_file;                ///< PEM, with its chain
    std::string key_file;                        ///< empty: the key is in the certificate's file
    std::vector<std::string> more_certificates;  ///< `certificate:key`, or one file; chosen by SNI
    std::string client_ca_file;                  ///< empty: clients need no certificate
};

/// The daemon itself.
/// How lines of the log are written.
enum class LogFormat {
    automatic,  ///< for people on a terminal, otherwise for programs
    text,
    json,
};

struct ServerSettings {
    std::string host = "0.0.0.0";
    std::uint16_t port = 8080;  ///< 0 = any free port (printed when ready)
    std::string path;           ///< normalised: empty, or `/prefix` without a trailing slash
    std::string hostname;       ///< the public host name; informative, never bound
    std::size_t max_request_size = 10'000;
    std::uint32_t shards = 0;             ///< 0 = one per core
    std::size_t max_backlog = 1'048'576;  ///< bytes queued for one connection before it is closed
    std::size_t max_cache_bytes = 67'108'864;  ///< of the events that cache channels keep
    std::chrono::seconds drain_window{10};
    std::chrono::seconds auth_timestamp_tolerance{600};  ///< 0 = not checked
    std::vector<std::string> api_cors_origins;
    std::vector<std::string> trusted_proxies;  ///< addresses and networks
    bool proxy_protocol = false;               ///< trusted proxies speak it
    std::uint32_t max_connections_per_ip = 0;  ///< 0 = none
    TlsSettings tls;
    std::string metrics_address = "127.0.0.1:9601";  ///< `host:port`, empty = off
    bool soketi_monitoring = false;                  ///< soketi's metric names and health paths
    bool strict_ready = false;                       ///< `/ready` is 503 while degraded, too
    bool root_ok = false;                            ///< `GET /` answers 200 `OK`, as soketi does
    bool debug = false;
    LogFormat log_format = LogFormat::automatic;
    std::string control_socket = "auto";  ///< a path; empty = none; see control/socket_path.hpp
};

/// Where a client on the same machine finds a server that listens on `host`.
[[nodiscard]] std::string local_host(const std::string& host);

/// With whom the cluster is: other Fanfare nodes, or Reverb's.
enum class ScalingMode { fanfare, reverb };

/// What kind of Redis it is: one server, a master named by sentinels, or a Redis Cluster.
enum class RedisTopology { single, sentinel, cluster };

/// Where the cluster bus is (Reverb: `scaling`).
struct ScalingSettings {
    bool enabled = false;
    ScalingMode mode = ScalingMode::fanfare;
    std::string channel = "reverb";
    std::chrono::seconds lease{10};             ///< in which the death of a node is dealt with
    std::size_t max_queued_bytes = 16'777'216;  ///< of events, while Redis is away
    RedisTopology topology = RedisTopology::single;
    std::vector<std::string>
        nodes;  ///< `host:port` of sentinels, or of the nodes of a Redis Cluster
    std::string master_name = "mymaster";  ///< as the sentinels call it
    std::string sentinel_username;
    std::string sentinel_password;
    std::string url;  ///< as given; already taken apart into the fields below, which it overrides
    std::string host = "127.0.0.1";  ///< or the absolute path of a Unix socket
    std::uint16_t port = 6379;
    std::string username;
    std::string password;
    std::uint32_t database = 0;
    std::chrono::seconds timeout{60};
    bool tls = false;  ///< also by a `rediss://` url
    bool tls_verify = true;
    std::string tls_ca_file;           ///< empty: the system's
    std::string tls_certificate_file;  ///< of this client; empty: none
    std::string tls_key_file;
    std::string tls_server_name;  ///< in Redis' certificate; empty: the host
};

/// What kind of SQL database the apps are in, besides those of the file and the variables.
enum class DatabaseDriver {
    none,
    sqlite,
    postgres,
    mysql,
    laravel,  ///< that of DB_CONNECTION, DB_HOST and so on; after `load` it is one of the above
};

/// Where the apps' database is: a table as soketi has it (docs/apps-database.md).
struct AppsDatabaseSettings {
    DatabaseDriver driver = DatabaseDriver::none;
    std::string host = "127.0.0.1";  ///< or the path of a Unix socket, of PostgreSQL its folder
    std::uint16_t port = 0;          ///< 0 = the driver's usual one
    std::string database;            ///< its name, or the path of an SQLite file
    std::string username;
    std::string password;
    std::string table = "apps";             ///< perhaps `schema.table`
    std::chrono::seconds ttl{60};           ///< after which an app is looked up again
    std::chrono::seconds negative_ttl{10};  ///< for which an app that is not there is not looked up
    std::chrono::seconds timeout{5};        ///< to connect, and to answer

    bool operator==(const AppsDatabaseSettings&) const = default;
};

/// All that is in force: built once at start (and at each reload), then immutable and passed down.
struct Settings {
    ServerSettings server;
    ScalingSettings scaling;
    AppsDatabaseSettings apps_database;
    std::vector<AppSettings> apps;
};

}  // namespace fanfare::config
