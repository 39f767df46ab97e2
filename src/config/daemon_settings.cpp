// SPDX-License-Identifier: MIT
#include "apps_database_settings.hpp"
#include "rules.hpp"

#include <array>

namespace fanfare::config {

namespace {

template <auto... Path>
constexpr Setting<Settings> server(const Description& about) {
    return row<Settings, &Settings::server, Path...>(about);
}

template <auto Field>
constexpr Setting<Settings> scaling(const Description& about) {
    return row<Settings, &Settings::scaling, Field>(about);
}

constexpr Rule a_host = text("a host", "a host name or an IP address", host_name);
constexpr Rule a_public_host =
    text("a host", "a host name, without scheme and port", host_name_or_empty);
constexpr Rule host_or_nothing = text("a host", "a host name", host_name_or_empty);
constexpr Rule an_address_or_nothing =
    text("an address", "host:port, or nothing", address_or_empty);
constexpr Rule a_path =
    text("a path", "a URL path such as /ws, without spaces, ? and #", path_prefix);
constexpr std::array<std::string_view, 2> scaling_modes{"fanfare", "reverb"};
constexpr std::array<std::string_view, 3> topologies{"single", "sentinel", "cluster"};
constexpr std::array<std::string_view, 3> log_formats{"auto", "text", "json"};
constexpr Rule a_redis_host =
    text("a host", "a host name, an IP address or the path of a Unix socket", host_or_socket);
constexpr Rule a_redis_channel = text("a channel name", "a text that is not empty", non_empty);
constexpr Rule a_credential = text("a credential", "a text", any_text);
constexpr Rule a_redis_url = text(
    "a Redis URL",
    "redis[s]://[user[:password]@]host[:port][/database] or unix://[user[:password]@]/path",
    redis_url_or_empty
);

constexpr std::array daemon_rows{
    server<&ServerSettings::host>({
        .key = "server.host",
        .env = "REVERB_SERVER_HOST",
        .flag = "--host",
        .rule = a_host,
        .doc = "Address to listen on.",
    }),
    server<&ServerSettings::port>({
        .key = "server.port",
        .env = "REVERB_SERVER_PORT",
        .flag = "--port",
        .rule = number("a port", 0, 65'535),
        .doc = "TCP port to listen on; 0 = any free port.",
    }),
    server<&ServerSettings::path>({
        .key = "server.path",
        .env = "REVERB_SERVER_PATH",
        .flag = "--path",
        .rule = a_path,
        .doc = "Prefix of every route; ws, /ws and /ws/ are the same.",
    }),
    server<&ServerSettings::hostname>({
        .key = "server.hostname",
        .env = "REVERB_HOST",
        .flag = "--hostname",
        .rule = a_public_host,
        .doc = "Host name that clients use; for information, never bound.",
    }),
    server<&ServerSettings::max_request_size>({
        .key = "server.max_request_size",
        .env = "REVERB_MAX_REQUEST_SIZE",
        .rule = bytes(1, gibibyte),
        .doc = "Bytes of an HTTP request: request line, headers and body.",
    }),
    server<&ServerSettings::shards>({
        .key = "server.shards",
        .env = "FANFARE_SHARDS",
        .flag = "--shards",
        .rule = number("a number of shards", 0, 1'024),
        .doc = "Threads that serve connections; 0 = one per core.",
    }),
    server<&ServerSettings::max_backlog>({
        .key = "server.max_backlog",
        .env = "FANFARE_MAX_BACKLOG",
        .rule = bytes(1'024, gibibyte),
        .doc = "Bytes queued for one slow connection before it is closed with 4100.",
    }),
    server<&ServerSettings::max_cache_bytes>({
        .key = "server.max_cache_bytes",
        .env = "FANFARE_MAX_CACHE_BYTES",
        .rule = bytes(0, 1'024 * gibibyte),
        .doc = "Bytes of the events that cache channels keep; the oldest go first.",
    }),
    server<&ServerSettings::drain_window>({
        .key = "server.drain_window",
        .env = "FANFARE_DRAIN_WINDOW",
        .rule = seconds(0, 3'600),
        .doc = "Seconds over which a stopping server spreads the closing of its connections.",
    }),
    server<&ServerSettings::auth_timestamp_tolerance>({
        .key = "server.auth_timestamp_tolerance",
        .env = "FANFARE_AUTH_TIMESTAMP_TOLERANCE",
        .rule = seconds(0, 10 * day),
        .doc = "Seconds an API request's auth_timestamp may be off; 0 = not checked, as in Reverb.",
    }),
    server<&ServerSettings::api_cors_origins>({
        .key = "server.api_cors_origins",
        .env = "FANFARE_API_CORS_ORIGINS",
        .rule = list,
        .doc = "Origins whose pages may call the HTTP API; none by default.",
    }),
    server<&ServerSettings::trusted_proxies>({
        .key = "server.trusted_proxies",
        .env = "FANFARE_TRUSTED_PROXIES",
        .rule = list_of("IP addresses and networks, such as 10.0.0.0/8", ip_network),
        .doc = "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    }),
    server<&ServerSettings::proxy_protocol>({
        .key = "server.proxy_protocol",
        .env = "FANFARE_PROXY_PROTOCOL",
        .rule = boolean,
        .doc = "Connections from trusted_proxies begin with a PROXY header (version 1 or 2).",
    }),
    server<&ServerSettings::max_connections_per_ip>({
        .key = "server.max_connections_per_ip",
        .env = "FANFARE_MAX_CONNECTIONS_PER_IP",
        .rule = number("a number of connections", 0, any_count),
        .doc = "Clients of one address (IPv6: of one /64), more get 4100; 0 = no limit.",
    }),
    server<&ServerSettings::tls, &TlsSettings::certificate_file>({
        .key = "server.tls_certificate_file",
        .env = "FANFARE_TLS_CERTIFICATE_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Certificate in PEM with its chain, which makes the port speak TLS; empty = plain.",
    }),
    server<&ServerSettings::tls, &TlsSettings::key_file>({
        .key = "server.tls_key_file",
        .env = "FANFARE_TLS_KEY_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Its key in PEM; empty = it is in the certificate's file.",
    }),
    server<&ServerSettings::tls, &TlsSettings::more_certificates>({
        .key = "server.tls_more_certificates",
        .env = "FANFARE_TLS_MORE_CERTIFICATES",
        .rule = list,
        .doc = "Further certificates for other names, each CERTIFICATE:KEY or one file with both.",
    }),
    server<&ServerSettings::tls, &TlsSettings::client_ca_file>({
        .key = "server.tls_client_ca_file",
        .env = "FANFARE_TLS_CLIENT_CA_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Clients need a certificate signed by one of these; empty = they need none.",
    }),
    server<&ServerSettings::metrics_address>({
        .key = "server.metrics_address",
        .env = "FANFARE_METRICS_ADDRESS",
        .rule = an_address_or_nothing,
        .doc = "Where Prometheus finds GET /metrics; empty = nowhere.",
    }),
    server<&ServerSettings::soketi_monitoring>({
        .key = "server.soketi_monitoring",
        .env = "FANFARE_SOKETI_MONITORING",
        .rule = boolean,
        .doc = "Show soketi's metric names as well, and answer /, /accept-traffic and /usage.",
    }),
    server<&ServerSettings::strict_ready>({
        .key = "server.strict_ready",
        .env = "FANFARE_STRICT_READY",
        .rule = boolean,
        .doc = "Answer /ready with 503 also while Redis or the apps' database is away.",
    }),
    server<&ServerSettings::root_ok>({
        .key = "server.root_ok",
        .env = "FANFARE_ROOT_OK",
        .rule = boolean,
        .doc = "Answer GET / with 200 OK, as soketi does.",
    }),
    server<&ServerSettings::debug>({
        .key = "server.debug",
        .env = "FANFARE_DEBUG",
        .flag = "--debug",
        .rule = boolean,
        .doc = "Log every connection, message and request, without what they carry.",
    }),
    server<&ServerSettings::log_format>({
        .key = "server.log_format",
        .env = "FANFARE_LOG_FORMAT",
        .rule = choice("a format", log_formats),
        .doc = "text: for people. json: one object a line. auto: text on a terminal, else json.",
    }),
    server<&ServerSettings::control_socket>({
        .key = "server.control_socket",
        .env = "FANFARE_CONTROL_SOCKET",
        .rule = text("a path", "a path, auto, or nothing", any_text),
        .doc = "Unix socket for fanfare status and the like; auto: by the port, in /run/fanfare, "
               "$XDG_RUNTIME_DIR or /tmp; empty = none.",
    }),
    scaling<&ScalingSettings::enabled>({
        .key = "scaling.enabled",
        .env = "REVERB_SCALING_ENABLED",
        .rule = boolean,
        .doc = "Join the other servers of the cluster through Redis.",
    }),
    scaling<&ScalingSettings::mode>({
        .key = "scaling.mode",
        .env = "FANFARE_SCALING_MODE",
        .rule = choice("a mode", scaling_modes),
        .doc = "fanfare: all servers are Fanfare's. reverb: Reverb's are among them.",
    }),
    scaling<&ScalingSettings::channel>({
        .key = "scaling.channel",
        .env = "REVERB_SCALING_CHANNEL",
        .rule = a_redis_channel,
        .doc = "Name of the cluster in Redis; with Reverb, the Redis channel that all share.",
    }),
    scaling<&ScalingSettings::lease>({
        .key = "scaling.lease",
        .env = "FANFARE_SCALING_LEASE",
        .rule = seconds(1, 600),
        .doc = "Seconds within which the death of a server is dealt with.",
    }),
    scaling<&ScalingSettings::max_queued_bytes>({
        .key = "scaling.max_queued_bytes",
        .env = "FANFARE_SCALING_MAX_QUEUED_BYTES",
        .rule = bytes(1, gibibyte),
        .doc = "Bytes of events kept for the other servers while Redis is away; then 503.",
    }),
    scaling<&ScalingSettings::topology>({
        .key = "scaling.server.topology",
        .env = "FANFARE_REDIS_TOPOLOGY",
        .rule = choice("a kind of Redis", topologies),
        .doc = "single server, sentinel, or cluster.",
    }),
    scaling<&ScalingSettings::nodes>({
        .key = "scaling.server.nodes",
        .env = "FANFARE_REDIS_NODES",
        .rule = list,
        .doc = "host:port of the sentinels, or of some nodes of the Redis Cluster.",
    }),
    scaling<&ScalingSettings::master_name>({
        .key = "scaling.server.master_name",
        .env = "FANFARE_REDIS_MASTER_NAME",
        .rule = text("a name", "a text that is not empty", non_empty),
        .doc = "What the sentinels call the master.",
    }),
    scaling<&ScalingSettings::sentinel_username>({
        .key = "scaling.server.sentinel_username",
        .env = "FANFARE_REDIS_SENTINEL_USERNAME",
        .rule = a_credential,
        .doc = "User of sentinels with access control lists.",
    }),
    scaling<&ScalingSettings::sentinel_password>({
        .key = "scaling.server.sentinel_password",
        .env = "FANFARE_REDIS_SENTINEL_PASSWORD",
        .rule = a_credential,
        .doc = "Password of the sentinels.",
        .secret = true,
    }),
    scaling<&ScalingSettings::url>({
        .key = "scaling.server.url",
        .env = "REDIS_URL",
        .rule = a_redis_url,
        .doc = "Where Redis is, in one; what it says overrides the settings below.",
        .secret = true,
    }),
    scaling<&ScalingSettings::host>({
        .key = "scaling.server.host",
        .env = "REDIS_HOST",
        .rule = a_redis_host,
        .doc = "Host of Redis, or the path of its Unix socket.",
    }),
    scaling<&ScalingSettings::port>({
        .key = "scaling.server.port",
        .env = "REDIS_PORT",
        .rule = number("a port", 0, 65'535),
        .doc = "Port of Redis; of no account with a Unix socket.",
    }),
    scaling<&ScalingSettings::username>({
        .key = "scaling.server.username",
        .env = "REDIS_USERNAME",
        .rule = a_credential,
        .doc = "User of a Redis with access control lists.",
    }),
    scaling<&ScalingSettings::password>({
        .key = "scaling.server.password",
        .env = "REDIS_PASSWORD",
        .rule = a_credential,
        .doc = "Password of Redis.",
        .secret = true,
    }),
    scaling<&ScalingSettings::database>({
        .key = "scaling.server.database",
        .env = "REDIS_DB",
        .rule = number("a database", 0, 65'535),
        .doc = "Number of the Redis database; the bus itself is the same in all of them.",
    }),
    scaling<&ScalingSettings::timeout>({
        .key = "scaling.server.timeout",
        .env = "REDIS_TIMEOUT",
        .rule = seconds(1, 3'600),
        .doc = "Seconds to wait for Redis.",
    }),
    scaling<&ScalingSettings::tls>({
        .key = "scaling.server.tls",
        .env = "FANFARE_REDIS_TLS",
        .rule = boolean,
        .doc = "Speak TLS to Redis; a rediss:// or tls:// url says so too.",
    }),
    scaling<&ScalingSettings::tls_verify>({
        .key = "scaling.server.tls_verify",
        .env = "FANFARE_REDIS_TLS_VERIFY",
        .rule = boolean,
        .doc = "Insist on a valid certificate of Redis.",
    }),
    scaling<&ScalingSettings::tls_ca_file>({
        .key = "scaling.server.tls_ca_file",
        .env = "FANFARE_REDIS_TLS_CA_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Certificates that are trusted; empty = the system's.",
    }),
    scaling<&ScalingSettings::tls_certificate_file>({
        .key = "scaling.server.tls_certificate_file",
        .env = "FANFARE_REDIS_TLS_CERTIFICATE_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Certificate that is shown to Redis; empty = none.",
    }),
    scaling<&ScalingSettings::tls_key_file>({
        .key = "scaling.server.tls_key_file",
        .env = "FANFARE_REDIS_TLS_KEY_FILE",
        .rule = text("a path", "a text", any_text),
        .doc = "Key of that certificate.",
    }),
    scaling<&ScalingSettings::tls_server_name>({
        .key = "scaling.server.tls_server_name",
        .env = "FANFARE_REDIS_TLS_SERVER_NAME",
        .rule = host_or_nothing,
        .doc = "Name that the certificate of Redis must bear; empty = its host.",
    }),
};

constexpr std::array ignored{
    Ignored{"REVERB_SERVER", "there is one kind of server"},
    Ignored{"REVERB_PORT", "the public port: for the app and its clients, never bound"},
    Ignored{"REVERB_SCHEME", "the public scheme: for the app and its clients"},
    Ignored{"REVERB_PULSE_INGEST_INTERVAL", "Laravel Pulse runs in the app"},
    Ignored{"REVERB_TELESCOPE_INGEST_INTERVAL", "Laravel Telescope runs in the app"},
};

}  // namespace

std::string local_host(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

template <>
std::span<const Setting<Settings>> table<Settings>() {
    static const std::vector<Setting<Settings>> rows = [] {
        std::vector<Setting<Settings>> all(daemon_rows.begin(), daemon_rows.end());
        const auto more = apps_database_rows();
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return rows;
}

std::span<const Ignored> ignored_variables() {
    return ignored;
}

}  // namespace fanfare::config
